# Methods of Keras's models: compile(), fit(), evaluate(), predict(), summary() and a history.
callback_lambda <- bridge_function(
  function(on_epoch_end = NULL, ...) bridge_call(),
  "keras.callbacks", "LambdaCallback", composes = "none", kinds = bridge_args(on_epoch_end = "index_function")
)

x <- matrix(1:30 / 30, 10)
y <- c(x %*% c(1, 2, 3))

compiled <- function() {
  keras()$utils$set_random_seed(1L)
  model <- sequential(3)
  model$add(keras()$layers$Dense(1L))
  model |> compile(optimizer = "sgd", loss = "mse", metrics = "mae")
}

test_that("compile() goes on with the model, invisibly", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(1L))
  result <- withVisible(model |> compile("sgd", loss = "mse"))
  expect_false(result$visible)
  expect_true(same_object(result$value, model))
  expect_error(model |> compile("sgd", losss = "mse"), "`losss` is not an argument of compile. Did you mean `loss`")
})

test_that("fit() trains with whole numbers and R's data, and returns a history invisibly", {
  skip_if_no_keras()
  result <- withVisible(compiled() |> fit(x, y, epochs = 3, batch_size = 5, validation_split = 0.2))
  expect_false(result$visible)
  history <- result$value
  expect_named(history$metrics, c("loss", "mae", "val_loss", "val_mae"), ignore.order = TRUE)
  expect_lt(history$metrics$loss[3], history$metrics$loss[1])
  expect_identical(history$params$epochs, 3L)

  epochs <- integer()
  compiled() |> fit(
    x, y,
    epochs = 3, initial_epoch = 2, validation_data = list(x, y), callbacks = list(
      callback_lambda(on_epoch_end = function(epoch, logs) epochs <<- c(epochs, epoch))
    )
  )
  expect_identical(epochs, 2:3)
})

test_that("a metric with a number for each class is as many metrics of the history", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(2L, activation = "sigmoid"))
  model |> compile("sgd", loss = "mse", metrics = list(keras()$metrics$F1Score()))
  history <- model |> fit(x, cbind(y > 3, y <= 3) + 0, epochs = 3, validation_split = 0.2)
  expect_setequal(
    names(history$metrics), c("loss", "f1_score_1", "f1_score_2", "val_loss", "val_f1_score_1", "val_f1_score_2")
  )
  expect_identical(unique(lengths(history$metrics)), 3L)
  expect_identical(nrow(as.data.frame(history)), 18L)
  expect_length(bridge_metrics(list()), 0L)
})

test_that("what is wrong with data, counts and callbacks is said in R's terms", {
  skip_if_no_keras()
  model <- compiled()
  gap <- x
  gap[4, 2] <- NA
  expect_wrong <- function(expr, words) expect_error(expr, words, fixed = TRUE, class = "layerbridge_error")
  expect_wrong(fit(model), "`x` must be given: an array, a list of arrays, or a dataset.")
  expect_wrong(fit(model, x), "`y` must be given: the loss compares it")
  expect_wrong(evaluate(model, x), "`y` must be given: the loss compares it")
  expect_wrong(fit(model, x, y, epochs = 1.5), "`epochs` must be a whole number; received 1.5.")
  expect_wrong(fit(model, x, y, epochs = "3"), "`epochs` must be a whole number; received \"3\".")
  expect_wrong(fit(model, x, y, epochs = c(1, 2)), "`epochs` must be a whole number; received c(1, 2).")
  expect_wrong(predict(model, x, batch_size = "a"), "`batch_size` must be a whole number; received \"a\".")
  expect_wrong(predict(model, x[0, ]), "`x` must have at least one sample; received none.")
  expect_wrong(predict(model, x, type = "class"), "`type` is not an argument of predict.")
  expect_wrong(evaluate(model, x, y, epochs = 2), "`epochs` is not an argument of evaluate.")
  expect_wrong(evaluate(model, x, y, view_metrics = TRUE), "`view_metrics` is not an argument of evaluate.")
  expect_wrong(predict(model, x, view_metrics = TRUE), "`view_metrics` is not an argument of predict.")
  expect_wrong(fit(model, x, y, validation_data = list(x = x, y = y)), "without names")
  expect_wrong(fit(model, x, list(a = y)), "`y` must have the names of the model's outputs; received `a`.")
  expect_wrong(fit(model, x, y, callbacks = "early"), "`callbacks` must be a list of callbacks, such as")
  expect_wrong(fit(model, x, y, callbacks = list(1)), "received 1.")
  expect_wrong(fit(model, x, y, callbacks = callback_lambda), "received a function. Call it to make the callback")
  expect_wrong(fit(model, x, letters[1:10]), "received text, such as \"a\". Use `factor(y)`")
  expect_wrong(fit(model, as.data.frame(x), y), "`x` is a data frame, which Keras receives as a list of its columns")
  expect_wrong(fit(model, x, data.frame(y = y)), "use `as.matrix(y)`")
  expect_wrong(fit(model, gap, y), "`x` must not contain NA; received 1 among 30 values, the first at [4, 2].")
  expect_wrong(fit(model, as.data.frame(gap), y), "the first at [4, 2]")
  expect_wrong(fit(model, x, y, validation_data = list(x)), "`validation_data` must be `list(x, y)`")
  expect_wrong(fit(model, x, y[1:5]), "`x` has 10. `y` has 5.")
  expect_wrong(predict(model, x[1, ]), "received a vector of 3. Keep the axes: `x[1, , drop = FALSE]`")
  expect_wrong(fit(model, list(a = x), y), "Received: inputs=list(a = \"Tensor(shape=(NA, 3))\")")
})

