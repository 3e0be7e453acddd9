# Python's errors in R's words, short enough to be read.
layer_raw <- bridge_function(function(object, ...) bridge_call(), "bridged_layers", "Raw")

layer_fails <- bridge_function(function(object, ...) bridge_call(), "bridged_layers", "Fails")

layer_mixed <- bridge_function(function(object, ...) bridge_call(), "bridged_layers", "Mixed")

with_text <- bridge_function(function(text) bridge_call(), "bridged_layers", "with_text", composes = "none")

condition_of <- function(expr) tryCatch(expr, layerbridge_error = identity)

test_that("a dump of the inputs does not hide what is wrong", {
  skip_if_no_keras()
  test_module("bridged_layers")
  for (n in c(1, 120, 1e4)) {
    input <- as.list(seq(0, 1, length.out = n))
    for (condition in list(condition_of(layer_raw(input)), condition_of(layer_raw(array(unlist(input), c(1, n)))))) {
      said <- conditionMessage(condition)
      expect_match(said, "^Raw takes nothing. Received: ")
      expect_match(said, "which is too much.", fixed = TRUE)
      expect_lt(nchar(said), 800)
    }
  }
})

test_that("a long message keeps its beginning, within what R shows", {
  skip_if_no_keras()
  test_module("bridged_layers")
  said <- conditionMessage(condition_of(with_text(paste(c("This is wrong.", rep("word", 1e4)), collapse = " "))))
  expect_match(said, "^This is wrong.* [.]{3}$")
  expect_lte(nchar(said), getOption("warning.length") - 200)
})

test_that("an exception whose text says little keeps its class", {
  skip_if_no_keras()
  test_module("bridged_layers")
  expect_identical(conditionMessage(condition_of(layer_fails(matrix(1, 1, 1)))), "KeyError: 0")
})

test_that("an exception without a message says so", {
  expect_identical(bridge_bare("AssertionError: "), "Python raised AssertionError without a message.")
  expect_identical(bridge_bare("ValueError: x"), "x")
  expect_identical(bridge_bare("KeyError: \"it can't be found\""), "it can't be found")
})

test_that("what TensorFlow says of a graph is only what is wrong", {
  said <- paste0(
    "InvalidArgumentError: Graph execution error:\n\nDetected at node a/Cast defined at (most recent call last):\n",
    "  File \"a.py\", line 1, in f\n\n  File \"b.py\", line 2, in g\n\n",
    "Cast string to float is not supported\n\t [[{{node a/Cast}}]] [Op:__inference_1]"
  )
  expect_identical(bridge_bare(said), "Cast string to float is not supported")
  without <- "Graph execution error:\n\nDetected at node a:\n<stack traces unavailable>\nIn[1] is wrong\n\t [[{{a}}]]"
  expect_identical(bridge_bare(without), "In[1] is wrong")
})

test_that("Python's dicts, methods and sizes are written as R's", {
  skip_if_no_keras()
  expect_identical(bridge_in_r_terms("received {'a': 1, 'b': [1, 2]}."), "received list(a = 1L, b = 1:2).")
  expect_identical(bridge_in_r_terms("a set {1, 2} and {'a': b}"), "a set {1, 2} and {'a': b}")
  expect_identical(bridge_in_r_terms("one of {'same', 'valid'}"), "one of c(\"same\", \"valid\")")
  expect_identical(bridge_in_r_terms("keys ['a', 'b'] of {'a': ...}"), "keys c(\"a\", \"b\") of {'a': ...}")
  expect_identical(bridge_in_r_terms("4 (of type <class 'str'>)"), "4 (text)")
  expect_identical(bridge_in_r_terms("2 of type <class 'a.b.Dense'>"), "2 of class Dense")
  expect_identical(bridge_in_r_terms("a tuple of 2 integers"), "a vector of 2 integers")
  expect_identical(bridge_in_r_terms("Call `model.add(layer)`."), "Call `model$add(layer)`.")
  expect_identical(bridge_in_r_terms("samples.'x' sizes: 20\n'y' sizes: 10\n"), "samples. `x` has 20. `y` has 10.\n")
})

test_that("unknown lengths of a shape are NA, other values NULL", {
  expect_identical(bridge_in_r_terms("shape (None, 8, None)"), "shape (NA, 8, NA)")
  expect_identical(bridge_in_r_terms("shape (None,)"), "shape (NA)")
  expect_identical(bridge_in_r_terms("must be None or True"), "must be NULL or TRUE")
})

test_that("an argument that a mixin needs is asked for in R's words", {
  skip_if_no_keras()
  test_module("bridged_layers")
  expect_error(layer_mixed(), "`depth` must be given: there is no default.", fixed = TRUE)
})

test_that("a name is never suggested for itself", {
  skip_if_no_wrap_layers()
  said <- conditionMessage(condition_of(wrap_layers("keras.layers")$layer_dense(units = 2, batch_size = 4)))
  expect_match(said, "^`batch_size` is not an argument of Dense.\nPython: .*'batch_size': 4")
})

