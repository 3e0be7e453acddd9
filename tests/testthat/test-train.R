test_that("a model with every layer trains in fit(), with reticulate alone", {
  skip_if_no_keras()
  keras()$utils$set_random_seed(1L)
  x <- array(rnorm(64 * 8 * 8 * 1), c(64, 8, 8, 1))
  y <- as.array(as.integer(x[, 4, 4, 1] > 0))
  layers <- keras()$layers
  model <- sequential(8, 8, 1)
  model$add(layers$Conv2D(8L, 3L, padding = "same"))
  model |> layer_dropblock_2d(rate = 0.1, block_size = 3)
  model |> layer_spatial_dropout_2d(rate = 0.1)
  model$add(layers$Flatten())
  model$add(layers$Dense(1L, activation = "sigmoid"))
  model$compile(optimizer = keras()$optimizers$Adam(0.05), loss = "binary_crossentropy")
  history <- model$fit(x, y, epochs = 5L, batch_size = 16L, verbose = 0L)
  losses <- unlist(history$history$loss)
  expect_length(losses, 5L)
  expect_true(all(is.finite(losses)))
  expect_lt(losses[5], losses[1])
})

test_that("one and three dimensions train as well", {
  skip_if_no_keras()
  cases <- list(
    list(c(16, 12, 3), function(m) layer_dropblock_1d(m, rate = 0.2, block_size = 4)),
    list(c(16, 6, 6, 6, 2), function(m) layer_dropblock_3d(m, rate = 0.2, block_size = 2))
  )
  for (case in cases) {
    x <- array(rnorm(prod(case[[1]])), case[[1]])
    model <- do.call(sequential, as.list(case[[1]][-1]))
    case[[2]](model)
    model$add(keras()$layers$Flatten())
    model$add(keras()$layers$Dense(1L))
    model$compile(optimizer = "adam", loss = "mse")
    history <- model$fit(x, as.array(rnorm(16)), epochs = 1L, verbose = 0L)
    expect_true(is.finite(history$history$loss[[1]]))
  }
})

test_that("a saved model predicts what it predicted", {
  skip_if_no_keras()
  x <- array(rnorm(3 * 8 * 8 * 2), c(3, 8, 8, 2))
  model <- sequential(8, 8, 2)
  model$add(keras()$layers$Conv2D(4L, 3L))
  model |>
    layer_dropblock_2d(rate = 0.3, block_size = c(2, 3), normalize = "sample", name = "drop") |>
    layer_spatial_dropout_2d(rate = 0.2)
  for (extension in c(".keras", ".h5")) {
    file <- withr::local_tempfile(fileext = extension)
    suppressWarnings(model$save(file))
    loaded <- keras()$models$load_model(file)
    expect_identical(loaded$predict(x, verbose = 0L), model$predict(x, verbose = 0L))
    expect_equal(
      loaded$get_layer("drop")$get_config(), model$get_layer("drop")$get_config()
    )
  }
})