test_that("a call that failed does not spoil the next one", {
  skip_if_no_keras()
  model <- compiled()
  expect_error(fit(model, x[, 1:2], y), "expected axis -1 of input shape to have value 3")
  expect_length(fit(model, x, y)$metrics$loss, 1L)
  expect_error(predict(model, x[, 1:2]))
  expect_identical(dim(predict(model, x)), c(10L, 1L))
})

test_that("labels that the loss does not take are said in R's terms", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(2L, activation = "softmax"))
  expect_wrong <- function(expr, words) expect_error(expr, words, fixed = TRUE, class = "layerbridge_error")
  columns <- cbind(y > 3, y <= 3) + 0
  model |> compile("sgd", loss = "sparse_categorical_crossentropy")
  expect_wrong(fit(model, x, rep(1:2, 5)), "labels from 0 to 1, one for each output of the model; received 2.")
  expect_wrong(fit(model, x, columns), "Use the loss \"categorical_crossentropy\"")
  model |> compile("sgd", loss = "categorical_crossentropy")
  expect_wrong(fit(model, x, rep(0:1, 5)), "Use the loss \"sparse_categorical_crossentropy\"")
  expect_wrong(compile(model, keras()$optimizers$Adam), "received the class Adam. Call it to make one: add `()`.")
})

test_that("a loss and a metric may be R functions, with arithmetic and a name", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(1L))
  squares <- function(y_true, y_pred) -(y_true - y_pred) * (y_pred - y_true) / 2 + 1
  bias <- structure(function(y_true, y_pred) y_pred - y_true, name = "bias")
  model |> compile("sgd", loss = squares, metrics = list(bias, "mse"))
  said <- evaluate(model, x, y)
  expect_named(said, c("loss", "bias", "mse"), ignore.order = TRUE)
  expect_equal(said$loss, said$mse / 2 + 1, tolerance = 1e-5)
  expect_equal(said$bias, mean(c(predict(model, x)) - y), tolerance = 1e-5)
  difference <- "Arithmetic on tensors needs one dtype; received int32 and float32."
  expect_error(fit(model, x, 1:10), difference, fixed = TRUE, class = "layerbridge_error")
  file <- withr::local_tempfile(fileext = ".keras")
  model |> compile("sgd", loss = bias)
  model$save(file)
  load_model <- bridge_function(
    function(filepath, custom_objects = NULL) bridge_call(), "keras.saving", "load_model", composes = "function"
  )
  expect_error(load_model(file), "Pass it as `custom_objects = list(bias = ...)`", fixed = TRUE)
  expect_identical(load_model(file, list(bias = bias))$count_params(), 4L)
})

test_that("a metric or loss that is an R function has a name of its own", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(1L))
  larger <- function(y_true, y_pred) y_pred > y_true
  bias <- function(y_true, y_pred) y_pred - y_true
  said <- function(...) names(evaluate(compile(model, "sgd", ...), x, y))
  expect_setequal(said("mse", list(a1 = larger, a2 = bias)), c("loss", "a1", "a2"))
  expect_setequal(said("mse", list(bias, larger)), c("loss", "custom_metric_1", "custom_metric_2"))
  expect_setequal(said("mse", list("mae", a2 = bias, "mape")), c("loss", "mae", "a2", "mape"))
  expect_setequal(said("mse", larger), c("loss", "custom_metric"))
  expect_setequal(said("mse", list(a1 = structure(bias, name = "bias"))), c("loss", "bias"))
  file <- withr::local_tempfile(fileext = ".keras")
  model |> compile("sgd", loss = bias, metrics = list(a1 = larger))
  model$save(file)
  load_model <- bridge_function(
    function(filepath, custom_objects = NULL) bridge_call(),
    "keras.saving", "load_model", composes = "function", kinds = bridge_args(custom_objects = "dict")
  )
  loaded <- load_model(file, list(a1 = larger, custom_loss = bias))
  expect_named(evaluate(loaded, x, y), c("loss", "a1"), ignore.order = TRUE)
})

