test_that("whole numbers arrive as integers", {
  skip_if_no_keras()
  for (block_size in list(3, 3L)) {
    layer <- layer_dropblock_2d(rate = 0.1, block_size = block_size, seed = 1)
    expect_identical(layer$get_config()$seed, 1L)
  }
  sizes <- list(c(3, 5), c(3L, 5L), list(3, 5), list(3L, 5L))
  for (block_size in sizes) {
    layer <- layer_dropblock_2d(rate = 0.1, block_size = block_size)
    expect_equal(unlist(layer$get_config()$block_size), c(3L, 5L))
    expect_type(unlist(layer$get_config()$block_size), "integer")
  }
})

test_that("variables, expressions and do.call() pass arguments as literals do", {
  skip_if_no_keras()
  size <- c(2, 4)
  make <- function(...) layer_dropblock_2d(...)
  by_name <- function(rate, block_size = size) layer_dropblock_2d(rate = rate, block_size = block_size)
  layers <- list(
    make(rate = 0.1 * 2, block_size = size),
    by_name(0.2),
    do.call(layer_dropblock_2d, list(rate = 0.2, block_size = size)),
    do.call("layer_dropblock_2d", list(rate = 0.2, block_size = size)),
    lapply(0.2, function(rate) layer_dropblock_2d(rate = rate, block_size = size))[[1]]
  )
  for (layer in layers) {
    expect_equal(layer$get_config()$rate, 0.2)
    expect_equal(unlist(layer$get_config()$block_size), c(2L, 4L))
  }
})

test_that("only what was given is sent", {
  skip_if_no_keras()
  withr::defer(keras()$config$set_image_data_format("channels_last"))
  keras()$config$set_image_data_format("channels_first")
  layer <- layer_dropblock_2d(rate = 0.1, block_size = 3)
  expect_identical(layer$get_config()$data_format, "channels_first")
})

test_that("R's defaults are the ones that Python has", {
  skip_if_no_keras()
  defaults_of <- reticulate::py_eval(paste(
    "lambda c: {n: p.default",
    "for n, p in __import__('inspect').signature(c.__init__).parameters.items()",
    "if p.default is not p.empty and n != 'kwargs'}"
  ))
  for (rank in 1:3) {
    for (family in c("dropblock", "spatial_dropout")) {
      name <- sprintf("layer_%s_%dd", family, rank)
      class <- paste0(if (family == "dropblock") "DropBlock" else "SpatialDropout", rank, "D")
      python <- defaults_of(reticulate::import("layerbridge")[[class]])
      r <- as.list(formals(name))
      shared <- intersect(names(python), names(r))
      expect_gt(length(shared), 1L)
      expect_equal(r[shared], python[shared], info = name)
    }
  }
})

test_that("the functions have the arguments that the contract lists", {
  dropblock <- as.pairlist(alist(
    object = , rate = , block_size = , data_format = NULL, per_channel = TRUE,
    normalize = "batch", exact_rate = TRUE, seed = NULL, name = NULL, dtype = NULL, ... =
  ))
  spatial <- as.pairlist(alist(
    object = , rate = , data_format = NULL, seed = NULL, name = NULL, dtype = NULL, ... =
  ))
  for (fn in list(layer_dropblock_1d, layer_dropblock_2d, layer_dropblock_3d)) {
    expect_identical(formals(fn), dropblock)
  }
  for (fn in list(layer_spatial_dropout_1d, layer_spatial_dropout_2d, layer_spatial_dropout_3d)) {
    expect_identical(formals(fn), spatial)
  }
})

test_that("every argument reaches Python", {
  skip_if_no_keras()
  layer <- layer_dropblock_2d(
    rate = 0.2, block_size = 3, data_format = "channels_first", per_channel = FALSE,
    normalize = "sample", exact_rate = FALSE, seed = 7, name = "mine", dtype = "float16",
    trainable = FALSE
  )
  config <- layer$get_config()
  expect_equal(config$rate, 0.2)
  expect_identical(config$data_format, "channels_first")
  expect_false(config$per_channel)
  expect_identical(config$normalize, "sample")
  expect_false(config$exact_rate)
  expect_identical(config$name, "mine")
  expect_identical(layer$compute_dtype, "float16")
  expect_false(layer$trainable)
})

test_that("`...` takes what every Keras layer takes", {
  skip_if_no_keras()
  model <- keras()$Sequential()
  model |> layer_spatial_dropout_2d(rate = 0.1, input_shape = c(8, 8, 3))
  expect_identical(model$input_shape, list(NULL, 8L, 8L, 3L))

  model <- keras()$Sequential()
  model |> layer_dropblock_2d(rate = 0.1, block_size = 3, input_shape = list(NULL, NA, 3))
  expect_identical(model$input_shape, list(NULL, NULL, NULL, 3L))
})

test_that("a name pattern numbers the layers", {
  skip_if_no_keras()
  names <- vapply(1:2, function(i) {
    layer_spatial_dropout_2d(rate = 0.1, name = "pattern-drop{}")$name
  }, "")
  expect_identical(names, c("pattern-drop1", "pattern-drop2"))
})

# The calls that R keras 2.9.0 documents, each argument by name.
test_that("every call of R keras 2.9 to layer_spatial_dropout_2d() works", {
  skip_if_no_keras()
  optional <- list(
    data_format = "channels_first", batch_size = 4, name = "old", trainable = FALSE,
    weights = list()
  )
  choices <- expand.grid(rep(list(c(FALSE, TRUE)), length(optional)))
  for (i in seq_len(nrow(choices))) {
    given <- optional[unlist(choices[i, ])]
    layer <- do.call(layer_spatial_dropout_2d, c(list(rate = 0.2), given))
    expect_equal(layer$get_config()$rate, 0.2, info = toString(names(given)))
  }
  nothing <- lapply(optional, function(value) NULL)
  layer <- do.call(layer_spatial_dropout_2d, c(list(rate = 0.2), nothing))
  expect_true(layer$trainable)

  for (object in list(NULL, sequential(3, 8, 8), symbolic(3, 8, 8))) {
    arguments <- c(list(object, rate = 0.2), optional[c("data_format", "trainable", "weights")])
    expect_s3_class(do.call(layer_spatial_dropout_2d, arguments), "python.builtin.object")
  }
})
