# As Python sees it.
sent <- function(value, kind) {
  skip_if_no_keras()
  gsub(",\\)", ")", reticulate::py_repr(reticulate::r_to_py(bridge_as(value, kind, "x", NULL))))
}

test_that("a whole number of an unknown kind is an integer, and another is not", {
  expect_identical(sent(4, "any"), "4")
  expect_identical(sent(4, NULL), "4")
  expect_identical(sent(c(8, 4), "any"), "[8, 4]")
  expect_identical(sent(list(8, c(4, 2)), "any"), "[8, [4, 2]]")
  expect_identical(sent(list(a = 8, b = "c"), "any"), "{'a': 8, 'b': 'c'}")
  expect_identical(sent(0.5, "any"), "0.5")
  expect_identical(sent(c(1, 0.5), "any"), "[1.0, 0.5]")
  expect_identical(sent(-1e9, "any"), "-1000000000")
  expect_identical(sent(1e300, "any"), "1e+300")
  expect_identical(sent(Inf, "any"), "inf")
  expect_identical(sent("a", "any"), "'a'")
  expect_identical(sent(TRUE, "any"), "True")
  expect_identical(sent(list(), "any"), "[]")
  expect_match(sent(matrix(1, 1, 2), "any"), "array\\(\\[\\[1., 1.\\]\\]")
  expect_match(sent(list(matrix(1, 1, 2)), "any"), "^\\[array\\(\\[\\[1., 1.\\]\\]")
  expect_match(sent(array(1:2), "any"), "array\\(\\[1, 2\\]")
})

test_that("a float stays one", {
  expect_identical(sent(1, "float"), "1.0")
  expect_identical(sent(1L, "float"), "1.0")
  expect_identical(sent(c(1, 2), "float"), "[1.0, 2.0]")
  expect_identical(sent(c(1, 2), "float_or_tuple"), "(1.0, 2.0)")
  expect_identical(sent(2, "float_list"), "[2.0]")
})

test_that("each kind brings the container that it names", {
  expect_identical(sent(3, "int"), "3")
  expect_identical(sent(2.5, "int"), "2.5")
  expect_identical(sent(c(4, 8), "int"), "[4, 8]")
  expect_identical(sent(1e10, "int"), "10000000000")
  expect_identical(sent(3, "int_or_tuple"), "3")
  expect_identical(sent(c(3, 5), "int_or_tuple"), "(3, 5)")
  expect_identical(sent(list(c(1, 2), c(3, 4)), "int_or_tuple"), "((1, 2), (3, 4))")
  expect_identical(sent(1, "int_tuple"), "(1)")
  expect_identical(sent(c(2, 1), "int_tuple"), "(2, 1)")
  expect_identical(sent(4, "int_list"), "[4]")
  expect_identical(sent(c(8, 4), "int_list"), "[8, 4]")
  expect_identical(sent(list(8, 4), "int_list"), "[8, 4]")
  expect_identical(sent("a", "str_list"), "['a']")
  expect_identical(sent(c("a", "b"), "str_list"), "['a', 'b']")
  expect_identical(sent(4, "any_list"), "[4]")
  expect_identical(sent(list(4, "a"), "any_list"), "[4, 'a']")
  expect_identical(sent(c(a = 4, b = 5), "any_list"), "[4, 5]")
  expect_identical(sent(list(a = 4), "any_list"), "{'a': 4}")
  expect_identical(sent(c(1, 0.5), "tuple"), "(1.0, 0.5)")
  expect_identical(sent(c(1, 0.5), "any_list"), "[1.0, 0.5]")
  expect_identical(sent(list(1, 0.5), "any_list"), "[1, 0.5]")
  expect_identical(sent(NULL, "int_list"), "None")
  expect_identical(sent("relu", "int_or_tuple"), "'relu'")
})

