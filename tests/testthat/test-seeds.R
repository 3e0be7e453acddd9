dropped <- function() {
  layer <- layer_dropblock_2d(rate = 0.3, block_size = 3)
  as_r(layer(array(1, c(2, 9, 9, 4)), training = TRUE))
}

test_that("Keras's seed and reticulate's repeat what is dropped", {
  skip_if_no_keras()
  for (set_seed in list(keras()$utils$set_random_seed, reticulate::py_set_seed)) {
    set_seed(1L)
    first <- dropped()
    second <- dropped()
    set_seed(1L)
    expect_identical(dropped(), first)
    expect_false(identical(second, first))
  }
})

test_that("a seed repeats training bit for bit, across saving and loading", {
  skip_if_no_keras()
  x <- array(rnorm(32 * 8 * 8), c(32, 8, 8, 1))
  y <- as.array(x[, 4, 4, 1])
  new_model <- function() {
    keras()$utils$set_random_seed(2L)
    model <- sequential(8, 8, 1) |> layer_dropblock_2d(rate = 0.2, block_size = 3)
    model$add(keras()$layers$Flatten())
    model$add(keras()$layers$Dense(1L))
    model$compile(optimizer = "adam", loss = "mse")
    model
  }
  train <- function(model, epochs) {
    model$fit(x, y, epochs = epochs, shuffle = FALSE, verbose = 0L)
    model
  }
  weights <- train(new_model(), 4L)$get_weights()
  expect_identical(train(new_model(), 4L)$get_weights(), weights)

  file <- withr::local_tempfile(fileext = ".keras")
  train(new_model(), 2L)$save(file)
  expect_identical(train(keras()$models$load_model(file), 2L)$get_weights(), weights)
})
