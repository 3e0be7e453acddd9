test_that("layerbridge masks keras3's functions when attached last, and not when first", {
  run <- function(...) {
    code <- withr::local_tempfile(fileext = ".R", lines = c(
      sprintf("suppressMessages(library(%s))", c(...)),
      "cat(environmentName(topenv(environment(layer_spatial_dropout_2d))))"
    ))
    system2(file.path(R.home("bin"), "Rscript"), shQuote(code), stdout = TRUE)
  }
  expect_identical(run("keras3", "layerbridge"), "layerbridge")
  expect_identical(run("layerbridge", "keras3"), "keras3")
})

test_that("layer_spatial_dropout_*() take every argument that keras3's take", {
  for (rank in 1:3) {
    name <- sprintf("layer_spatial_dropout_%dd", rank)
    theirs <- formals(getExportedValue("keras3", name))
    ours <- formals(getExportedValue("layerbridge", name))
    expect_identical(as.list(ours)[names(theirs)], as.list(theirs))
  }
})

test_that("a Sequential model of keras3 takes our layers in its pipe", {
  model <- small_model()
  expect_identical(
    vapply(model$layers, class_of, ""),
    c("Conv2D", "DropBlock2D", "SpatialDropout2D", "Flatten", "Dense")
  )
  expect_identical(dim(predict(model, images(2), verbose = 0)), c(2L, 1L))
})

test_that("a functional model of keras3 takes our layers in its pipe", {
  input <- keras_input(shape = c(12, 12, 3))
  output <- input |>
    layer_conv_2d(filters = 4, kernel_size = 3) |>
    layer_dropblock_2d(rate = 0.2, block_size = 3) |>
    layer_spatial_dropout_2d(rate = 0.2) |>
    layer_flatten() |>
    layer_dense(units = 1)
  model <- keras_model(input, output)
  expect_length(model$layers, 6L)
  expect_identical(dim(predict(model, images(2), verbose = 0)), c(2L, 1L))
})

test_that("tensors of keras3 and R arrays are composed with", {
  x <- op_ones(c(2, 6, 6, 3))
  expect_equal(as.array(layer_dropblock_2d(x, rate = 0.5, block_size = 2)), as.array(x))
  expect_equal(as.array(layer_dropblock_2d(as.array(x), rate = 0.5, block_size = 2)), as.array(x))
})

test_that("a layer made without `object` is piped into later, as a layer of keras3 is", {
  drop <- layer_dropblock_2d(rate = 0.2, block_size = 3)
  model <- keras_model_sequential(input_shape = c(12, 12, 3)) |> drop()
  expect_identical(class_of(model$layers[[1]]), "DropBlock2D")

  output <- keras_input(shape = c(12, 12, 3)) |> drop()
  expect_s3_class(output, "keras.src.backend.common.keras_tensor.KerasTensor")
  expect_true(any(as.array(drop(op_ones(c(4, 12, 12, 3)), training = TRUE)) == 0))
})

test_that("layer() of keras3 and our layers go into one keras_model_sequential(layers =)", {
  layers <- list(layer_dropblock_2d(rate = 0.2, block_size = 3), layer_flatten())
  model <- keras_model_sequential(input_shape = c(12, 12, 3), layers = layers)
  expect_length(model$layers, 2L)
})

test_that("fit() trains with callbacks", {
  set_random_seed(1)
  model <- small_model()
  model |> compile(optimizer = optimizer_adam(0.01), loss = "mse")
  epochs <- integer()
  x <- images()
  history <- model |> fit(
    x, x[, 5, 5, 1],
    epochs = 3, verbose = 0,
    callbacks = list(
      callback_lambda(on_epoch_end = function(epoch, logs) epochs <<- c(epochs, epoch)),
      callback_early_stopping(monitor = "loss", patience = 5)
    )
  )
  expect_length(epochs, 3L)
  expect_length(history$metrics$loss, 3L)
  expect_true(all(is.finite(history$metrics$loss)))
  expect_s3_class(as.data.frame(history), "data.frame")
})

