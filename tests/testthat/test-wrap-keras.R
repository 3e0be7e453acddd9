# Keras's own layers, whose functions compose in more ways than ours.
k <- function() wrap_layers("keras.layers")

test_that("a merging layer takes its inputs unnamed, as a list, or later", {
  skip_if_no_wrap_layers()
  one <- symbolic(4, 2)
  two <- symbolic(4, 3)
  k <- k()
  for (output in list(
    k$layer_concatenate(one, two),
    k$layer_concatenate(list(one, two)),
    k$layer_concatenate(inputs = list(one, two), name = "both"),
    k$layer_concatenate()(list(one, two)),
    k$layer_concatenate(one, two, axis = 3)
  )) {
    expect_identical(output$shape, list(NULL, 4L, 5L))
  }
  along <- k$layer_concatenate(axis = 2)
  expect_identical(along$axis, 1L)
})

test_that("a layer with inputs of its own takes them as a list", {
  skip_if_no_wrap_layers()
  x <- symbolic(4, 8)
  attention <- k()$layer_multi_head_attention
  expect_identical(attention(list(x, x), num_heads = 2, key_dim = 4)$shape, list(NULL, 4L, 8L))
  layer <- attention(num_heads = 2, key_dim = 4)
  expect_identical(layer$num_heads, 2L)
})

test_that("a cell is made, and goes into a layer", {
  skip_if_no_wrap_layers()
  k <- k()
  cell <- k$rnn_cell_gru(units = 3)
  output <- symbolic(5, 2) |> k$layer_rnn(cell)
  expect_identical(output$shape, list(NULL, 3L))
})

test_that("nested sizes arrive as Python has them", {
  skip_if_no_wrap_layers()
  k <- k()
  padded <- symbolic(4, 4, 1) |> k$layer_zero_padding_2d(list(c(1, 2), c(3, 4)))
  expect_identical(padded$shape, list(NULL, 7L, 11L, 1L))
  reshaped <- symbolic(4, 4) |> k$layer_reshape(c(2, -1))
  expect_identical(reshaped$shape, list(NULL, 2L, 8L))
  for (size in list(c(NA, 8), list(NULL, 8), list(NA, 8L))) {
    layer <- k$layer_reshape(target_shape = size)
    expect_identical(layer(symbolic(4, 4))$shape, list(NULL, 2L, 8L))
    expect_identical(dim(as_r(layer(array(1, c(3, 4, 4))))), c(3L, 2L, 8L))
  }
  summed <- symbolic(4, 4) |> k$layer_reshape(reticulate::tuple(16L))
  expect_identical(summed$shape, list(NULL, 16L))
})

test_that("an axis of 0, and arguments without a name, are refused", {
  skip_if_no_wrap_layers()
  k <- k()
  expect_error(k$layer_concatenate(axis = 0), "counts from 1", class = "layerbridge_error")
  expect_error(
    layer_spatial_dropout_2d(NULL, 0.1, NULL, 1, "named", NULL, 5),
    "must have names", class = "layerbridge_error"
  )
})

test_that("an argument that the caller did not get counts as not given", {
  skip_if_no_wrap_layers()
  wrapper <- function(rate, seed) layer_spatial_dropout_2d(rate = rate, seed = seed)
  expect_null(wrapper(0.1)$get_config()$seed)
  expect_identical(wrapper(0.1, 3)$get_config()$seed, 3L)
})

test_that("a name is not taken for an argument that is missing", {
  skip_if_no_wrap_layers()
  expect_error(k()$layer_dropout(name = "drop"), "`rate` must be given: there is no default.", fixed = TRUE)
})

test_that("a file is replaced only where R is told to, in a package too", {
  written <- withr::local_tempfile(lines = "kept", fileext = ".keras")
  expect_error(bridge_make_saved(list(filepath = written), list()), "Give `overwrite = TRUE`", fixed = TRUE)
  expect_identical(readLines(written), "kept")
})

test_that("a path may be of Python's, and what is no path is for Python to judge, or named", {
  skip_if_no_wrap_layers()
  k <- keras_functions()
  model <- k$keras_model_sequential(input_shape = 3) |> k$layer_dense(units = 1)
  folder <- withr::local_tempdir()
  files <- c(save_model = "m.keras", save_model_weights = "m.weights.h5", save_model_config = "m.json")
  files[] <- file.path(folder, files)
  for (file in files) writeLines("kept", file)
  no_path <- c(
    save_model = "[Ff]ilepath|path", save_model_weights = "filepath|path",
    save_model_config = "`filepath` must be the path of a file; received 3."
  )
  for (name in names(files)) {
    save <- k[[name]]
    path <- reticulate::import("pathlib")$Path(files[[name]])
    expect_error(save(model, path), "Give `overwrite = TRUE`", class = "layerbridge_error", info = name)
    save(model, path, overwrite = TRUE)
    expect_false(identical(readLines(files[[name]], n = 1L, warn = FALSE), "kept"), info = name)
    expect_error(save(model, 3), no_path[[name]], class = "layerbridge_error", info = name)
    if (name == "save_model") next # which gives bytes
    expect_error(save(model), "`filepath` must be given", class = "layerbridge_error", info = name)
  }
  in_package <- bridge_function(
    function(model, filepath, overwrite = FALSE, ...) bridge_call(), "keras.saving", "save_model",
    composes = "function", make = bridge_make_saved
  )
  expect_error(in_package(model, path = "x.keras"), "`filepath` must be given", class = "layerbridge_error")
  config <- reticulate::import("pathlib")$Path(files[["save_model_config"]])
  expect_s3_class(k$load_model_config(config), "keras.src.models.sequential.Sequential")
})
