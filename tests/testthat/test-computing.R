# Functions that compute: by position, as a loss or a metric, with places that count from 1.
joined <- bridge_function(
  function(between, ..., last = "") bridge_call(),
  "bridged_functions", "joined", composes = "function", kinds = bridge_args("..." = "int"), inputs = c("between", "...")
)

kept <- bridge_function(
  function(x) bridge_call(), "bridged_functions", "kept", composes = "function", kinds = bridge_args(x = "data")
)

loss_binary_crossentropy <- bridge_function(
  function(y_true, y_pred, from_logits = FALSE, axis = -1, ...) bridge_call(),
  "keras.losses", c("BinaryCrossentropy", "binary_crossentropy"), composes = "twin",
  kinds = bridge_args(y_true = "data", y_pred = "data", axis = "axis")
)

op_argmax <- bridge_function(
  function(x, axis = NULL, keepdims = FALSE, zero_indexed = FALSE) bridge_call(),
  "keras.ops", "argmax", composes = "indexed", kinds = bridge_args(x = "data", axis = "axis")
)

op_take <- bridge_function(
  function(x, indices, axis = NULL, zero_indexed = FALSE) bridge_call(),
  "keras.ops", "take", composes = "indexing", kinds = bridge_args(x = "data", indices = "index", axis = "axis")
)

op_top_k <- bridge_function(
  function(x, k, sorted = TRUE, zero_indexed = FALSE) bridge_call(),
  "keras.ops", "top_k", composes = "indexing", make = bridge_make_ranked, kinds = bridge_args(x = "data", k = "int")
)

op_nonzero <- bridge_function(
  function(x, zero_indexed = FALSE) bridge_call(),
  "keras.ops", "nonzero", composes = "indexed", make = bridge_make_located, kinds = bridge_args(x = "data")
)

op_split <- bridge_function(
  function(x, indices_or_sections, axis = 1) bridge_call(),
  "keras.ops", "split", composes = "function",
  kinds = bridge_args(x = "data", indices_or_sections = "int_or_index", axis = "axis")
)

op_arange <- bridge_function(
  function(start, end = NULL, step = 1, dtype = NULL, include_end = TRUE) bridge_call(),
  "keras.ops", "arange", composes = "function", make = bridge_make_range,
  kinds = bridge_args(start = "data", end = "data", step = "data"),
  names = bridge_args(end = "stop")
)

op_map <- bridge_function(
  function(xs, f) bridge_call(), "keras.ops", "map", composes = "function", kinds = bridge_args(xs = "data")
)

op_add <- bridge_function(
  function(x1, x2) bridge_call(),
  "keras.ops", "add", composes = "function", kinds = bridge_args(x1 = "data", x2 = "data")
)

local_functions <- function() {
  skip_if_no_keras()
  test_module("bridged_functions")
}

test_that("a Python function with *args takes values without names, after those before them", {
  local_functions()
  expect_identical(joined("-", 1, 2, 3), "1-2-3")
  expect_identical(joined(1, 2, between = "-", last = "!"), "1-2!")
  expect_identical(joined(last = "!", between = "-"), "!")
  expect_error(joined(last = "!"), "`between` must be given", class = "layerbridge_error")
  expect_error(joined("-", 1, lst = "!"), "`lst` is not an argument of joined. Did you mean `last`")
  expect_error(op_add(1, 2, 3), "unused argument")
})

test_that("a Python function that chooses by its first argument has that by position", {
  local_functions()
  dispatching <- function(inputs) {
    bridge_function(
      function(x, times = 1L, ...) bridge_call(),
      "bridged_functions", "dispatched", composes = "function", inputs = inputs
    )
  }
  dispatched <- dispatching("x")
  expect_identical(dispatched("a", 2), "'a' 2")
  expect_identical(dispatched(times = 2, x = "a"), "'a' 2")
  dispatched <- dispatching(c("x", "..."))
  expect_identical(dispatched("a"), "'a' 1")
  expect_error(dispatched(times = 2), "`x` must be given", class = "layerbridge_error")
})

test_that("a function that returns nothing shows nothing", {
  local_functions()
  silent <- bridge_function(function(x) bridge_call(), "bridged_functions", "silent", composes = "function")
  expect_identical(withVisible(silent(1)), list(value = NULL, visible = FALSE))
})

