# A function that stands for a Python object arrives as that object.
activation_gelu <- function(x, approximate = FALSE) {
  bridge_call("keras.activations", "gelu", composes = "none")
}

initializer_zeros <- function() bridge_call("keras.initializers", "Zeros", composes = "none")

regularizer_l2 <- function(l2 = 0.01) {
  l2 <- as.double(l2)
  bridge_call("keras.regularizers", "L2", composes = "none")
}

rnn_cell_gru <- function(units, ...) {
  bridge_call("keras.layers", "GRUCell", composes = "none", kinds = bridge_args(units = "int"))
}

layer_dense <- function(object, units, activation = NULL, kernel_initializer = "glorot_uniform", ...) {
  bridge_call("keras.layers", "Dense", kinds = bridge_args(units = "int"))
}

layer_keeps <- function(object, value = NULL, values = NULL, `function` = NULL, ...) {
  bridge_call("bridged_layers", "Keeps", kinds = bridge_args(values = "int_list"))
}

test_that("a generated function as an argument arrives as what it makes", {
  skip_if_no_keras()
  model <- sequential(3)
  model |> layer_dense(
    2, activation = activation_gelu, kernel_initializer = initializer_zeros, kernel_regularizer = regularizer_l2
  )
  config <- config(model)
  expect_identical(config$activation, "gelu")
  expect_identical(config$kernel_initializer$class_name, "Zeros")
  expect_identical(config$kernel_regularizer$class_name, "L2")
  file <- withr::local_tempfile(fileext = ".keras")
  model$save(file)
  expect_identical(config(keras()$models$load_model(file))$activation, "gelu")
})

test_that("in lists, under another name and with classes too", {
  skip_if_no_keras()
  test_module("bridged_layers")
  mine <- structure(activation_gelu, class = c("layerbridge_function", "function"))
  for (given in list(activation_gelu, mine)) {
    expect_match(layer_keeps(value = given)$said(), "^<function gelu at ")
    expect_match(layer_keeps(value = list(given, 1))$said(), "^\\[<function gelu at .*>, 1\\]$")
  }
  expect_match(layer_keeps(value = rnn_cell_gru)$said(), "class 'keras.*GRUCell'")
})

test_that("a function of the user's own stays that", {
  skip_if_no_keras()
  test_module("bridged_layers")
  doubled <- function(x) x * 2
  expect_identical(layer_keeps(value = doubled)$value(4), 8)
  output <- symbolic(3) |> layer_dense(2, activation = function(x) keras()$ops$relu(x))
  expect_identical(output$shape, list(NULL, 2L))
})

test_that("Python sees what a function of the user's own takes", {
  skip_if_no_keras()
  test_module("bridged_functions")
  signed <- function(f) bridge_call("bridged_functions", "signed", composes = "function")
  expect_identical(signed(function(meta, units) meta), "(meta, units)")
  expect_identical(
    signed(function(x, rate = 0.5, f = mean, ..., last) x),
    "(x, rate=0.5, f=None, *args, last, **kwargs)"
  )
  expect_identical(signed(function() 1), "()")
  expect_identical(signed(list(function(x) x)), "(x)")
  for (unsayable in list(function(a.b) 1, function(a = 1, b) 1, sum)) {
    expect_identical(signed(unsayable), "(*args, **kwargs)")
  }
})

test_that("the call that a function ends in tells what it stands for", {
  expect_identical(as.list(bridge_last_call(body(regularizer_l2)))$name, "L2")
  expect_null(bridge_last_call(body(function(x) sum(x))))
  expect_null(bridge_last_call(body(mean)))
  expect_null(bridge_last_call(NULL))
  expect_null(bridge_last_call(call("{")))
})

test_that("an initializer is called on a shape, and other objects on vectors as arrays", {
  skip_if_no_keras()
  zeros <- function() bridge_call("keras.initializers", "Zeros", composes = "initializer")
  expect_identical(dim(as_r(zeros()(c(2, 3)))), c(2L, 3L))
  expect_equal(c(as_r(regularizer_l2(0.1)(c(1, 2)))), 0.5, tolerance = 1e-6)
})
