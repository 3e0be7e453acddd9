# keras3's functions as arguments of generated ones: each arrives as the Python object that it
# stands for, as it does in keras3's own layers.
k <- local({
  found <- NULL
  function() {
    if (is.null(found)) found <<- wrap_layers("keras.layers")
    found
  }
})

saved <- function(layer) {
  model <- keras_model_sequential(input_shape = c(8, 8, 3))
  model |> layer()
  file <- withr::local_tempfile(fileext = ".keras")
  save_model(model, file)
  config <- load_model(file)$layers[[1]]$get_config()
  config[setdiff(names(config), "name")]
}

arguments <- list(
  activation = list(activation = activation_gelu),
  "hard activation" = list(activation = activation_hard_silu),
  initializers = list(kernel_initializer = initializer_zeros, bias_initializer = initializer_ones),
  regularizers = list(kernel_regularizer = regularizer_l2, activity_regularizer = regularizer_l1),
  operation = list(activation = op_relu),
  "what they make" = list(
    kernel_initializer = initializer_glorot_normal(seed = 1), kernel_regularizer = regularizer_l1_l2(0.1, 0.2)
  )
)

for (name in names(arguments)) {
  test_that(paste("keras3's functions arrive as keras3 sends them:", name), {
    given <- c(list(filters = 4, kernel_size = 3), arguments[[name]])
    ours <- saved(do.call(k()$layer_conv_2d, given))
    theirs <- saved(do.call(layer_conv_2d, given))
    expect_equal(ours, theirs)
  })
}

# keras3's own layers take these for functions of the user, and the saved model does not load.
test_that("keras3's constraints arrive as Keras's", {
  config <- saved(k()$layer_conv_2d(
    filters = 4, kernel_size = 3, kernel_constraint = constraint_nonneg, bias_constraint = constraint_unitnorm
  ))
  expect_identical(config$kernel_constraint$class_name, "NonNeg")
  expect_identical(config$bias_constraint$class_name, "UnitNorm")
})

test_that("layers and cells of keras3 arrive, made or as functions", {
  x <- keras_input(shape = c(5, 2))
  expect_identical((x |> k()$layer_rnn(rnn_cell_gru(units = 3)))$shape, list(NULL, 3L))
  expect_identical((x |> k()$layer_time_distributed(layer_dense(units = 3)))$shape, list(NULL, 5L, 3L))
  expect_identical((x |> k()$layer_bidirectional(layer_lstm(units = 3)))$shape, list(NULL, 6L))
  expect_identical((x |> layer_time_distributed(k()$layer_dense(units = 3)))$shape, list(NULL, 5L, 3L))
})

test_that("a layer class of the user's own arrives as its Python class", {
  layer_twice <- Layer("Twice", call = function(x) x * 2)
  found <- layerbridge:::bridge_stands_for(layer_twice, NULL)
  expect_s3_class(found, "python.builtin.type")
})

ways <- list(
  "|>" = function(fn, x, ...) x |> fn(4, 3, ...),
  "%>%" = function(fn, x, ...) x %>% fn(4, 3, ...),
  "two levels" = function(fn, x, ...) (function(x, ...) x %>% fn(4, 3, ...))(x, ...),
  "do.call" = function(fn, x, ...) do.call(fn, list(x, 4, 3, ...)),
  "lapply" = function(fn, x, ...) lapply(4, function(n) x %>% fn(n, 3, ...))[[1]],
  "Reduce" = function(fn, x, ...) Reduce(function(a, n) a %>% fn(n, 3, ...), c(4, 4), x),
  "Map" = function(fn, x, ...) Map(function(n, size) x %>% fn(n, size, ...), 4, 3)[[1]],
  "a formula" = function(fn, x, ...) rlang::as_function(~ fn(.x, 4, 3, activation = "relu"))(x),
  "rlang" = function(fn, x, ...) rlang::eval_tidy(rlang::quo(fn(x, 4, 3, ...))),
  "later" = function(fn, x, ...) {
    delayed <- function(...) {
      delayedAssign("value", fn(x, 4, 3, ...))
      environment()
    }
    get("value", delayed(...))
  }
)