test_that("one number is one sample", {
  skip_if_no_keras()
  model <- sequential(1)
  model$add(keras()$layers$Dense(2L))
  expect_identical(dim(predict(model, 5)), c(1L, 2L))
  expect_identical(dim(predict(model, 1:3)), c(3L, 2L))
})

test_that("fit() takes factors and weights of their levels", {
  skip_if_no_keras()
  model <- sequential(3)
  model$add(keras()$layers$Dense(2L))
  model |> compile("sgd", loss = keras()$losses$SparseCategoricalCrossentropy(TRUE))
  weighted <- function(weight) {
    keras()$utils$set_random_seed(1L)
    history <- keras()$models$clone_model(model) |>
      compile("sgd", loss = keras()$losses$SparseCategoricalCrossentropy(TRUE)) |>
      fit(x, factor(rep(c("a", "b"), 5)), class_weight = c("0" = weight, "1" = weight))
    history$metrics$loss
  }
  expect_equal(weighted(2), 2 * weighted(1), tolerance = 1e-5)
})

test_that("evaluate() names its numbers, and takes `x` by name", {
  skip_if_no_keras()
  model <- compiled()
  said <- model |> evaluate(x = x, y = y, batch_size = 5)
  expect_named(said, c("loss", "mae"), ignore.order = TRUE)
  residuals <- y - c(predict(model, x))
  expect_equal(said$loss, mean(residuals^2), tolerance = 1e-5)
  expect_equal(said$mae, mean(abs(residuals)), tolerance = 1e-5)
})

test_that("predict() returns an R array", {
  skip_if_no_keras()
  model <- compiled()
  predicted <- model |> predict(x, batch_size = 5)
  expect_identical(dim(predicted), c(10L, 1L))
  expect_equal(predicted, x %*% model$get_weights()[[1]], tolerance = 1e-5)
})

test_that("nothing is said in tests, and what the user asks for otherwise", {
  verbosity <- function(verbose = getOption("keras.verbose", "auto")) bridge_as(verbose, "verbose", "verbose", NULL)
  withr::local_envvar(TESTTHAT = "true")
  expect_identical(verbosity(), 0L)
  expect_identical(verbosity(verbose = 1L), 1L)
  withr::local_envvar(TESTTHAT = NA)
  expect_identical(verbosity(), "auto")
  withr::local_options(keras.verbose = 2L)
  expect_identical(verbosity(), 2L)
  withr::local_options(keras.verbose = NULL, knitr.in.progress = TRUE)
  expect_identical(verbosity(), 2L)
})

test_that("summary() writes to R's output, and returns the model invisibly", {
  skip_if_no_keras()
  model <- compiled()
  withr::local_options(width = 70)
  said <- capture.output(result <- withVisible(summary(model)))
  expect_false(result$visible)
  expect_match(said, "Total params: 4", all = FALSE)
  expect_true(all(nchar(said) <= 70))
})

history <- structure(
  list(
    params = list(epochs = 3L),
    metrics = list(loss = c(3, 2, 1), mae = c(0.3, 0.2, 0.1), val_loss = c(4, 3, 2.5), val_mae = c(0.4, 0.3, 0.25))
  ),
  class = c("bridge_history", "keras_training_history")
)

test_that("a history prints the metrics of its last epoch", {
  expect_snapshot_output(print(history))
})

test_that("a history is a data frame with a row for each epoch and metric", {
  table <- as.data.frame(history)
  expect_named(table, c("epoch", "value", "metric", "data"))
  expect_identical(levels(table$metric), c("loss", "mae"))
  expect_identical(levels(table$data), c("training", "validation"))
  expect_identical(table$value[table$metric == "loss" & table$data == "validation"], c(4, 3, 2.5))
})

