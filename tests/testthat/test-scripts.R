# What scripts for keras3 use beside Keras's own functions.
k <- function() {
  skip_if_no_wrap_layers()
  keras_functions()
}

x <- matrix(c(1, 0, 2, 1, 0, 1, 1, 2), 4)

model <- function(k, layer = k$layer_dense(units = 1, kernel_initializer = "ones", name = "last")) {
  model <- k$keras_model_sequential(input_shape = 2)
  model |> layer()
  compile(model, "sgd", loss = "mse")
  model
}

test_that("shape() is sizes, of tensors and arrays too, and reaches Python as a tuple", {
  k <- k()
  expect_identical(unlist(k$shape(28, NA, -1)), c(28L, NA, NA))
  expect_identical(as.integer(k$shape(k$keras_input(shape = k$shape(3, NA)), 5)), c(NA, 3L, NA, 5L))
  expect_identical(as.integer(k$shape(x)), c(4L, 2L))
  expect_identical(prod(k$shape(2, 3)), 6)
  expect_identical(format(k$shape(2, NA)[2]), "shape(NA)")
  expect_identical(reticulate::py_to_r(reticulate::r_to_py(k$shape(NA, 2))), list(NULL, 2L))
})

test_that("weights are taken, given, frozen and counted", {
  k <- k()
  m <- model(k)
  k$set_weights(m, list(matrix(5, 2, 1), 0))
  expect_equal(c(k$get_weights(m)[[1]]), c(5, 5))
  expect_identical(k$count_params(m), 3L)
  expect_true(same_object(k$get_layer(m, "last"), k$get_layer(m, index = 1)))
  expect_length(k$freeze_weights(m)$trainable_weights, 0)
  expect_length(k$unfreeze_weights(m)$trainable_weights, 2)
  expect_length(k$freeze_weights(m, from = "last")$trainable_weights, 0)
  expect_error(k$freeze_weights(m, from = "first"), "must be layers of the model", class = "layerbridge_error")
  file <- withr::local_tempfile(fileext = ".weights.h5")
  k$save_model_weights(m, file)
  other <- model(k)
  k$load_model_weights(other, file)
  expect_identical(k$get_weights(other), k$get_weights(m))
  expect_error(k$get_layer(m, "none"), "No such layer: none", class = "layerbridge_error")
})

test_that("batches train, test and predict", {
  k <- k()
  m <- model(k)
  expect_equal(k$test_on_batch(m, x, 1:4), 0.5, tolerance = 1e-6)
  expect_equal(k$train_on_batch(m, x, 1:4), 0.5, tolerance = 1e-6)
  expect_identical(dim(k$predict_on_batch(m, x)), c(4L, 1L))
  compile(m, "sgd", loss = "sparse_categorical_crossentropy")
  expect_type(k$train_on_batch(m, x, factor(c("a", "a", "a", "a"))), "double")
})

test_that("layers adapt to data", {
  k <- k()
  vectorize <- k$layer_text_vectorization()
  expect_true(same_object(k$adapt(vectorize, c("a b", "b c")), vectorize))
  expect_identical(k$get_vocabulary(vectorize), c("", "[UNK]", "b", "c", "a"))
})

test_that("data sets come by name", {
  k <- k()
  mnist <- reticulate::import("keras.datasets.mnist")
  real <- mnist$load_data
  withr::defer(mnist$load_data <- real)
  mnist$load_data <- reticulate::py_eval("lambda path=None: (([[1.0]], [1]), ([[2.0]], [0]))")
  data <- k$dataset_mnist()
  expect_identical(names(data), c("train", "test"))
  expect_identical(data$train$y, 1L)
  expect_error(k$dataset_minst, "Did you mean `dataset_mnist`?", fixed = TRUE)
})

test_that("a layer class that R defines trains, and is saved with what it was made of", {
  k <- k()
  scaled <- k$Layer(
    "Scaled",
    initialize = function(units, by = 1, ...) {
      super$initialize(...)
      self$units <- as.integer(units)
      self$by <- by
    },
    build = function(input_shape) {
      self$kernel <- self$add_weight(shape = k$shape(input_shape[[2]], self$units), initializer = "ones")
    },
    call = function(inputs, training = NULL) k$op_matmul(inputs, self$kernel) * self$by,
    get_config = function() c(super$get_config(), list(units = self$units, by = self$by))
  )
  expect_equal(as.array(scaled(x, units = 1, by = 2)), x %*% matrix(2, 2, 1), tolerance = 1e-6)
  m <- model(k, scaled(units = 1, name = "mine"))
  expect_identical(m$layers[[1]]$name, "mine")
  expect_equal(fit(m, x, 1:4, epochs = 1, verbose = 0)$metrics$loss, 0.5, tolerance = 1e-6)
  expect_identical(k$get_config(m$layers[[1]])$units, 1L)
})

