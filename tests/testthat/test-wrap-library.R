# wrap_library(): functions for all that a library has.
library_of_strangers <- function() {
  skip_if_no_wrap_layers()
  test_module("strange_library")
  wrap_library("strange_library")
}

test_that("classes, functions, makers, generics and layers become functions", {
  strange <- library_of_strangers()
  expect_setequal(
    names(strange),
    c("speaker", "speaker_from_voice", "speaker_loud", "speaker_loud_from_voice", "layer_twice", "halved", "utter")
  )
})