test_that("numbers that are data stay what they are", {
  local_functions()
  expect_identical(kept(1), "1.0")
  expect_identical(kept(2L), "2")
  expect_identical(kept("a"), "'a'")
  expect_identical(kept(c(1, 2)), "array([1., 2.], dtype=float32)")
  expect_match(kept(1:2), "^array\\(\\[1, 2\\]")
  expect_match(kept(matrix(1, 1, 2)), "^array\\(\\[\\[1., 1.\\]\\]")
  expect_match(kept(list(c(1, 2), 3)), "^\\[array\\(\\[1., 2.\\], dtype=float32\\), 3.0\\]")
  expect_match(kept(list(a = c(1, 2))), "^\\{'a': array")
  expect_match(kept(factor(c("b", "a"))), "^array\\(\\[1, 0\\]")
  expect_match(kept(data.frame(a = c(1, 2))), "^\\{'a': array")
  expect_identical(c(as_r(op_add(1, 2))), 3)
})

test_that("a loss computes where `y_true` and `y_pred` are given, and otherwise is the object", {
  skip_if_no_keras()
  x <- matrix(c(0, 1, 1, 0), 2)
  p <- matrix(c(0.2, 0.9, 0.6, 0.4), 2)
  expected <- -rowMeans(x * log(p) + (1 - x) * log(1 - p))
  expect_equal(c(as_r(loss_binary_crossentropy(x, p))), expected, tolerance = 1e-5)
  expect_equal(c(as_r(loss_binary_crossentropy(x, p, axis = 1))), tolerance = 1e-5, {
    -colMeans(x * log(p) + (1 - x) * log(1 - p))
  })
  object <- loss_binary_crossentropy(from_logits = TRUE, label_smoothing = 0.1)
  expect_s3_class(object, "keras.src.losses.losses.BinaryCrossentropy")
  expect_true(object$get_config()$from_logits)
  expect_s3_class(loss_binary_crossentropy(NULL, NULL), "keras.src.losses.losses.BinaryCrossentropy")
  expect_identical(keras()$ops$dtype(loss_binary_crossentropy(x, p)), "float32")
  expect_equal(c(as_r(object(x, p))), c(as_r(keras()$losses$BinaryCrossentropy(TRUE, 0.1)(x, p))))
})

test_that("one of the two alone is an error, and so is what the function does not take", {
  skip_if_no_keras()
  expect_error(loss_binary_crossentropy(1), "`y_pred` must be given too", class = "layerbridge_error")
  expect_error(loss_binary_crossentropy(y_pred = 1), "`y_true` must be given too", class = "layerbridge_error")
  expect_error(
    loss_binary_crossentropy(1, 1, reduction = "none"), "`reduction` is not an argument of binary_crossentropy"
  )
})

test_that("a loss as an argument is the function that computes it", {
  skip_if_no_keras()
  expect_true(same_object(
    bridge_resolved(loss_binary_crossentropy, NULL), keras()$losses$binary_crossentropy
  ))
})

test_that("places that come back count from 1, unless `zero_indexed`", {
  skip_if_no_keras()
  x <- matrix(c(1, 5, 4, 3, 2, 6), 2)
  expect_equal(c(as_r(op_argmax(x, axis = 1))), c(2, 1, 2))
  expect_equal(c(as_r(op_argmax(x, axis = 1, zero_indexed = TRUE))), c(1, 0, 1))
  top <- op_top_k(c(3, 9, 5), 2)
  expect_named(top, c("values", "indices"))
  expect_equal(c(as_r(top$values)), c(9, 5))
  expect_equal(c(as_r(top$indices)), c(2, 3))
  expect_equal(c(as_r(op_top_k(c(3, 9, 5), 2, zero_indexed = TRUE)[[2]])), c(1, 2))
  expect_equal(as_r(op_nonzero(matrix(c(0, 0, 1, 0, 0, 1), 2))), rbind(c(1, 2), c(2, 3)))
})

