# What layers are called on: several inputs, and values for which R has no array.
layer_pair <- bridge_function(
  function(inputs, units, ...) bridge_call(),
  "bridged_layers", "Pair", composes = "inputs", kinds = bridge_args(units = "int"), inputs = c("x", "context")
)

layer_shifted <- bridge_function(
  function(object, ...) bridge_call(), "bridged_layers", "Shifted", inputs = c("other", "by")
)

layer_takes <- bridge_function(function(object, ...) bridge_call(), "bridged_layers", "Takes")

layer_merged <- bridge_function(function(inputs, ...) bridge_call(), "keras.layers", "Add", composes = "merge")

layer_input <- bridge_function(
  function(shape = NULL, batch_size = NULL, ...) bridge_call(),
  "keras.layers", "InputLayer", composes = "none", make = bridge_make_input,
  kinds = bridge_args(shape = "shape", batch_size = "int")
)

local_modules <- function() {
  skip_if_no_keras()
  test_module("bridged_layers")
}

test_that("several inputs come as a list, in order or by name, or by name beside the first", {
  local_modules()
  x <- symbolic(3)
  context <- symbolic(5)
  for (output in list(
    list(x, context) |> layer_pair(units = 4),
    list(context = context, x = x) |> layer_pair(units = 4),
    x |> layer_pair(units = 4, context = context),
    layer_pair(units = 4, x = x, context = context),
    layer_pair(units = 4)(list(x, context)),
    layer_pair(units = 4)(x, context = context),
    reticulate::tuple(x, context) |> layer_pair(units = 4)
  )) {
    expect_identical(output$shape, list(NULL, 4L))
    expect_length(keras()$Model(list(x, context), output)$inputs, 2L)
  }
})

test_that("an input that is missing is told, and so is a name that is none", {
  local_modules()
  x <- symbolic(3)
  expect_error(
    layer_pair(x, units = 4),
    "`context` must be given: the layer takes several inputs. Pass them as a list", class = "layerbridge_error"
  )
  expect_error(layer_pair(x, units = 4, contxt = x), "`contxt` is not an argument of Pair. Did you mean `context`")
})

test_that("arguments of the call that the class does not take reach the call", {
  local_modules()
  x <- symbolic(3)
  sum <- matrix(1, 1, 2) |> layer_shifted(other = matrix(2, 1, 2))
  expect_equal(as_r(sum), matrix(3, 1, 2))
  expect_equal(as_r(layer_shifted(matrix(1, 1, 2), by = 2)), matrix(3, 1, 2))
  expect_length(keras()$Model(x, layer_shifted(x, other = x))$inputs, 1L)
  layer <- layer_shifted()
  layer(matrix(1, 1, 2), by = 2)
  expect_identical(layer$by, "2")
  dropped <- array(1, c(1, 4, 4, 1)) |> layer_dropblock_2d(rate = 1, block_size = 1, training = TRUE)
  expect_identical(sum(as_r(dropped)), 0)
})

test_that("an argument of the call that finds no call is told by name", {
  local_modules()
  expect_error(
    layer_shifted(other = 1), "Only the layer's call takes `other`, and there is nothing to call the layer on",
    class = "layerbridge_error"
  )
  expect_error(
    sequential(3) |> layer_shifted(by = 2), "takes no further arguments; received `by = 2`", class = "layerbridge_error"
  )
  expect_error(
    layer_shifted(symbolic(3), byy = 2), "`byy` is not an argument of Shifted. Did you mean `by`",
    class = "layerbridge_error"
  )
})

test_that("inputs that are merged come unnamed, as a list, or later", {
  local_modules()
  x <- symbolic(3)
  for (output in list(
    layer_merged(x, x), layer_merged(list(x, x)), layer_merged(list(a = x, b = x)),
    layer_merged()(list(x, x)), layer_merged()(x, x)
  )) {
    expect_identical(output$shape, list(NULL, 3L))
  }
})

test_that("layer_input() gives the tensor that a functional model begins with", {
  local_modules()
  input <- layer_input(shape = 3)
  expect_s3_class(input, "keras.src.backend.common.keras_tensor.KerasTensor")
  expect_identical(layer_input(c(NA, 3), batch_size = 2)$shape, list(2L, NULL, 3L))
  output <- layer_merged(input, input)
  expect_identical(dim(as_r(keras()$Model(input, output)(matrix(1, 2, 3)))), c(2L, 3L))
})

test_that("strings, vectors and ragged lists arrive as Python has them", {
  local_modules()
  received <- function(x) {
    layer <- layer_takes()
    layer(x)
    piped <- layer_takes(x)
    layer$received
  }
  expect_identical(received(c("a", "b")), "['a', 'b']")
  expect_identical(received("a"), "'a'")
  expect_identical(received(c(1, 2)), "array([1., 2.])")
  expect_match(received(1:2), "^array\\(\\[1, 2\\]")
  expect_identical(received(list(1:3, 4L)), "[[1, 2, 3], [4]]")
  expect_identical(received(list(c("a", "b"), "c")), "[['a', 'b'], ['c']]")
  expect_identical(received(list("a", "b")), "['a', 'b']")
})

test_that("keras's own preprocessing takes them", {
  skip_if_no_wrap_layers()
  k <- wrap_layers("keras.layers")
  expect_equal(c(as_r(k$layer_string_lookup(c("b", "a"), vocabulary = c("a", "b")))), c(2, 1))
  expect_equal(c(as_r(k$layer_rescaling(c(1, 2, 3), 2))), c(2, 4, 6))
  expect_identical(dim(as_r(1:3 |> k$layer_embedding(10, 4))), c(3L, 4L))
})

test_that("a layer that takes only tensors refuses them in R's words", {
  skip_if_no_keras()
  for (object in list("a", 5, c("a", "b"), list("a", "b"))) {
    expect_error(
      layer_dropblock_2d(object, rate = 0.1, block_size = 3),
      "^`object` must be a Sequential model, a tensor or an R array; received ", class = "layerbridge_error"
    )
  }
})

test_that("a further argument for a layer that is added to a model is an error", {
  skip_if_no_keras()
  drop <- layer_spatial_dropout_2d(rate = 0.1)
  expect_error(sequential(8, 8, 2) |> drop(training = TRUE), "takes no further arguments; received `training = TRUE`")
})

test_that("a layer that is called on nothing says what it needs", {
  skip_if_no_keras()
  drop <- layer_spatial_dropout_2d(rate = 0.1)
  expect_error(drop(), "`inputs` must be given", class = "layerbridge_error")
  expect_identical(dim(as_r(drop(inputs = array(1, c(1, 2, 2, 1))))), c(1L, 2L, 2L, 1L))
})

test_that("vectors of one length are inputs of their own for a layer that merges", {
  local_modules()
  expect_equal(as.array(layer_merged(list(c(1, 2, 3), c(4, 5, 6)))$numpy()), array(c(5, 7, 9)))
  expect_equal(as.array(layer_merged(c(1, 2, 3), c(4, 5, 6))$numpy()), array(c(5, 7, 9)))
})

test_that("a layer with several inputs says where they go wrong", {
  local_modules()
  expect_error(layer_pair(sequential(3), units = 4), "several inputs cannot be added to a Sequential model")
  expect_error(layer_pair(symbolic(3), symbolic(5)), "`units` must not be a tensor. Pass several inputs as a list")
})