# Each kind of exception, through each way in which a function of R calls Python. Of an exception with several arguments
# Keras itself keeps the first, and it takes StopIteration for the end of the data.
exceptions <- c(
  "ValueError('got shape (None, 4)')", "TypeError('needs {1, 2} or None, not list')", "KeyError('the key')",
  "IndexError('of 3')", "AttributeError(\"'NoneType' object has no attribute 'x'\")", "RuntimeError('dict of True')",
  "ImportError('requires tensorflow-text, None found')", "NotImplementedError('tuple of 2 integers')",
  "OSError('No such file')", "MemoryError('all of it')", "UnicodeError('no UTF-8')",
  "AssertionError('unexpected keyword argument')", "ValueError('a missing 1 required argument')",
  "ValueError('several\\nlines of None')", "CustomError('one of my own, None')"
)

raising <- bridge_function(
  function(object, exception) bridge_call(), "bridged_layers", "Raising", kinds = bridge_args(exception = "any")
)
raise_exception <- bridge_function(
  function(exception) bridge_call(), "bridged_layers", "raise_exception", composes = "function"
)
raised.bridged_layers.Raising <- bridge_function(
  function(object, exception) bridge_call(), NULL, "raised", composes = "method"
)

test_that("Python's own words are found again in every error, whoever raises it and however it is called", {
  skip_if_no_keras()
  test_module("bridged_layers")
  for (exception in exceptions) {
    words <- reticulate::import("bridged_layers")$last_line(exception)
    layer <- raising(exception = exception)
    model <- sequential(3)
    model$add(layer)
    model |> compile("sgd", loss = "mse")
    ways <- list(
      "function" = quote(raise_exception(exception)),
      layer = quote(layer(matrix(1, 2, 3))),
      method = quote(raised.bridged_layers.Raising(layer, exception)),
      predict = quote(predict(model, matrix(1, 2, 3))),
      "fit without y" = quote(fit(model, matrix(1, 2, 3)))
    )
    for (way in names(ways)) {
      said <- conditionMessage(condition_of(eval(ways[[way]])))
      expect(grepl(words, said, fixed = TRUE), sprintf("%s by %s: %s", exception, way, said))
    }
  }
})

test_that("a handler that fails leaves what Python said", {
  expect_identical(bridge_reworded("x went wrong", function(text) stop("no")), "x went wrong")
  expect_identical(bridge_reworded("x went wrong", function(text) "Try y."), "Try y.\nPython: x went wrong")
})

test_that("what a folder of the user's raises is not taken for this package's, whatever its name", {
  skip_if_no_keras()
  layers <- reticulate::import("layerbridge.layers")$`__file__`
  expect_true(bridge_is_of_this(layers))
  expect_false(bridge_is_of_this(file.path(tempdir(), "layerbridge", "layers", "__init__.py")))
  expect_false(bridge_is_of_this(""))
})

test_that("the call in the condition is the user's, in a pipe, later, and in a function", {
  skip_if_no_keras()
  flat <- matrix(1, 2, 2)
  drop <- layer_spatial_dropout_2d(rate = 0.1)
  in_function <- function(...) layer_spatial_dropout_2d(..., rate = 0.1)
  name_of <- function(expr) deparse1(conditionCall(condition_of(expr))[[1L]])
  expect_identical(name_of(flat |> layer_spatial_dropout_2d(rate = 0.1)), "layer_spatial_dropout_2d")
  expect_identical(name_of(flat |> drop()), "drop")
  expect_identical(name_of(in_function(flat)), "layer_spatial_dropout_2d")
  expect_identical(name_of(sequential(4) |> layer_spatial_dropout_2d(rate = 0.1)), "layer_spatial_dropout_2d")
})

test_that("a layer in the place of a tensor is told apart by whether it was called", {
  skip_if_no_keras()
  layer <- keras()$layers$Flatten()
  expect_error(layer_spatial_dropout_1d(layer, rate = 0.1), "Call it on a tensor first")
  layer(symbolic(2, 2))
  expect_error(layer_spatial_dropout_1d(layer, rate = 0.1), "Compose with its output, `object$output`", fixed = TRUE)
})

test_that("values are described as R writes them", {
  expect_identical(bridge_describe(c(0.1, 0.2)), "c(0.1, 0.2)")
  expect_identical(bridge_describe(3L), "3")
  expect_identical(bridge_describe("a"), "\"a\"")
  expect_identical(bridge_describe(list()), "list()")
  expect_identical(bridge_describe(NULL), "NULL")
  expect_identical(bridge_describe(mean), "a function")
  expect_identical(bridge_describe(matrix(1, 2, 2)), "an object of class matrix and length 4")
  expect_identical(bridge_describe(runif(1000)), "an object of class numeric and length 1000")
})

test_that("what was received is shown as R writes it, and no number is cut", {
  skip_if_no_keras()
  shown <- function(text, value) bridge_as_received(text, list(value), list(value))
  expect_identical(shown("received inf", Inf), "received Inf")
  expect_identical(shown("received 0.15", 0.1), "received 0.15")
  expect_identical(shown("received 1.5. Do", 1.5), "received 1.5. Do")
  expect_identical(shown("received (None, 8)", 8), "received (None, 8)")
})

test_that("where PyTorch's compiler fails, the message says how to go without", {
  said <- structure("CppCompileError: pages\nSet TORCHDYNAMO_VERBOSE=1", of_compiler = TRUE)
  reworded <- bridge_reworded(said, function(text) bridge_refusal(text, list(), list(), list()))
  expect_match(reworded, "jit_compile = FALSE", fixed = TRUE)
  expect_match(reworded, "\nPython: Set TORCHDYNAMO_VERBOSE=1$")
})
