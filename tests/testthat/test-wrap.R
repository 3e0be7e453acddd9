strange <- function() {
  test_module("strange_layers")
  wrap_layers("strange_layers")
}

test_that("a stranger's layers become functions that compose", {
  skip_if_no_wrap_layers()
  layers <- strange()
  expect_s3_class(layers, "layerbridge_wrapped")
  expect_named(layers, "layer_scale")

  model <- sequential(3)
  piped <- model |> layers$layer_scale(factor = 2, repeats = 3)
  expect_true(same_object(piped, model))
  expect_equal(model$predict(matrix(1, 1, 3), verbose = 0L), matrix(8, 1, 3))

  expect_s3_class(
    symbolic(3) |> layers$layer_scale(2), "keras.src.backend.common.keras_tensor.KerasTensor"
  )
  later <- layers$layer_scale(factor = 2)
  expect_equal(as_r(later(matrix(1, 1, 3))), matrix(2, 1, 3))
})

test_that("integers arrive as integers, and axes count from 1", {
  skip_if_no_wrap_layers()
  layer <- strange()$layer_scale(factor = 2, repeats = 3, axis = 1)
  expect_identical(layer$repeats, 3L)
  expect_identical(layer$axis, 0L)
  expect_identical(strange()$layer_scale(factor = 2, axis = -1)$axis, -1L)
})

test_that("layers that were made in this session are wrapped", {
  skip_if_no_wrap_layers()
  reticulate::py_run_string("
import keras
class Doubled(keras.layers.Layer):
    def call(self, x):
        return 2 * x
")
  layers <- wrap_layers("__main__")
  expect_equal(as_r(layers$layer_doubled(matrix(1, 1, 3))), matrix(2, 1, 3))
})

test_that("printing lists the functions with their arguments", {
  skip_if_no_wrap_layers()
  layers <- strange()
  expect_snapshot_output(print(layers))
  expect_snapshot_output(print(layers$layer_scale))
})

test_that("help shows the translated docstring, and runs none of it", {
  skip_if_no_wrap_layers()
  fn <- strange()$layer_scale
  text <- readLines(help_text(attr(fn, "help")()), encoding = "UTF-8")
  expect_match(text, "Multiplies its inputs", all = FALSE)
  expect_match(text, "what to multiply by", all = FALSE)
  expect_match(text, "Sexpr{stop(\"ran\")}", fixed = TRUE, all = FALSE)
  expect_match(capture.output(help_layer(fn)), "Multiplies its inputs", all = FALSE)
})

test_that("our own module comes out as the functions of this package", {
  skip_if_no_wrap_layers()
  layers <- wrap_layers("layerbridge")
  own <- grep("^layer_", getNamespaceExports("layerbridge"), value = TRUE)
  expect_setequal(grep("^layer_", names(layers), value = TRUE), own)
  for (name in names(layers)) {
    expect_identical(formals(layers[[name]]), formals(getExportedValue("layerbridge", name)))
  }
})

test_that("a function that is not there gets a suggestion", {
  skip_if_no_wrap_layers()
  layers <- strange()
  expect_error(
    layers$layer_scal(2), "no function `layer_scal` for the layers of strange_layers. Did you mean `layer_scale`?",
    fixed = TRUE, class = "layerbridge_error"
  )
  expect_error(
    layers$layer_dense(3), "no function `layer_dense` for the layers of strange_layers. `names()`",
    fixed = TRUE
  )
})

test_that("what cannot be wrapped says why", {
  skip_if_no_wrap_layers()
  expect_error(wrap_layers("no_such_module"), "no_such_module", class = "layerbridge_error")
  expect_error(wrap_layers("keras.nonesuch"), "has no `nonesuch`", class = "layerbridge_error")
  expect_error(wrap_layers("json"), "no Keras layer", class = "layerbridge_error")
  for (module in list(NA_character_, c("a", "b"), 5, character(), NULL)) {
    expect_error(wrap_layers(module), "must be the name of a Python module")
  }
  expect_error(
    help_layer(), "`fn` must be a function made by wrap_layers.*; received nothing",
    class = "layerbridge_error"
  )
  expect_error(help_layer(mean), "made by wrap_layers", class = "layerbridge_error")
})

test_that("an error of a wrapped function carries the user's call", {
  skip_if_no_wrap_layers()
  layers <- strange()
  condition <- expect_error(layers$layer_scale(factor = 2, repeat_s = 1), "Did you mean `repeats`")
  expect_identical(conditionCall(condition)[[1]], quote(layers$layer_scale))
})

test_that("a class, or other letters than the function's, are found", {
  skip_if_no_wrap_layers()
  layers <- wrap_layers("layerbridge")
  for (name in c("dropblock2d", "dropblock_2d", "layer_drop_block_2d")) {
    expect_error(eval(call("$", quote(layers), as.name(name))), "Did you mean `layer_dropblock_2d`", fixed = TRUE)
  }
  expect_error(layers$DropBlock2D, "Python's `DropBlock2D` is `layer_dropblock_2d` in R.", fixed = TRUE)
  expect_error(layers$LinearRamp, "layerbridge.LinearRamp is left out: not a layer.", fixed = TRUE)
  expect_error(
    layers$nonesuch, "no function `nonesuch` for the layers of layerbridge. `names()` lists all.",
    fixed = TRUE
  )
  expect_error(wrap_layers("mine.py"), "the name of a Python module; received \"mine.py\". Write", fixed = TRUE)
})