test_that("text becomes a member by its name, and by its value where it can be nothing else", {
  skip_if_no_keras()
  test_module("bridged_functions")
  member <- function(value, kind) sent(value, paste(kind, "bridged_functions:Pooling"))
  unit <- function(value, kind) sent(value, paste(kind, "bridged_functions:Within.Unit"))
  mean <- "<Pooling.MEAN: 1>"
  max <- "<Pooling.MAX: 'largest'>"
  for (kind in c("member", "member_or_str")) {
    expect_identical(member("MEAN", kind), mean)
    expect_identical(unit("CM", kind), "<Unit.CM: 'cm'>")
    expect_identical(member(c("MEAN", "MAX"), kind), sprintf("[%s, %s]", mean, max))
    expect_identical(member(2, kind), "2")
    expect_identical(member(NULL, kind), "None")
    expect_identical(member("MEAN", paste0(kind, "_list")), sprintf("[%s]", mean))
    expect_identical(member(list("MAX", list("MEAN")), paste0(kind, "_list")), sprintf("[%s, [%s]]", max, mean))
  }
  pooling <- reticulate::import("bridged_functions", convert = FALSE)$Pooling
  expect_identical(member(pooling$MAX, "member"), max)
  expect_identical(member("largest", "member"), max)
  expect_identical(unit("in", "member"), "<Unit.INCH: 'in'>")
  expect_identical(member("largest", "member_or_str"), "'largest'")
  expect_identical(member(c("MAX", "median"), "member_or_str_list"), sprintf("[%s, 'median']", max))
})

test_that("text that names no member is an error that lists them", {
  skip_if_no_keras()
  test_module("bridged_functions")
  call <- function(how) {
    bridge_coerce(list(how = how), list(kinds = bridge_args(how = "member bridged_functions:Pooling")))
  }
  for (how in list("median", c("MEAN", "median"), "__class__", "")) {
    expect_error(call(how), "`how` must be one of \"MEAN\", \"MAX\"; received \"(median|__class__|)\".")
  }
})

test_that("axes count from 1, and from the end", {
  expect_identical(sent(1, "axis"), "0")
  expect_identical(sent(-1, "axis"), "-1")
  expect_identical(sent(c(1, 3), "axis"), "(0, 2)")
  for (axis in list(0, 1.5, NaN, c(1, 0))) {
    expect_error(bridge_as(axis, "axis", "axis", NULL), "`axis` must be a whole number that counts from 1")
  }
})

test_that("an unknown size is NULL or NA in a shape, and -1 in a target", {
  expect_identical(sent(c(NA, 3), "shape"), "(None, 3)")
  expect_identical(sent(list(NULL, 3, NA), "shape"), "(None, 3, None)")
  expect_identical(sent(3, "shape"), "(3)")
  expect_identical(sent(NA, "shape"), "(None)")
  expect_identical(sent(c(NA, 3), "target_shape"), "(-1, 3)")
  expect_identical(sent(list(c(2, NA), 3), "shape"), "((2, None), 3)")
})

test_that("NA and code are refused wherever they are", {
  for (value in list(NA, c(1, NA), list(1, NA), list(list("a", NA_character_)))) {
    expect_error(bridge_check_value(value, "any", "x", NULL), "`x` must not (be|contain) NA")
  }
  for (value in list(quote(y), y ~ x, new.env(), list(1, quote(f(y))))) {
    expect_error(bridge_check_value(value, "any", "x", NULL), "`x` must not be R code or an environment")
  }
  for (value in list(NULL, NaN, "a", list(), mtcars, mean)) {
    expect_null(bridge_check_value(value, "any", "x", NULL))
  }
})

test_that("each kind of the table takes NULL, a number, a vector, a list and a string", {
  skip_if_no_keras()
  for (kind in setdiff(names(bridge_kinds), c("dict", "int_dict"))) {
    for (value in list(NULL, 2, c(1, 2), list(1, 2), "a", list(), numeric())) {
      expect_no_error(reticulate::r_to_py(bridge_as(value, kind, "x", NULL)))
    }
  }
})

test_that("a dict takes a list or a vector in which each value has a name", {
  expect_identical(bridge_as(c("a*" = 1, b = 0.5), "dict", "x", NULL), list("a*" = 1, b = 0.5))
  expect_identical(
    bridge_as(list(a = 1, b = c(8, 4), c = list(d = 2), e = 0.5), "dict", "x", NULL),
    list(a = 1L, b = c(8L, 4L), c = list(d = 2L), e = 0.5)
  )
  expect_null(bridge_as(numeric(), "dict", "x", NULL))
  for (value in list(2, c(a = 1, 2), "a")) {
    expect_error(bridge_as(value, "dict", "x", NULL), "`x` must have a name for each value")
  }
  expect_identical(bridge_as(c("a*" = 1, b = 2), "any", "x", NULL), list("a*" = 1L, b = 2L))
})