test_that("places that are given count from 1 too, as numbers and as tensors", {
  skip_if_no_keras()
  x <- c(10, 20, 30)
  expect_equal(c(as_r(op_take(x, c(1, 3)))), c(10, 30))
  expect_equal(c(as_r(op_take(x, 3))), 30)
  expect_equal(c(as_r(op_take(x, -1))), 30)
  expect_equal(as_r(op_take(x, matrix(c(1, 2), 1))), matrix(c(10, 20), 1))
  expect_equal(c(as_r(op_take(x, op_argmax(x)))), 30)
  expect_equal(c(as_r(op_take(x, c(0, 2), zero_indexed = TRUE))), c(10, 30))
  expect_equal(c(as_r(op_take(x, reticulate::np_array(c(0L, 2L)), zero_indexed = TRUE))), c(10, 30))
  expect_error(
    op_take(x, c(0, 1)), "`indices` must count from 1, or from -1 for the last; received 0. Add 1L to what counts",
    fixed = TRUE
  )
})

test_that("an array is split into so many parts, or before the places that are given", {
  skip_if_no_keras()
  parts <- function(where) lapply(op_split(c(10, 20, 30, 40), where), function(x) c(as_r(x)))
  expect_equal(parts(2), list(c(10, 20), c(30, 40)))
  expect_equal(parts(c(2, 4)), list(10, c(20, 30), 40))
  expect_equal(parts(array(2)), list(10, c(20, 30, 40)))
})

test_that("a range starts at 1 and has its end, unless the user says otherwise", {
  skip_if_no_keras()
  expect_equal(c(as_r(op_arange(3))), 1:3)
  expect_equal(c(as_r(op_arange(2, 3, step = 0.5))), c(2, 2.5, 3))
  expect_equal(c(as_r(op_arange(0, 3, include_end = FALSE))), 0:2)
  expect_match(as.character(op_arange(3L)$dtype), "int32")
  expect_match(as.character(op_arange(1, 3, dtype = "int64")$dtype), "int64")
  expect_error(op_arange(), "`start` must be given", class = "layerbridge_error")
})

test_that("whole numbers that are data are integers, and keep their shape", {
  skip_if_no_keras()
  whole <- function(x) reticulate::py_repr(reticulate::r_to_py(bridge_as(x, "int_data", "x", NULL)))
  expect_identical(whole(3), "3")
  expect_match(whole(c(1, 2)), "^array\\(\\[1, 2\\]")
  expect_match(whole(matrix(c(1, 2), 1)), "^array\\(\\[\\[1, 2\\]\\]")
  expect_match(whole(list(c(1, 2))), "^\\[array\\(\\[1, 2\\]")
  expect_match(whole(factor(c("b", "a"))), "^array\\(\\[1, 0\\]")
  expect_identical(whole(0.5), "0.5")
  expect_identical(whole(NaN), "nan")
  expect_identical(whole(3e9), "3000000000.0")
  expect_match(whole(c(3e9, 1)), "^array\\(\\[3.e\\+09")
})

test_that("data may be the first that Python gets", {
  skip_if_no_keras()
  skip_unless_release()
  said <- run_r("cat(reticulate::py_repr(layerbridge:::bridge_as(c(1, 2), 'data', 'x', NULL)))")
  expect_match(said$output, "array([1., 2.], dtype=float32)", fixed = TRUE)
  expect_identical(said$status, 0L)
})

test_that("R functions compute where Python calls them, with functions that count from 1 too", {
  skip_if_no_keras()
  x <- matrix(c(1, 5, 3, 4, 2, 6), 2)
  expect_equal(as_r(op_map(x, function(row) op_add(row, 1))), x + 1)
  expect_equal(c(as_r(op_map(x, op_argmax))), c(2, 3))
})

test_that("a function of a place is called with one that counts from 1", {
  skip_if_no_keras()
  fn <- bridge_as(function(epoch, logs) c(epoch, logs), "index_function", "x", NULL)
  expect_identical(reticulate::py_to_r(fn)(0L, 5L), c(1L, 5L))
})

test_that("a dict of labels has whole numbers for its keys", {
  skip_if_no_keras()
  labels <- bridge_as(c("0" = 1, "1" = 2), "int_dict", "class_weight", NULL)
  expect_identical(reticulate::py_repr(labels), "{0: 1.0, 1: 2.0}")
  expect_identical(reticulate::py_repr(bridge_as(list("3" = 1L), "int_dict", "x", NULL)), "{3: 1.0}")
  for (value in list(2, c(a = 1), list(1, 2))) {
    expect_error(bridge_as(value, "int_dict", "x", NULL), "`x` must have a whole number for the name of each value")
  }
})