for (way in names(ways)) {
  test_that(paste("a call makes of a generated function what it makes of keras3's, by", way), {
    made <- function(fn) {
      clear_session()
      x <- keras_input(shape = c(16, 16, 3))
      output <- ways[[way]](fn, x, activation = "relu", padding = "same", strides = c(2, 2), trainable = FALSE)
      lapply(keras_model(x, output)$layers, function(layer) layer$get_config())
    }
    expect_equal(made(k()$layer_conv_2d), made(layer_conv_2d))
  })
}

test_that("what keras3's layers are piped, generated ones are", {
  pairs <- list(
    list("layer_string_lookup", c("a", "b"), list(vocabulary = c("a", "b"))),
    list("layer_rescaling", c(1, 2, 3), list(scale = 2)),
    list("layer_rescaling", 5, list(scale = 2)),
    list("layer_hashing", c("a", "b", "c"), list(num_bins = 3)),
    list("layer_integer_lookup", c(1L, 5L), list(vocabulary = c(1L, 2L))),
    list("layer_discretization", c(0.1, 0.6), list(bin_boundaries = c(0, 0.5))),
    list("layer_text_vectorization", c("a b", "b"), list(vocabulary = c("a", "b"))),
    list("layer_category_encoding", c(0L, 1L), list(num_tokens = 3))
  )
  for (pair in pairs) {
    ours <- do.call(k()[[pair[[1]]]], c(list(pair[[2]]), pair[[3]]))
    theirs <- do.call(getExportedValue("keras3", pair[[1]]), c(list(pair[[2]]), pair[[3]]))
    expect_equal(as.array(ours), as.array(theirs), info = pair[[1]])
  }
})

test_that("keras3's shapes are shapes", {
  for (input in list(k()$layer_input(shape(NA, 3)), k()$layer_input(shape = shape(NULL, 3)))) {
    expect_equal(input$shape, list(NULL, NULL, 3L))
  }
  expect_equal(k()$layer_input(shape())$shape, list(NULL))
  expect_equal(k()$layer_input(batch_shape = shape(2, 10))$shape, layer_input(batch_shape = shape(2, 10))$shape)
  expect_equal(k()$layer_reshape(target_shape = shape(2, 5))$target_shape, list(2L, 5L))
})

test_that("functions of a callback see epochs and batches as those of keras3's do", {
  seen_by <- function(callback_lambda) {
    seen <- list()
    at <- function(index, logs) seen[[length(seen) + 1L]] <<- list(index, names(logs))
    once <- function(logs) at(0L, logs)
    model <- keras_model_sequential(input_shape = 2) |> layer_dense(1)
    model |> compile(optimizer = "sgd", loss = "mse")
    callbacks <- list(callback_lambda(
      on_epoch_begin = at, on_epoch_end = at, on_train_begin = once, on_train_batch_end = at,
      on_test_batch_begin = at, on_test_end = once
    ))
    model |> fit(matrix(1, 8, 2), matrix(1, 8), epochs = 2, validation_split = 0.5, callbacks = callbacks, verbose = 0)
    seen
  }
  expect_gt(length(seen_by(callback_lambda)), 8L)
  expect_identical(seen_by(keras_functions()$callback_lambda), seen_by(callback_lambda))
})

test_that("keras3's classes derive from the class behind a function of ours", {
  Mine <- Layer("Mine", inherit = layer_dropblock_2d)
  expect_s3_class(Mine(rate = 0.1, block_size = 3), "layerbridge.DropBlock2D")
  Dense <- Layer("Denser", inherit = keras_functions()$layer_dense)
  expect_identical(Dense(units = 3L)$units, 3L)
  relu <- keras_functions()$activation_relu
  expect_identical(layer_dense(units = 2, activation = relu)$get_config()$activation, "relu")
})
