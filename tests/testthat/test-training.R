# A model whose loss is the share of ones that its layers keep; training changes nothing.
kept_model <- function(...) {
  k <- keras()$layers
  model <- sequential(8, 8, 4)
  for (layer in list(...)) model$add(layer)
  model$add(k$GlobalAveragePooling2D())
  model$add(k$Dense(1L, use_bias = FALSE, kernel_initializer = keras()$initializers$Constant(0.25)))
  model$compile(keras()$optimizers$SGD(0), loss = function(y, kept) keras()$ops$mean(kept))
  model
}

kept <- function(model, epochs, ...) {
  x <- array(1, c(16, 8, 8, 4))
  history <- model$fit(
    x, array(0, c(16, 1)), epochs = as.integer(epochs), batch_size = 16L, verbose = 0L, ...
  )
  lapply(history$history, unlist)
}

dropblock <- function(rate, ...) layer_dropblock_2d(rate = rate, block_size = 3, normalize = "none", ...)

test_that("schedule_linear_ramp() gives the rates that are promised", {
  skip_if_no_keras()
  ramp <- schedule_linear_ramp(0, 0.25, 5)
  expect_identical(ramp(0:5), c(0, 0.0625, 0.125, 0.1875, 0.25, 0.25))
  expect_identical(ramp(1), 0.0625)
  expect_output(print(ramp), "<LinearRamp start=0, stop=0.25, steps=5>", fixed = TRUE)
  expect_error(ramp(NA), "`step` must not be NA", class = "layerbridge_error")
  expect_error(ramp(), "step", class = "layerbridge_error")
  expect_error(schedule_linear_ramp(0, 1.5, 5), "`stop` must be a number between 0 and 1", class = "layerbridge_error")
  expect_error(schedule_linear_ramp(0, 1, 2.5), "`steps` must be an integer of at least 2; received 2.5")
})

test_that("a layer takes schedules of ours and of Keras, and trains at their rates", {
  skip_if_no_keras()
  steps <- keras()$optimizers$schedules$PiecewiseConstantDecay(list(0L, 1L), list(0, 1, 0))
  expect_equal(kept(kept_model(dropblock(steps)), 3)$loss, c(1, 0, 1))
  layer <- dropblock(schedule_linear_ramp(0, 1, 2))
  expect_equal(kept(kept_model(layer), 3)$loss, c(1, 0, 0))
  expect_equal(layer$current_rate, 1)
})

test_that("a rate set between two trainings takes effect in the compiled model", {
  skip_if_no_keras()
  layer <- dropblock(0)
  model <- kept_model(layer)
  expect_equal(kept(model, 1)$loss, 1)
  layer$rate <- 1
  expect_equal(kept(model, 1)$loss, 0)
})

test_that("callback_drop_rate_scheduler() drives a model, by batch and by epoch", {
  skip_if_no_keras()
  for (by in c("batch", "epoch")) {
    model <- kept_model(dropblock(0.5, name = "a"), dropblock(0.5, name = "b"))
    scheduler <- callback_drop_rate_scheduler(
      function(step) if (step < 2) 0 else 0.5, by = by, factors = c(a = 0, "*" = 2)
    )
    history <- kept(model, 4, callbacks = list(scheduler))
    expect_equal(history$loss, c(1, 1, 0, 0))
    expect_equal(history$drop_rate, c(0, 0, 0.5, 0.5))
    expect_equal(c(model$get_layer("a")$rate, model$get_layer("b")$rate), c(0, 1))
  }
  for (factors in list(c(0.1, 0.2), c(a = 0.1, 0.2), "a")) {
    expect_error(
      callback_drop_rate_scheduler(function(step) 0, factors = factors),
      "`factors` must have a name for each value; received (0.1, 0.2|a)[.]"
    )
  }
  expect_error(callback_drop_rate_scheduler(0.5), "`schedule` must be a schedule or a function")
  expect_error(
    kept(kept_model(), 1, callbacks = list(callback_drop_rate_scheduler(schedule_linear_ramp(0, 1, 2)))),
    "needs a model with layers of layerbridge"
  )
})

