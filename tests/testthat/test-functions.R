# A function that stands for a Python object arrives as that object.
activation_gelu <- bridge_function(
  function(x, approximate = FALSE) bridge_call(), "keras.activations", "gelu", composes = "none"
)

initializer_zeros <- bridge_function(function() bridge_call(), "keras.initializers", "Zeros", composes = "none")

regularizer_l2 <- bridge_function(
  function(l2 = 0.01) bridge_call(), "keras.regularizers", "L2", composes = "none", kinds = bridge_args(l2 = "float")
)

rnn_cell_gru <- bridge_function(
  function(units, ...) bridge_call(), "keras.layers", "GRUCell", composes = "none", kinds = bridge_args(units = "int")
)

layer_dense <- bridge_function(
  function(object, units, activation = NULL, kernel_initializer = "glorot_uniform", ...) bridge_call(),
  "keras.layers", "Dense", kinds = bridge_args(units = "int")
)

layer_keeps <- bridge_function(
  function(object, value = NULL, values = NULL, `function` = NULL, ...) bridge_call(),
  "bridged_layers", "Keeps", kinds = bridge_args(values = "int_list")
)

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
  signed <- bridge_function(function(f) bridge_call(), "bridged_functions", "signed", composes = "function")
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

test_that("a function knows what it stands for, whatever is made of it", {
  expect_identical(bridge_target_of(regularizer_l2)$name, "L2")
  changed <- regularizer_l2
  formals(changed)$l2 <- 0.5
  expect_identical(bridge_target_of(changed)$name, "L2")
  for (other in list(function(x) sum(x), mean, sum)) expect_null(bridge_target_of(other))
})

test_that("reticulate sends a function as what it stands for, and prints it without what it keeps", {
  skip_if_no_keras()
  expect_identical(reticulate::py_to_r(reticulate::r_to_py(layer_dense)$`__name__`), "Dense")
  expect_identical(keras()$layers$Dense(3L, activation = activation_gelu)$get_config()$activation, "gelu")
  expect_identical(
    capture.output(print(activation_gelu)),
    c("# keras.activations.gelu in Python", "function (x, approximate = FALSE) ")
  )
})

test_that("a class that R makes otherwise is sent as the class, a function that computes otherwise as R's", {
  skip_if_no_wrap_layers()
  k <- keras_functions()
  sent <- function(fn) reticulate::import_builtins()$isinstance(fn, reticulate::import_builtins()$type)
  expect_true(sent(k$keras_model_sequential))
  expect_true(sent(k$layer_input))
  mine <- k$Model("Mine", inherit = k$keras_model_sequential)
  expect_s3_class(mine(), "keras.src.models.sequential.Sequential")
  for (fn in list(k$op_arange, k$op_top_k, k$op_nonzero)) expect_identical(bridge_stands_for(fn, NULL), fn)
})

test_that("an initializer is called on a shape, and other objects on vectors as arrays", {
  skip_if_no_keras()
  zeros <- bridge_function(function() bridge_call(), "keras.initializers", "Zeros", composes = "initializer")
  expect_identical(dim(as_r(zeros()(c(2, 3)))), c(2L, 3L))
  expect_equal(c(as_r(regularizer_l2(0.1)(c(1, 2)))), 0.5, tolerance = 1e-6)
})

test_that("operators take tensors of any backend and type, element by element", {
  skip_if_no_keras()
  tensor <- keras()$ops$convert_to_tensor
  numbers <- matrix(c(0.25, 0.5, 0.75, 1), 2)
  x <- tensor(numbers, "float32")
  for (operator in c("==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "^")) {
    operate <- get(operator)
    expect_equal(as_r(operate(x, 0.5)), operate(numbers, 0.5), tolerance = 1e-6, info = operator)
    expect_equal(as_r(operate(1, x)), operate(1, numbers), tolerance = 1e-6, info = operator)
    expect_equal(as_r(operate(x, x)), operate(numbers, numbers), tolerance = 1e-6, info = operator)
  }
  whole <- tensor(matrix(1:4, 2))
  expect_identical(as_r(whole + 1), matrix(2:5, 2))
  expect_identical(as_r(2 * whole), matrix(2L * 1:4, 2))
  expect_identical(as_r(whole == 2), matrix(1:4 == 2, 2))
  expect_equal(as_r(keras()$Variable(numbers) > 0.5), numbers > 0.5)
  expect_equal(as_r(keras()$Variable(numbers) + x), 2 * numbers, tolerance = 1e-6)
  added <- keras()$Variable(numbers) + reticulate::np_array(numbers, "float32")
  expect_equal(as_r(added), 2 * numbers, tolerance = 1e-6)
  expect_identical((symbolic(3) > 0.5)$shape, list(NULL, 3L))
})

test_that("R's mathematics takes tensors", {
  skip_if_no_keras()
  numbers <- matrix(c(0.25, 0.5, 0.75, 1), 2)
  x <- keras()$ops$convert_to_tensor(numbers, "float32")
  for (name in c("abs", "sqrt", "exp", "log", "round", "ceiling", "cos", "tanh", "asin")) {
    compute <- get(name)
    expect_equal(c(as_r(compute(x))), c(compute(numbers)), tolerance = 1e-6, info = name)
  }
  for (name in c("mean", "sum", "prod", "max", "min")) {
    compute <- get(name)
    expect_equal(c(as_r(compute(x))), compute(numbers), tolerance = 1e-6, info = name)
  }
  expect_equal(c(as_r(mean(x > 0.5))), 0.5)
  expect_equal(c(as_r(sum(x, 1))), sum(numbers) + 1)
  expect_error(
    range(x, 1), "`range()` of a tensor takes no further arguments", fixed = TRUE, class = "layerbridge_error"
  )
  expect_error(mean(x, trim = 0.1), "`mean()` of a tensor", fixed = TRUE, class = "layerbridge_error")
  expect_error(cumsum(x), "`cumsum()` does not take a tensor", fixed = TRUE, class = "layerbridge_error")

  model <- sequential(2)
  model$add(keras()$layers$Dense(1L))
  model |> compile("sgd", loss = function(y_true, y_pred) mean(abs(y_true - y_pred)) + sum(sqrt(exp(y_pred))))
  expect_length(fit(model, numbers, 1:2 / 2)$metrics$loss, 1L)
})
