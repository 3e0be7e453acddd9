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
  expect_identical(as.list(k$shape(28, NA, -1)), list(28L, NULL, NULL))
  expect_identical(as.integer(k$shape(k$keras_input(shape = k$shape(3, NA)), 5)), c(NA, 3L, NA, 5L))
  expect_identical(as.integer(k$shape(x)), c(4L, 2L))
  expect_identical(k$shape(3) * 0.5, 1.5)
  expect_identical(-k$shape(3), -3L)
  expect_identical(as.integer(k$shape(k$as_tensor(x))), c(4L, 2L))
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
  expect_false(k$freeze_weights(k$layer_dense(units = 1))$trainable)
  expect_length(k$freeze_weights(m, from = "last")$trainable_weights, 0)
  deep <- k$keras_model_sequential(input_shape = 2) |> k$layer_dense(1) |> k$layer_dense(1) |> k$layer_dense(1)
  trained <- function(model) vapply(model$layers, function(layer) layer$trainable, NA)
  expect_identical(trained(k$unfreeze_weights(k$freeze_weights(deep), from = 3)), c(FALSE, FALSE, TRUE))
  expect_identical(trained(k$freeze_weights(deep, to = -2)), c(FALSE, FALSE, TRUE))
  expect_identical(trained(k$unfreeze_weights(deep, which = c(1, -1))), c(TRUE, FALSE, TRUE))
  expect_identical(trained(k$freeze_weights(deep, which = function(layer) layer$trainable)), c(FALSE, TRUE, FALSE))
  expect_error(k$freeze_weights(m, from = "first"), "must be layers of the model", class = "layerbridge_error")
  file <- withr::local_tempfile(fileext = ".weights.h5")
  k$save_model_weights(m, file)
  other <- model(k)
  k$load_model_weights(other, file)
  expect_identical(k$get_weights(other), k$get_weights(m))
  expect_true(same_object(m |> k$save_model_weights(file, overwrite = TRUE) |> k$load_model_weights(file), m))
  expect_error(k$get_layer(m, "none"), "No such layer: none", class = "layerbridge_error")
})

