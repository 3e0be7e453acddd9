test_that("library() starts no Python, and leaves loading reticulate to the first call", {
  run <- run_r(c(
    "library(layerbridge)",
    "cat('loaded:', isNamespaceLoaded('reticulate'), 'started:', reticulate::py_available())"
  ))
  expect_match(run$output, "loaded: FALSE started: FALSE")
})

test_that("the package loads where base alone is attached, as R CMD check wants it", {
  run <- run_r("cat('loaded:', is.environment(loadNamespace('layerbridge')))", "R_DEFAULT_PACKAGES=NULL")
  expect_match(run$output, "loaded: TRUE")
})

test_that("what Python needs is declared once reticulate is loaded, before or after", {
  if (packageVersion("reticulate") < "1.41") return(expect_null(declare_python_needs()))
  for (code in c("library(layerbridge); library(reticulate)", "library(reticulate); library(layerbridge)")) {
    run <- run_r(c(code, "print(py_require()$packages)"), "KERAS_BACKEND=torch")
    expect_match(run$output, "\"keras[>=.0-9]*\".*\"torch\"", info = code)
  }
})

test_that("the bundled layers come last on Python's path", {
  skip_if_no_keras()
  run <- run_r(c(
    "library(layerbridge)",
    "path <- reticulate::import('sys')$path",
    "bundled <- system.file('python', package = 'layerbridge')",
    "cat('last:', identical(tail(path, 1), bundled), 'times:', sum(path == bundled))"
  ))
  expect_match(run$output, "last: TRUE times: 1")
})

test_that("starting Python imports no Keras", {
  skip_if_no_keras()
  run <- run_r(c(
    "library(layerbridge)",
    "cat('keras:', reticulate::py_eval(\"'keras' in __import__('sys').modules\"))"
  ))
  expect_match(run$output, "keras: FALSE")
})

saved_model <- function(file) {
  model <- sequential(8, 8, 3) |> layer_dropblock_2d(rate = 0.3, block_size = 3)
  model$save(file)
}

loads_in_a_fresh_process <- function(code) {
  file <- withr::local_tempfile(fileext = ".keras")
  saved_model(file)
  run <- run_r(c(
    code,
    sprintf("model <- keras$models$load_model(%s)", deparse(file)),
    "cat('rate:', model$layers[[1]]$get_config()$rate)"
  ))
  expect_match(run$output, "rate: 0.3")
}

test_that("Keras loads a saved model without custom_objects where library(layerbridge) came before it", {
  skip_if_no_keras()
  skip_unless_release()
  loads_in_a_fresh_process(c("library(layerbridge)", "keras <- reticulate::import('keras')"))
})

test_that("Keras loads a saved model without custom_objects where library(layerbridge) came after it", {
  skip_if_no_keras()
  loads_in_a_fresh_process(c("keras <- reticulate::import('keras')", "library(layerbridge)"))
})

test_that("Keras loads a saved model without custom_objects where other Python code imported it", {
  skip_if_no_keras()
  skip_unless_release()
  loads_in_a_fresh_process(c(
    "library(layerbridge)",
    "reticulate::py_run_string('import keras')",
    "keras <- reticulate::import_main()$keras"
  ))
})

test_that("Python loads what R saved", {
  skip_if_no_keras()
  file <- withr::local_tempfile(fileext = ".keras")
  saved_model(file)
  code <- c(
    "import keras, layerbridge",
    sprintf("print('rate:', keras.models.load_model(%s).layers[0].rate)", deparse(file))
  )
  bundled <- system.file("python", package = "layerbridge")
  output <- system2(
    reticulate::py_config()$python, withr::local_tempfile(lines = code),
    stdout = TRUE, stderr = TRUE, env = c(quick_backend(), paste0("PYTHONPATH=", shQuote(bundled)))
  )
  expect_true("rate: 0.3" %in% output)
})

test_that("R loads what Python saved, with this version and those before", {
  skip_if_no_keras()
  versions <- list.dirs(test_path("..", "fixtures", "saved"), recursive = FALSE)
  expect_gt(length(versions), 0)
  for (version in versions) {
    holds <- jsonlite::fromJSON(file.path(version, "holds.json"), simplifyVector = FALSE)
    x <- array(seq(-1, 1, length.out = 16 * 8 * 8 * 3), c(3, 8, 8, 16)) |> aperm()
    for (file in file.path(version, c("model.keras", "model.h5"))) {
      model <- keras()$models$load_model(normalizePath(file))
      predictions <- model$predict(x, verbose = 0L)
      expect_equal(c(predictions), unlist(holds$predictions), tolerance = 1e-5)
    }
  }
})

test_that("an installed layerbridge comes before the bundled one, and only one registers", {
  skip_if_no_keras()
  installed <- withr::local_tempdir()
  file.copy(
    system.file("python", "layerbridge", package = "layerbridge"),
    installed,
    recursive = TRUE
  )
  run <- run_r(
    c(
      "library(layerbridge)",
      "layer <- layer_dropblock_2d(rate = 0.3, block_size = 3)",
      "cat('from:', reticulate::import('layerbridge')$`__file__`, '\\n')",
      "keras <- reticulate::import('keras', convert = FALSE)",
      "names <- reticulate::iterate(keras$saving$get_custom_objects()$keys(), as.character)",
      "cat('registered:', sum(grepl('DropBlock2D', unlist(names))))"
    ),
    env = paste0("PYTHONPATH=", shQuote(installed))
  )
  expect_match(run$output, paste0("from: ", installed), fixed = TRUE)
  expect_match(run$output, "registered: 1")
})
