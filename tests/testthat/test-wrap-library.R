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

test_that("of many functions, printing counts those of each family, or lists all if asked to", {
  all <- strange()
  expect_snapshot_output(print(all, n = 7))
  expect_identical(capture.output(print(all, n = 8)), capture.output(print(all)))
})

test_that("a name that is not there says what there is instead", {
  all <- strange()
  absent <- function(name) tryCatch(eval(call("$", quote(all), as.name(name))), error = conditionMessage)
  said <- c(
    uter = "Did you mean `utter`?",
    Twice = "Python's `Twice` is `layer_twice` in R.",
    Double = "Python's `Double` is `layer_twice` in R.",
    layer_double = "It is the same as `layer_twice`.",
    Speaker.from_voice = "Python's `Speaker.from_voice` is `speaker_from_voice` in R.",
    VoiceError = paste(
      "strange_library.VoiceError is left out: a Python exception.",
      "With reticulate, it is `import(\"strange_library\")$VoiceError`."
    ),
    strange_library = paste(
      "Python's `strange_library` is a module, whose functions are here by their R names,",
      "such as `utter`, `halved` and `augment`."
    ),
    Halved = "Did you mean `halved`?",
    nonesuch = "`names()` lists all."
  )
  for (name in names(said)) {
    expect_identical(absent(name), sprintf("There is no function `%s` for strange_library. %s", name, said[[name]]))
  }
})

test_that("what is not the name of a module is an error that says what would be", {
  said <- function(expr) conditionMessage(expect_error(expr, class = "layerbridge_error"))
  for (wrap in c(wrap_library, wrap_layers)) {
    expect_match(said(wrap()), "^`(library|module)` must be the name of a Python module; received nothing. Write")
    expect_match(said(wrap(3)), "must be the name of a Python module; received 3. Write")
    for (name in c("", " keras", "keras layers", "keras-hub", "../keras", "3")) {
      expect_match(said(wrap(name)), sprintf("received \"%s\". Write", name), fixed = TRUE)
    }
  }
})

test_that("a module that is not installed says where it was looked for", {
  skip_if_no_wrap_layers()
  expect_error(
    wrap_library("nonesuch.layers"),
    "module 'nonesuch' was not found in the Python that R started, .*If it is in a folder of yours",
    class = "layerbridge_error"
  )
})
