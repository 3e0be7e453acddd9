test_that("predict_samples() gives an array with the samples along its first axis", {
  skip_if_no_keras()
  model <- sequential(6L, 6L, 2L) |> layer_dropblock_2d(rate = 0.3, block_size = 2)
  x <- array(1, c(5, 6, 6, 2))
  drawn <- predict_samples(model, x, samples = 3, batch_size = 2)
  expect_identical(dim(drawn), c(3L, 5L, 6L, 6L, 2L))
  expect_true(any(drawn == 0))
  expect_false(identical(drawn[1, , , , ], drawn[2, , , , ]))
  expect_identical(as_r(model$predict(x, verbose = 0L)), x)
})

test_that("predict_samples() holds masks where told", {
  skip_if_no_keras()
  model <- keras()$Sequential(list(keras()$Input(shape = reticulate::tuple(8L)), keras()$layers$Dropout(0.5)))
  drawn <- predict_samples(model, matrix(1, 6, 8), samples = 4, batch_size = 4, hold_masks = TRUE)
  expect_identical(drawn, drawn[, rep(1, 6), ])
  expect_true(any(drawn == 0) && any(drawn == 2))
})

test_that("predict_samples() says what `model` must be", {
  skip_if_no_keras()
  expect_error(predict_samples("a", 1), "`model` must be a Keras model; received \"a\"")
})