test_that("a layer class made from ours takes R's numbers as counts", {
  k <- k()
  block <- reticulate::import("layerbridge")$DropBlock2D
  Mine <- k$Layer("Mine", inherit = block, initialize = function(size = 3, ...) {
    super$initialize(rate = 0.1, block_size = size, ...)
  })
  expect_identical(Mine()$block_size, 3L)
  expect_identical(k$Layer("Plain", inherit = block)(rate = 0.1, block_size = 3)$block_size, 3L)
  expect_error(Mine(size = 7.5), "must be a positive integer.*received 7.5")
})

test_that("models, callbacks and %py_class% find self, super and places from 1", {
  k <- k()
  mine <- k$Model(
    "Mine",
    initialize = function(...) {
      super$initialize(...)
      self$last <- k$layer_dense(units = 1)
    },
    call = function(inputs, ...) self$last(inputs)
  )
  m <- mine()
  compile(m, "sgd", "mse")
  seen <- NULL
  stops <- k$Callback("Stops", on_epoch_end = function(epoch, logs = NULL) {
    seen <<- c(seen, epoch)
    if (epoch == 2) self$model$stop_training <- TRUE
  })
  expect_length(fit(m, x, 1:4, epochs = 5, verbose = 0, callbacks = list(stops()))$metrics$loss, 2)
  expect_identical(seen, 1:2)
  `%py_class%` <- k[["%py_class%"]]
  Times(keras()$layers$Layer) %py_class% {
    initialize <- function(by) {
      super()$`__init__`()
      self$by <- by
    }
    call <- function(x) x * self$by
  }
  expect_equal(as.array(Times(3)(x)), 3 * x)
})

test_that("set_random_seed() seeds R too, and a custom metric has its name", {
  k <- k()
  k$set_random_seed(1)
  drawn <- runif(2)
  expect_identical(drawn, withr::with_seed(1, runif(2)))
  m <- model(k)
  compile(m, "sgd", "mse", metrics = list(k$custom_metric("far", function(y_true, y_pred) mean(abs(y_true - y_pred)))))
  expect_named(fit(m, x, c(1, 2, 3, 4), verbose = 0)$metrics, c("far", "loss"), ignore.order = TRUE)
})

test_that("images are written, read and turned into arrays", {
  k <- k()
  file <- withr::local_tempfile(fileext = ".png")
  k$image_array_save(array(1:48, c(4, 4, 3)), file)
  expect_identical(dim(k$image_to_array(k$image_load(file, target_size = c(2, 2)))), c(2L, 2L, 3L))
})

test_that("the features of a feature space are functions", {
  k <- k()
  space <- k$layer_feature_space(
    features = list(age = k$feature_float(), town = k$feature_string_hashed(num_bins = 4)),
    crosses = list(k$feature_cross(c("age", "town"), crossing_dim = 8)), output_mode = "dict"
  )
  expect_named(space$features, c("age", "town"), ignore.order = TRUE)
  expect_identical(space$features$town$output_mode, "one_hot")
})

test_that("names of other packages say which", {
  k <- k()
  expect_error(k$array_reshape, "`array_reshape()` is in the R package reticulate.", fixed = TRUE)
  expect_error(k$zip_lists, "in the R package keras3", fixed = TRUE)
})

test_that("the functions can be attached, with help by `?`", {
  skip_if_no_wrap_layers()
  attach_functions(keras_functions(), "keras")
  withr::defer(detach("layerbridge:keras"))
  env <- as.environment("layerbridge:keras")
  expect_output(eval(quote(?layer_dense), env), "activation", fixed = TRUE)
  expect_identical(names(formals(get("layer_dense", env)))[1:2], c("object", "units"))
  expect_lt(match("package:layerbridge", search()), match("layerbridge:keras", search()))
})

test_that("a model prints its summary, and a layer is one line in str()", {
  k <- k()
  m <- model(k)
  expect_output(print(m), "Total params", fixed = TRUE)
  expect_output(str(m$layers[[1]]), "<Dense name=last", fixed = TRUE)
})

test_that("Keras's layers that take a number name those that follow a schedule", {
  k <- k()
  schedules <- list(
    LinearRamp = schedule_linear_ramp(0, 0.1, steps = 5),
    ExponentialDecay = k$learning_rate_schedule_exponential_decay(0.1, decay_steps = 5, decay_rate = 0.9)
  )
  for (layer in list(k$layer_dropout, k$layer_spatial_dropout_2d)) {
    for (schedule in names(schedules)) {
      said <- tryCatch(layer(rate = schedules[[schedule]]), layerbridge_error = conditionMessage)
      expect_match(said, "^`rate` must be a number; received .*`?layerbridge::layer_spatial_dropout_2d\\(\\)")
      last <- sprintf("'<=' not supported between instances of 'int' and '%s'$", schedule)
      expect_match(said, last)
    }
  }
})