test_that("a model and a layer of one are piped into", {
  k <- k()
  inner <- k$keras_model(input <- k$keras_input(shape = 2), k$layer_dense(input, 3, name = "inside"))
  outer <- k$keras_model_sequential(input_shape = 2) |> inner() |> k$layer_dense(1)
  expect_identical(dim(predict(outer, x)), c(4L, 1L))
  expect_length((k$keras_model_sequential(input_shape = 2) |> k$get_layer(inner, "inside")())$layers, 1)
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
  text <- keras()$ops$convert_to_tensor(c("a", "\u00e4 b"))
  skip_if_not(keras()$config$backend() == "tensorflow", "Tensors of text are TensorFlow's")
  expect_identical(as.character(text), c("a", "\u00e4 b"))
  expect_identical(as.character(text[2]), "\u00e4 b")
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
  of_python <- k$dataset_mnist(convert = FALSE)
  expect_s3_class(of_python$test$x, "python.builtin.list")
  expect_identical(reticulate::py_to_r(of_python$test$y), 0L)
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

test_that("a class that R defines is sent to Python as the class", {
  k <- k()
  plus <- k$Layer("Plus", call = function(self, inputs) inputs + 1, )
  expect_equal(as.array(k$Layer("PlusToo", inherit = plus)()(x)), x + 1)
  file <- withr::local_tempfile(fileext = ".keras")
  m <- k$keras_model_sequential(input_shape = 2) |> plus()
  k$save_model(m, file)
  expect_equal(predict(k$load_model(file, custom_objects = list(Plus = plus)), x), x + 1)
  expect_equal(predict(k$with_custom_object_scope(list(Plus = plus), k$load_model(file)), x), x + 1)
  k$register_keras_serializable(plus)
  square <- k$register_keras_serializable(function(x) x^2, name = "square_of_mine")
  expect_identical(k$serialize_keras_object(square)$config, "Custom>square_of_mine")
  expect_equal(predict(k$load_model(file, custom_objects = list(Plus = plus)), x), x + 1)
})

test_that("a method may be read like a field", {
  k <- k()
  mine <- k$Layer(
    "Fielded",
    initialize = function() {
      super$initialize()
      self$kept <- 1
    },
    twice = k$active_property(function() 2 * self$by),
    by = k$mark_active(function(value) {
      if (missing(value)) return(self$kept)
      self$kept <- value
    })
  )
  layer <- mine()
  layer$by <- 3
  expect_identical(layer$by, 3)
  expect_identical(layer$twice, 6)
})

test_that("constraints and schedules are classes of R, too", {
  k <- k()
  halved <- k$Constraint("Halved", call = function(w) w / 2)
  expect_equal(as.array(halved()(k$as_tensor(x))), x / 2)
  down <- k$LearningRateSchedule("Down", call = function(step) 1 / (keras()$ops$cast(step, "float32") + 1))
  expect_equal(as.array(down()(1L)), array(0.5), ignore_attr = TRUE)
})

test_that("configurations make models and layers again", {
  k <- k()
  m <- model(k)
  expect_length(k$from_config(k$get_config(m))$layers, 1)
  expect_identical(k$from_config(k$get_config(m$layers[[1]]))$units, 1L)
  expect_error(k$from_config(list(units = 1)), "what `get_config()` returned", fixed = TRUE)
  file <- withr::local_tempfile(fileext = ".json")
  expect_true(same_object(k$save_model_config(m, file), m))
  expect_length(k$load_model_config(file)$layers, 1)
  expect_error(k$save_model_config(m, file), "overwrite = TRUE", fixed = TRUE)
})

test_that("files are replaced only where that is said", {
  k <- k()
  m <- model(k)
  folder <- withr::local_tempdir()
  saving <- list(
    m.keras = k$save_model, m.weights.h5 = k$save_model_weights, m.json = k$save_model_config # nolint
  )
  for (name in names(saving)) {
    file <- file.path(folder, name)
    save <- saving[[name]]
    expect_true(same_object(save(m, file), m))
    before <- file.mtime(file)
    expect_error(save(m, file), "exists. Give `overwrite = TRUE`", fixed = TRUE, class = "layerbridge_error")
    expect_identical(file.mtime(file), before)
    expect_true(same_object(save(m, file, overwrite = TRUE), m))
  }
})

test_that("a model is saved in memory", {
  k <- k()
  m <- model(k)
  bytes <- k$save_model(m)
  expect_type(bytes, "raw")
  expect_equal(predict(k$load_model(unserialize(serialize(bytes, NULL))), x), predict(m, x))
})

test_that("custom objects have the names of Python's, where they have none", {
  k <- k()
  twice <- k$Layer("TwiceNamed", call = function(x) x * 2)
  file <- withr::local_tempfile(fileext = ".keras")
  k$save_model(k$keras_model_sequential(input_shape = 2) |> twice(), file)
  for (given in list(twice, list(twice), list(TwiceNamed = twice))) {
    expect_equal(predict(k$load_model(file, custom_objects = given), x), x * 2)
    expect_equal(predict(k$with_custom_object_scope(given, k$load_model(file)), x), x * 2)
  }
  expect_error(k$load_model(file, custom_objects = function(x) x), "need names", class = "layerbridge_error")
  kept <- k$set_custom_objects(twice, clear = FALSE)
  expect_equal(predict(k$load_model(file), x), x * 2)
  k$set_custom_objects(kept)
  expect_error(k$load_model(file), "TwiceNamed")
})

test_that("private members are those of one object, and Python does not see them", {
  k <- k()
  counting <- k$Layer(
    "Counting",
    private = list(n = 0, plus = function(by) private$n + by, twice = k$active_property(function() 2 * private$n)),
    call = function(x) {
      private$n <- private$plus(1)
      x * private$twice
    }
  )
  one <- counting()
  other <- counting()
  expect_equal(as.array(one(x)), x * 2)
  expect_equal(as.array(one(x)), x * 4)
  expect_equal(as.array(other(x)), x * 2)
  expect_false(reticulate::py_has_attr(one, "n"))
})

test_that("a class of R's finds names where it is told to, and has a module as in keras3", {
  k <- k()
  place <- list2env(list(by = 3), parent = globalenv())
  times <- k$Layer("Times", call = function(x) x * by, parent_env = place)
  expect_equal(as.array(times()(x)), x * 3)
  expect_identical(class(times())[1L], "<r-globalenv>.Times")
})

test_that("from_config() is a method of the class", {
  k <- k()
  sized <- function(from_config) {
    k$Layer(
      "Sized",
      initialize = function(units = 1, ...) {
        super$initialize(...)
        self$units <- units
      },
      get_config = function() c(super$get_config(), list(units = self$units)),
      from_config = from_config
    )
  }
  for (method in list(function(config) cls(units = config$units + 1), function(cls, config) cls(config$units + 1))) {
    expect_equal(k$from_config(k$get_config(sized(method)(units = 3)))$units, 4)
  }
})

test_that("what a callback's function returns is added to the logs", {
  k <- k()
  told <- k$Callback("Told", on_epoch_end = function(epoch, logs) list(told = epoch * 10))
  lambda <- k$callback_lambda(on_epoch_end = function(epoch, logs) list(squared = logs$loss^2))
  m <- model(k)
  metrics <- fit(m, x, 1:4, epochs = 2, verbose = 0, callbacks = list(told(), lambda))$metrics
  expect_identical(metrics$told, c(10, 20))
  expect_equal(metrics$squared, metrics$loss^2)
  seen <- character()
  see <- function(event) function(logs) seen <<- c(seen, event)
  all <- k$callback_lambda(
    on_train_begin = see("train"), on_test_begin = see("test"),
    on_test_end = see("tested"), on_train_end = see("trained")
  )
  fit(m, x, 1:4, validation_split = 0.5, verbose = 0, callbacks = all)
  expect_identical(seen, c("train", "test", "tested", "trained"))
})

test_that("lists that Keras follows are lists in R", {
  k <- k()
  parts <- k$Layer("Parts", initialize = function() {
    super$initialize()
    self$parts <- list(k$layer_dense(units = 1), k$layer_dense(units = 2))
    self$named <- list(a = 1, b = 2)
  }, call = function(x) {
    for (part in self$parts) x <- part(x)
    x
  })
  layer <- parts()
  expect_type(layer$parts, "list")
  expect_identical(layer$parts[[2]]$units, 2L)
  expect_identical(layer$named$b, 2)
  expect_identical(dim(layer(x)), c(4L, 2L))
})

test_that("layers of text take the labels of a factor, others its numbers", {
  k <- k()
  labels <- factor(c("red", "blue", "pink"))
  lookup <- k$layer_string_lookup(vocabulary = c("red", "blue"))
  expect_equal(c(as.array(lookup(labels))), c(1, 2, 0))
  embedding <- k$layer_embedding(input_dim = 3, output_dim = 1)
  expect_equal(as.array(embedding(labels)), as.array(embedding(c(2L, 0L, 1L))))
})

test_that("a generator is not asked again after its end", {
  k <- k()
  m <- model(k)
  asked <- 0
  batches <- function() {
    asked <<- asked + 1
    if (asked < 4) list(x, 1:4)
  }
  fit(m, batches, epochs = 1, verbose = 0)
  expect_identical(asked, 4)
})

test_that("a metric in R computes with what a generator in R gives", {
  k <- k()
  m <- k$keras_model_sequential(input_shape = 2L) |> k$layer_dense(1)
  error <- function(y_true, y_pred) k$op_mean(abs(y_true - y_pred))
  compile(m, optimizer = "sgd", loss = "mse", metrics = list(k$custom_metric("error", error)))
  numbers <- matrix(as.double(1:8), 4)
  history <- fit(m, function() list(numbers, numbers[, 1]), steps_per_epoch = 2, verbose = 0)
  expect_true(is.finite(history$metrics$error))
})

test_that("none hangs in a fork", {
  skip_on_os("windows")
  k <- k()
  m <- model(k)
  fit(m, x, 1:4, verbose = 0)
  uses <- list(
    function() k$train_on_batch(m, x, 1:4), function() k$predict_on_batch(m, x), function() k$save_model(m),
    function() k$set_weights(m, list(matrix(0, 2, 1), 0)), function() k$freeze_weights(m), function() k$get_config(m)
  )
  for (use in uses) {
    job <- parallel::mcparallel(tryCatch(use(), error = conditionMessage))
    said <- parallel::mccollect(job, wait = FALSE, timeout = 20)[[1]]
    tools::pskill(job$pid, tools::SIGKILL)
    expect_match(said, "does not work in a fork", info = deparse1(body(use)))
  }
})

test_that("lists are zipped by place, and by name", {
  zip_lists <- k()$zip_lists
  expect_identical(zip_lists(1:2, 3:4), list(list(1L, 3L), list(2L, 4L)))
  expect_identical(zip_lists(list(a = 1, b = 2), list(b = 4, a = 3)), list(a = list(1, 3), b = list(2, 4)))
  expect_error(zip_lists(1:2, 1:3), "the same length")
})

test_that("an application's model finds what prepares its inputs", {
  k <- k()
  named <- function(name) k$keras_model_sequential(input_shape = c(4, 4, 3), name = name)
  image <- array(1:48 * 5, c(1, 4, 4, 3))
  modules <- c(
    vgg16 = "vgg16", resnet50v2 = "resnet_v2", mobilenetv2_1.00_224 = "mobilenet_v2", efficientnetb0 = "efficientnet"
  )
  for (name in names(modules)) {
    of_module <- k[[paste0(modules[[name]], "_preprocess_input")]]
    expect_equal(k$application_preprocess_inputs(named(name), image), of_module(image))
  }
  expect_error(k$application_preprocess_inputs(named("mine"), image), "received one of the name mine")
})

test_that("the backend is what Keras has started with", {
  k <- k()
  expect_identical(k$use_backend(keras()$config$backend()), keras()$config$backend())
  expect_error(k$use_backend("numpy"), "Restart R")
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

test_that("a training step of R's finds sizes that come later, and compile() of R's goes on with the model", {
  k <- k()
  skip_if_not(keras()$config$backend() == "tensorflow", "Sizes come later in TensorFlow's graphs alone")
  tf <- reticulate::import("tensorflow")
  mine <- k$Model(
    "Mine",
    call = function(inputs) inputs,
    compile = function(by, ...) {
      super$compile(...)
      self$by <- by
    },
    train_step = function(data) {
      size <- k$shape(data)[[1]]
      list(mine = k$op_sum(tf$ones(k$shape(size, 2))) * self$by)
    }
  )
  m <- mine()
  expect_true(same_object(compile(m, by = 3), m))
  batches <- tf$data$Dataset$from_tensor_slices(x)$batch(3L)
  expect_equal(fit(m, batches, verbose = 0)$metrics$mine, 6)
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
  expect_error(k$array_reshape, "`array_reshape` is in the R package reticulate.", fixed = TRUE)
  expect_error(k$`%<-%`, "`%<-%` is in the R package zeallot.", fixed = TRUE)
  expect_error(k$k_mean, "`k_mean()` is of the older R package keras. Use `op_mean()`.", fixed = TRUE)
  expect_error(k$k_random_normal, "Use `random_normal()`.", fixed = TRUE)
  expect_error(k$fit_generator, "Use `fit()`.", fixed = TRUE)
  expect_error(k$install_keras, "in the R package keras3", fixed = TRUE)
})

test_that("the functions can be attached, with help by `?`", {
  skip_if_no_wrap_layers()
  attach_functions(keras_functions(), "keras")
  withr::defer(detach("layerbridge:keras"))
  env <- as.environment("layerbridge:keras")
  expect_output(eval(quote(?layer_dense), env), "activation", fixed = TRUE)
  expect_output(eval(quote(help(layer_dense)), env), "activation", fixed = TRUE)
  expect_output(eval(quote(help("layer_dense")), env), "activation", fixed = TRUE)
  expect_output(eval(quote(help("layer_dense", help_type = "html")), env), "activation", fixed = TRUE)
  expect_error(eval(quote(example(layer_dense)), env), "`?layer_dense` shows the examples", fixed = TRUE)
  expect_warning(eval(quote(example("no_such_topic")), env), "no help found")
  expect_s3_class(eval(quote(help("lm")), env), "help_files_with_topic")
  expect_identical(names(formals(get("layer_dense", env)))[1:2], c("object", "units"))
  expect_identical(get("keras", env)$`__name__`, "keras")
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

test_that("what the older package had is named by functions that are there", {
  k <- k()
  generics <- c("evaluate", "fit", "predict")
  expect_identical(setdiff(script_former, c(names(k), generics)), character())
})

test_that("what keras3 exports of other packages is attached, or names its package", {
  attached <- script_reexports()
  expect_error(attached$install_keras(), "`install_keras` is in the R package keras3.", fixed = TRUE)
  expect_error(attached$all_dims(), "in the R package tensorflow", fixed = TRUE)
  expect_null(attached$tf)
  functions <- setdiff(unlist(script_packages), c("tf", "py_require")) # which reticulate has from 1.41 on
  expect_identical(setdiff(functions, names(attached)), character())
})

test_that("what is attached or loaded of other packages is not masked by functions that name them", {
  attach(list(all_dims = function() "of another package"), name = "another", warn.conflicts = FALSE)
  expect_null(script_reexports()$all_dims)
  detach("another")

  folder <- withr::local_tempdir()
  package <- file.path(folder, "sources", "tensorflow")
  dir.create(file.path(package, "R"), recursive = TRUE)
  about <- c("Package: tensorflow", "Version: 0.0", "Title: T", "License: MIT", "Author: A", "Maintainer: A <a@b.org>")
  writeLines(c(about, "Description: As the real one exports."), file.path(package, "DESCRIPTION"))
  writeLines("export(all_dims, tf)", file.path(package, "NAMESPACE"))
  writeLines(c("all_dims <- function() \"all\"", "tf <- new.env()"), file.path(package, "R", "all.R"))
  utils::install.packages(package, folder, repos = NULL, type = "source", quiet = TRUE)
  loadNamespace("tensorflow", folder)
  withr::defer(unloadNamespace("tensorflow"))
  expect_identical(script_reexports()$all_dims(), "all")
  expect_type(script_reexports()$tf, "environment")
})

test_that("array_reshape() is attached, too", {
  skip_if_no_keras()
  expect_identical(dim(script_reexports()$array_reshape(1:6, c(2, 3))), 2:3)
})

test_that("arguments of keras3's that have no use here are taken", {
  k <- k()
  for (view in list("auto", TRUE, FALSE)) {
    history <- fit(model(k), x, c(1, 0, 1, 0), epochs = 1, verbose = 0, view_metrics = view)
    expect_length(history$metrics$loss, 1)
  }
  attention <- k$layer_group_query_attention(head_dim = 2, num_query_heads = 2, num_key_value_heads = 1, seed = 1)
  input <- k$keras_input(shape = c(3, 4))
  named <- k$layer_group_query_attention(
    object = list(input, input), head_dim = 2, num_query_heads = 2, num_key_value_heads = 1
  )
  expect_identical(named$shape, attention(list(input, input))$shape)
})

test_that("private functions find their object, and do not keep it", {
  k <- k()
  counting <- k$Layer(
    "Counting",
    private = list(count = 0, add = function(by) {
      private$count <- private$count + by
      self$seen <- private$count
      self$before <<- private$count - by
    }),
    call = function(inputs) {
      private$add(2)
      inputs
    }
  )
  layer <- counting()
  layer(x)
  layer(x)
  expect_identical(layer$seen, 4)
  expect_identical(layer$before, 2)
  reference <- reticulate::import("weakref")$ref(layer)
  rm(layer)
  for (i in 1:2) {
    gc()
    reticulate::import("gc")$collect()
  }
  expect_null(reference())
})