test_that("every learning rate schedule of keras3 serves as rate", {
  schedules <- list(
    learning_rate_schedule_cosine_decay(0.4, 10),
    learning_rate_schedule_cosine_decay_restarts(0.4, 10),
    learning_rate_schedule_exponential_decay(0.4, 10, 0.5),
    learning_rate_schedule_inverse_time_decay(0.4, 10, 0.5),
    learning_rate_schedule_piecewise_constant_decay(c(5, 10), c(0.1, 0.2, 0.3)),
    learning_rate_schedule_polynomial_decay(0.4, 10)
  )
  for (schedule in schedules) {
    layer <- layer_spatial_dropout_2d(rate = schedule)
    expect_equal(layer$current_rate, as.numeric(schedule(0L)))
    for (step in 1:3) layer(op_ones(c(1, 2, 2, 1)), training = TRUE)
    expect_equal(layer$current_rate, as.numeric(schedule(3L)))
  }
  expect_error(
    layer_spatial_dropout_2d(rate = optimizer_adam()), "`rate` must be", class = "layerbridge_error"
  )
})

# Its loss is the share of units that its layers keep; training changes nothing.
kept_model <- function(rate) {
  model <- keras_model_sequential(input_shape = c(8, 8, 4)) |>
    layer_dropblock_2d(rate = rate, block_size = 3, normalize = "none", name = "block") |>
    layer_global_average_pooling_2d() |>
    layer_dense(1, use_bias = FALSE, kernel_initializer = initializer_constant(0.25))
  model |> compile(optimizer = optimizer_sgd(0), loss = \(y, kept) op_mean(kept))
  model
}

kept <- function(model, epochs, ...) {
  history <- model |> fit(
    array(1, c(16, 8, 8, 4)), array(0, c(16, 1)),
    epochs = epochs, batch_size = 16, verbose = 0, ...
  )
  history$metrics
}

test_that("fit() trains at the rates of a schedule, and goes on with them after load_model()", {
  schedule <- learning_rate_schedule_piecewise_constant_decay(c(0L, 1L, 3L), c(0, 1, 0, 1))
  model <- kept_model(schedule)
  expect_equal(kept(model, 2)$loss, c(1, 0))
  file <- withr::local_tempfile(fileext = ".keras")
  save_model(model, file)
  loaded <- load_model(file, compile = FALSE)
  loaded |> compile(optimizer = optimizer_sgd(0), loss = \(y, kept) op_mean(kept))
  expect_equal(kept(loaded, 3)$loss, c(1, 1, 0))
})

test_that("callback_drop_rate_scheduler() drives a model in fit()", {
  schedules <- list(
    learning_rate_schedule_piecewise_constant_decay(c(1L, 2L), c(0, 0.5, 1)),
    function(step) c(0, 0, 0.5, 1)[step + 1]
  )
  for (schedule in schedules) {
    metrics <- kept(kept_model(0.3), 4, callbacks = list(callback_drop_rate_scheduler(schedule)))
    expect_equal(metrics$drop_rate, c(0, 0, 0.5, 1))
    expect_equal(metrics$loss[c(1, 2, 4)], c(1, 1, 0))
  }
})

test_that("add_dropblock() takes a model of keras3 in its pipe", {
  input <- keras_input(shape = c(12, 12, 3))
  output <- input |>
    layer_conv_2d(4, 3, name = "conv") |>
    layer_batch_normalization(name = "norm") |>
    layer_activation_relu() |>
    layer_flatten()
  model <- keras_model(input, output)
  schedule <- learning_rate_schedule_polynomial_decay(0.1, 10)
  dropped <- model |> add_dropblock(schedule, 3, layers = "conv")
  expect_identical(class_of(get_layer(dropped, "norm_dropblock")), "DropBlock2D")
  x <- images(2)
  expect_equal(predict(dropped, x, verbose = 0), predict(model, x, verbose = 0))
})

