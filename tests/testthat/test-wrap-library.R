# wrap_library(): functions for all that a library has.
strange <- function() {
  skip_if_no_wrap_layers()
  test_module("strange_library")
  wrap_library("strange_library")
}

test_that("layers, classes, makers, functions and generics become functions", {
  expect_setequal(names(strange()), c(
    "augment", "halved", "layer_twice", "speaker", "speaker_from_voice", "speaker_loud", "speaker_loud_from_voice",
    "utter"
  ))
})

test_that("each does what Python's does", {
  all <- strange()
  expect_identical(all$speaker_loud(3)$volume, 3L)
  expect_identical(all$speaker_from_voice("deep", loudness = 3)$said, "deep 3")
  expect_identical(all$speaker() |> all$utter("a", times = 2), "a a")
  expect_identical(all$speaker_loud() |> all$utter("a"), "a")
  expect_identical(all$halved(3, times = 1), 1.5)
  expect_equal(as_r(all$layer_twice(matrix(1, 1, 2))), matrix(2, 1, 2))
})

test_that("making functions again leaves nothing behind where there are no methods of models", {
  all <- strange()
  hooks <- function() length(getHook(packageEvent("keras3", "onLoad")))
  before <- hooks()
  wrap_library("strange_library")
  expect_identical(hooks(), before)
})

test_that("a generic that R packages have is theirs", {
  skip_if_not_installed("generics")
  all <- strange()
  expect_identical(generics::augment(all$speaker(), "data"), "data and more")
})

test_that("printing lists the functions by family", {
  all <- strange()
  expect_snapshot_output(print(all))
  expect_snapshot_output(print(all$utter))
})

test_that("help of a generic is that of its methods", {
  all <- strange()
  expect_output(help_layer(all$utter), "Says a text")
  for (name in names(all)) expect_output(help_layer(all[[name]]), "Description:")
})

test_that("a function that is not there gets a suggestion, and what is not a name an error", {
  all <- strange()
  expect_error(all$uter, "There is no function `uter` for strange_library. Did you mean `utter`?", fixed = TRUE)
  expect_error(wrap_library(3), "`library` must be the name of a Python module; received 3")
})
