# Methods of Python objects as S3 methods, and class methods that make objects.
maker <- bridge_function(function() bridge_call(), "bridged_functions", "Maker", composes = "none")

maker_from_name <- bridge_function(
  function(name, size = 1, ...) bridge_call(),
  "bridged_functions", "Maker.from_name", composes = "none", kinds = bridge_args(size = "int")
)

told <- function(object, ...) UseMethod("told")
told.bridged_functions.Maker <- bridge_function(
  function(object, size, times = 1, ...) bridge_call(),
  NULL, "told", composes = "method", kinds = bridge_args(size = "int", times = "float")
)

keep <- function(object, ...) UseMethod("keep")
keep.bridged_functions.Maker <- bridge_function(
  function(object, value, ...) bridge_call(), NULL, "keep", composes = "method"
)

refuse <- function(object, ...) UseMethod("refuse")
refuse.bridged_functions.Maker <- bridge_function(
  function(object, size, ...) bridge_call(), NULL, "refuse", composes = "method", kinds = bridge_args(size = "int")
)

summary.bridged_functions.Maker <- bridge_function(
  function(object, ...) bridge_call(), NULL, "count", composes = "method", inputs = "..."
)

local_maker <- function() {
  skip_if_no_keras()
  test_module("bridged_functions")
}

test_that("a class method makes an object, by a name with dots", {
  local_maker()
  expect_identical(maker_from_name("small", size = 3)$said, "'small' 3")
  deep <- bridge_found(bridge_target("bridged_functions", "Maker.Deep.from_name", NULL))
  expect_identical(deep("deep")$said, "'deep' 1")
  expect_error(maker_from_name(), "`name` must be given")
  expect_error(maker_from_name("a", sizes = 1), "`sizes` is not an argument of Maker.from_name. Did you mean `size`")
})

test_that("a method is called on the object, and coerces as a constructor does", {
  local_maker()
  expect_identical(told(maker(), 3), "3 1")
  expect_identical(maker() |> told(size = 3, times = 2), "3 2.0")
  own <- reticulate::import("bridged_functions")$Own()
  expect_identical(own |> told(2), "2 1")
})

test_that("a method that returns nothing returns the object, invisibly", {
  local_maker()
  object <- maker()
  result <- withVisible(object |> keep(4))
  expect_false(result$visible)
  expect_true(same_object(result$value, object))
  expect_identical(object$said, "4")
})

test_that("a generic of R's is used, and *args take what has no name", {
  local_maker()
  expect_identical(summary(maker(), 1, 2, digits = 3), "2 ['digits']")
})

test_that("an error has the call that the user wrote", {
  local_maker()
  object <- maker()
  condition <- expect_error(object |> refuse(-1), "`size` must be positive; received -1", class = "layerbridge_error")
  expect_identical(deparse1(conditionCall(condition)), "refuse(object, -1)")
  expect_error(object |> told(), "`size` must be given")
  expect_error(object |> told(1, size = 2, tims = 3), "`tims` is not an argument of told. Did you mean `times`")
})

test_that("methods are registered once, for all that have them", {
  local_maker()
  env <- new.env(parent = topenv())
  evalq({
    murmured <- function(object, ...) UseMethod("murmured")
    murmured.bridged_functions.Maker <- bridge_function(
      function(object, ...) bridge_call(), NULL, "told", composes = "method"
    )
    not.murmured <- function(object) object
  }, env)
  table <- topenv()[[".__S3MethodsTable__."]]
  name <- "murmured.bridged_functions.Maker"
  withr::defer(rm(list = name, envir = table))

  expect_named(bridge_methods(env), name)
  expect_error(env$murmured(maker(), size = 3), "no applicable method")
  bridge_register_methods(env)
  expect_identical(env$murmured(maker(), size = 3), "3 1")

  env[[name]] <- bridge_function(function(object, ...) bridge_call(), NULL, "keep", composes = "method")
  bridge_register_methods(env)
  expect_identical(env$murmured(maker(), size = 3), "3 1")
})