test_that("freeze_weights() and unfreeze_weights() pass over our layers", {
  model <- small_model()
  freeze_weights(model, from = "block")
  expect_false(get_layer(model, "block")$trainable)
  expect_false(get_layer(model, "spatial")$trainable)
  expect_true(get_layer(model, "conv")$trainable)
  unfreeze_weights(model, from = "block")
  expect_true(get_layer(model, "block")$trainable)
  expect_length(get_layer(model, "block")$weights, 0L)
})

test_that("save_model() and load_model() need no custom_objects, in a fresh process too", {
  model <- small_model()
  file <- withr::local_tempfile(fileext = ".keras")
  save_model(model, file)
  x <- images(2)
  loaded <- load_model(file)
  expect_equal(predict(loaded, x, verbose = 0), predict(model, x, verbose = 0))
  expect_equal(get_config(get_layer(loaded, "block")), get_config(get_layer(model, "block")))

  for (packages in list(c("keras3", "layerbridge"), c("layerbridge", "keras3"))) {
    code <- withr::local_tempfile(fileext = ".R", lines = c(
      sprintf("suppressMessages(library(%s))", packages),
      sprintf("model <- load_model(%s)", deparse(file)),
      "cat('rate:', get_layer(model, 'block')$rate)"
    ))
    said <- system2(file.path(R.home("bin"), "Rscript"), shQuote(code), stdout = TRUE)
    expect_match(said, "rate: 0.2", all = FALSE)
  }
})

test_that("clone_model() keeps our layers and their settings", {
  model <- small_model()
  clone <- clone_model(model)
  expect_false(identical(reticulate::py_id(clone), reticulate::py_id(model)))
  expect_equal(get_config(get_layer(clone, "block")), get_config(get_layer(model, "block")))
})

test_that("our layers hold with keras3's own config and metadata functions", {
  model <- small_model()
  again <- from_config(get_config(model))
  expect_length(again$layers, 5L)
  expect_output(print(model), "block")
  expect_length(get_weights(get_layer(model, "block")), 0L)
})

test_that("spatial dropout of every rank drops whole channels, as keras3's does", {
  cases <- list(
    list(keras3::layer_spatial_dropout_1d, layerbridge::layer_spatial_dropout_1d, c(8, 6, 16)),
    list(keras3::layer_spatial_dropout_2d, layerbridge::layer_spatial_dropout_2d, c(8, 6, 6, 16)),
    list(keras3::layer_spatial_dropout_3d, layerbridge::layer_spatial_dropout_3d, c(8, 4, 4, 4, 16))
  )
  for (case in cases) {
    x <- array(1, case[[3]])
    for (make in case[1:2]) {
      y <- as.array(make(rate = 0.5, seed = 1)(x, training = TRUE))
      planes <- apply(y, c(1, length(dim(y))), function(plane) length(unique(c(plane))))
      expect_true(all(planes == 1))
      expect_setequal(unique(round(c(y == 0))), c(0, 1))
    }
  }
})

test_that("set_random_seed() repeats training bit for bit, across save_model() and load_model()", {
  x <- images()
  train <- function(model, epochs) {
    model |> fit(x, x[, 5, 5, 1], epochs = epochs, shuffle = FALSE, verbose = 0)
    model
  }
  trained <- function(epochs) {
    set_random_seed(1)
    model <- small_model()
    model |> compile(optimizer = optimizer_adam(0.01), loss = "mse")
    train(model, epochs)
  }
  weights <- get_weights(trained(4))
  expect_identical(get_weights(trained(4)), weights)

  file <- withr::local_tempfile(fileext = ".keras")
  save_model(trained(2), file)
  expect_identical(get_weights(train(load_model(file), 2)), weights)
})