test_that("add_dropblock() pipes a model into one with DropBlock", {
  skip_if_no_keras()
  k <- keras()$layers
  model <- keras()$Sequential(list(
    keras()$Input(shape(8, 8, 3)),
    k$Conv2D(4L, 3L, name = "conv"), k$BatchNormalization(name = "norm"), k$ReLU(),
    k$Conv2D(4L, 3L, name = "last"), k$Flatten()
  ))
  x <- array(rnorm(2 * 8 * 8 * 3), c(2, 8, 8, 3))
  added <- function(model) {
    names <- vapply(model$layers, function(layer) layer$name, "")
    names[grepl("dropblock", names)]
  }
  dropped <- model |> add_dropblock(0.2, c(2, 3), layers = "conv", seed = 1)
  expect_identical(added(dropped), "norm_dropblock")
  expect_equal(config(dropped$get_layer("norm_dropblock"))$block_size, list(2L, 3L))
  expect_identical(dropped$predict(x, verbose = 0L), model$predict(x, verbose = 0L))

  both <- c("norm_dropblock", "last_dropblock")
  expect_identical(added(add_dropblock(model, 0.2, layers = c("conv", "last"))), both)
  scaled <- add_dropblock(model, 0.2, layers = c(last = 0.5, "*" = 1))
  expect_equal(scaled$get_layer("last_dropblock")$rate, 0.1)
  chosen <- add_dropblock(model, 0.2, layers = function(layer) layer$name == "last")
  expect_identical(added(chosen), "last_dropblock")

  expect_error(add_dropblock(model, 0.2, layers = "conf"), "Did you mean 'conv'?", fixed = TRUE)
  expect_error(
    add_dropblock(model, 0.2, layers = function(layer) NA),
    "The function given as `layers` must not return NA.",
    class = "layerbridge_error"
  )
  expect_error(
    add_dropblock(model, 0.2, layers = function() TRUE),
    "`layers` is called on one argument, and failed on the layer 'conv': unused argument",
    class = "layerbridge_error"
  )
  expect_error(add_dropblock(model, 0.5, layers = c(conv = 3)), "the factor 3 for 'norm'", class = "layerbridge_error")
  expect_error(add_dropblock(1, 0.2), "`model` must be a built functional or Sequential model")
})

test_that("plan_dropblock() prints where DropBlock would go", {
  skip_if_no_keras()
  k <- keras()$layers
  model <- keras()$Sequential(list(
    keras()$Input(shape(32, 32, 3)), k$Conv2D(4L, 3L, strides = 2L, name = "first"),
    k$Conv2D(4L, 3L, strides = 2L, name = "last"), k$GlobalMaxPooling2D()
  ), name = "net")
  plan <- plan_dropblock(model, layers = c("-2" = 0.5, "-1" = 1))
  expect_output(print(plan), "15x15     0.5  first\n    7x7       1  last", fixed = TRUE)
  expect_output(print(plan_dropblock(model, -1)), "After 1 convolution and on 0 skip", fixed = TRUE)
  expect_error(plan_dropblock(model, layers = 12), "counted from the last, such as -1, .* received 12")
  expect_error(plan_dropblock(mtcars), "received 11 values", fixed = TRUE)
})

test_that("effective_rate() knows layers and formulas", {
  skip_if_no_keras()
  expect_equal(effective_rate(dropblock(0.1), c(14, 14)), 0.1, tolerance = 1e-5)
  expect_equal(effective_rate(layer_dropblock_1d(rate = 0.3, block_size = 4), 9), 0.3, tolerance = 1e-5)
  expect_equal(round(effective_rate("timm", c(14, 14), 0.1, 7), 4), 0.2092)
  expect_equal(round(effective_rate("keras-cv", c(8, 12), rate = 0.2, block_size = 6), 2), 0.25)
  expect_error(effective_rate("tim", 4), "received \"tim\"", class = "layerbridge_error")
})