test_that("a history is drawn with ggplot2, and without it", {
  skip_if_not_installed("ggplot2")
  withr::local_pdf(NULL)
  plot <- plot(history, metrics = "loss")
  expect_s3_class(plot, "ggplot")
  expect_identical(levels(plot$data$metric), "loss")
  expect_no_error(print(plot))
  ten <- history
  ten$metrics <- list(loss = 1 / 1:10)
  expect_length(plot(ten)$layers, 2L)
  expect_length(plot(ten, smooth = FALSE)$layers, 1L)
  expect_null(plot(history, method = "base"))
})

keras_model_sequential <- bridge_function(
  function(input_shape = NULL, name = NULL, ..., input_name = NULL, layers = list()) bridge_call(),
  "keras", "Sequential", composes = "none", make = bridge_make_sequential,
  kinds = bridge_args(input_shape = "shape", layers = "any_list")
)

keras_model <- bridge_function(
  function(inputs = NULL, outputs = NULL, ..., name = NULL) bridge_call(),
  "keras", "Model", composes = "none", kinds = bridge_args(inputs = "structure", outputs = "structure")
)

test_that("a Sequential model begins with its input, and with layers", {
  skip_if_no_keras()
  expect_length(keras_model_sequential()$layers, 0L)
  model <- keras_model_sequential(c(4, 2), "small", input_name = "x", layers = keras()$layers$Flatten())
  expect_identical(model$name, "small")
  expect_identical(model$output_shape, list(NULL, 8L))
  expect_identical(model$inputs[[1]]$name, "x")
  expect_length(keras_model_sequential(layers = list(keras()$layers$Flatten()))$layers, 1L)
  expect_error(
    keras_model_sequential(list(keras()$layers$Flatten())), "Give layers by name: `layers = list(...)`.",
    fixed = TRUE, class = "layerbridge_error"
  )
  expect_error(keras_model_sequential(4, dtypes = "x"), "`dtypes` is not an argument of Sequential")
  refused <- tryCatch(keras_model_sequential("a"), layerbridge_error = identity)
  expect_identical(conditionCall(refused), quote(keras_model_sequential("a")))
})

test_that("a functional model has several inputs and outputs by name, and trains on lists", {
  skip_if_no_keras()
  inputs <- list(a = symbolic(3), b = symbolic(2))
  both <- keras()$layers$Concatenate()(unname(inputs))
  outputs <- list(u = keras()$layers$Dense(1L)(both), v = keras()$layers$Dense(2L)(both))
  model <- keras_model(inputs, outputs, name = "two")
  model |> compile("sgd", loss = list(u = "mse", v = "mae"))
  x <- list(a = x, b = x[, 1:2])
  y <- list(u = y, v = x$b)
  history <- model |> fit(x, y, validation_data = list(x, y))
  expect_named(
    history$metrics, c("loss", "u_loss", "v_loss", "val_loss", "val_u_loss", "val_v_loss"),
    ignore.order = TRUE
  )
  expect_identical(lapply(predict(model, x), dim), list(u = c(10L, 1L), v = c(10L, 2L)))

  expect_error(keras_model(inputs$a), "`inputs` cannot be given without `outputs`.", fixed = TRUE)
})

test_that("a list of one tensor is the tensor", {
  expect_identical(bridge_as_structure(list(1)), 1)
  expect_identical(bridge_as_structure(list(a = 1)), list(a = 1))
  expect_identical(bridge_as_structure(list(1, 2)), list(1, 2))
})

test_that("plot() of a model draws it, or says what it needs", {
  skip_if_no_keras()
  file <- withr::local_tempfile(fileext = ".png")
  drawn <- tryCatch(plot(compiled(), to_file = file), layerbridge_error = conditionMessage)
  if (is.character(drawn)) {
    expect_match(drawn, "needs (the Python package pydot|Graphviz)")
  } else {
    expect_gt(file.size(file), 0)
    withr::local_pdf(NULL)
    expect_false(withVisible(plot(compiled(), show_shapes = TRUE))$visible)
  }
  needs <- function(text) bridge_why(text, list(), list(kinds = list()))
  expect_match(needs("You must install pydot (`pip install pydot`) for `plot_model` to work."), "-m pip install pydot")
  expect_match(needs("You must install graphviz (see instructions"), "apt-get install graphviz")
  withr::local_pdf(NULL)
  expect_null(bridge_draw(as.raster(matrix(0:1, 2, 2))))
})

test_that("a bundle names the libraries that its model is made of", {
  skip_if_no_keras()
  model <- sequential(4, 4, 1)
  model$add(keras()$layers$Flatten())
  expect_identical(bridge_libraries_of(model), character())
  model |> layer_drop_path(rate = 0.1)
  expect_identical(bridge_libraries_of(model), "layerbridge")
})
