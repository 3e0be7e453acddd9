# Each set-up is made for real: a virtual environment, and a process of its own.
# A fresh environment has what is named here and nothing else; `beside` lets it see
# the packages of the Python that runs the tests as well, but for those in `without`.
environment_with <- function(packages = character(), beside = FALSE, without = character()) {
  folder <- withr::local_tempdir(.local_envir = parent.frame())
  python <- reticulate::py_config()$python
  run <- function(...) {
    stopifnot(system2(..., stdout = FALSE, stderr = FALSE) == 0)
  }
  run(python, c("-m", "venv", "--without-pip", shQuote(folder)))
  site <- function(python) {
    code <- "import sysconfig; print(sysconfig.get_path('purelib'))"
    system2(python, c("-c", shQuote(code)), stdout = TRUE)
  }
  fresh <- file.path(folder, "bin", "python")
  if (beside) {
    hidden <- c(sub("[<>=].*", "", packages), without, "layerbridge", "__pycache__")
    hidden <- sprintf("^(%s)([-.].*)?$|[.]pth$", paste(hidden, collapse = "|"))
    seen <- list.files(site(python), full.names = TRUE)
    file.symlink(seen[!grepl(hidden, basename(seen))], site(fresh))
  }
  if (length(packages)) {
    run(python, c(
      "-m", "pip", "install", "--quiet", "--no-deps", "--target", shQuote(site(fresh)),
      shQuote(packages)
    ))
  }
  fresh
}

message_from <- function(code, python, ...) {
  run <- run_r(
    c(
      "library(layerbridge)",
      "message_of <- function(expr) cat(tryCatch({expr; 'no error'}, error = conditionMessage))",
      code
    ),
    env = c(paste0("RETICULATE_PYTHON=", shQuote(python)), ...)
  )
  expect_identical(run$status, 0L)
  run$output
}

make_layer <- "message_of(layer_dropblock_2d(rate = 0.1, block_size = 3))"

test_that("without Python the message says how to get it, and nothing hangs", {
  skip_on_cran()
  said <- message_from(make_layer, "/does/not/exist")
  expect_match(said, "^Keras layers need Python, which could not be started")
  expect_match(said, "RETICULATE_PYTHON")
})

test_that("without Python, layerbridge_available() is FALSE and sitrep explains", {
  skip_on_cran()
  said <- message_from(
    "cat(layerbridge_available(), ''); invisible(layerbridge_sitrep())", "/does/not/exist"
  )
  expect_match(said, "^FALSE")
  expect_match(said, "Python +not started")
  expect_match(said, "\\* Keras layers need Python")
})

test_that("without Keras the message names the Python and the command", {
  skip_if_no_keras()
  skip_on_cran()
  python <- environment_with()
  said <- message_from(c("cat(layerbridge_available(), '')", make_layer), python)
  expect_match(said, paste0("FALSE Python module 'keras' was not found"), fixed = TRUE)
  expect_match(said, paste0(python, " -m pip install keras"), fixed = TRUE)
})

test_that("without a backend the message names it", {
  skip_if_no_keras()
  skip_on_cran()
  said <- message_from(make_layer, reticulate::py_config()$python, "KERAS_BACKEND=nonesuch")
  expect_match(said, "nonesuch")
})

test_that("Keras 2 is named as such", {
  skip_if_no_keras()
  skip_on_cran()
  skip_unless_release()
  python <- environment_with("keras==2.15.0", beside = TRUE)
  said <- message_from(make_layer, python)
  expect_match(said, "^Keras 3.5 or newer is needed; received Keras 2.15.0")
})

test_that("a model of the legacy tf_keras is named as such", {
  skip_if_no_keras()
  skip_on_cran()
  skip_unless_release()
  python <- environment_with("tf_keras", beside = TRUE)
  said <- message_from(
    c(
      "model <- reticulate::import('tensorflow')$keras$Sequential()",
      "message_of(layer_dropblock_2d(model, rate = 0.1, block_size = 3))",
      "invisible(layerbridge_sitrep())"
    ),
    python, "TF_USE_LEGACY_KERAS=1"
  )
  expect_match(said, "`object` is Keras 2, but Keras 3 is needed", fixed = TRUE)
  expect_match(said, "* `tf$keras` is Keras 2", fixed = TRUE)
})

test_that("NumPy 2 under an old reticulate explains itself, and works under a new one", {
  skip_if_no_keras()
  skip_on_cran()
  python <- environment_with("numpy>=2", beside = TRUE)
  said <- message_from(make_layer, python)
  if (packageVersion("reticulate") < "1.38") {
    expect_match(said, "^NumPy 2[.0-9]+ needs reticulate 1.38 or newer")
  } else {
    expect_match(said, "no error")
  }
})

test_that("when another Python has started, the message says to restart", {
  skip_if_no_keras()
  skip_on_cran()
  python <- environment_with()
  said <- message_from(
    c(
      "invisible(reticulate::py_config())",
      sprintf("try(reticulate::use_python(%s), silent = TRUE)", deparse(reticulate::py_config()$python)),
      make_layer
    ),
    python
  )
  expect_match(said, python, fixed = TRUE)
  expect_match(said, "restart R and set RETICULATE_PYTHON", fixed = TRUE)
})

test_that("the bundled layers serve where none are installed in Python", {
  skip_if_no_keras()
  skip_on_cran()
  said <- message_from(
    c(make_layer, "cat('', reticulate::import('layerbridge')$`__file__`)"),
    environment_with(beside = TRUE)
  )
  expect_match(said, "no error", fixed = TRUE)
  expect_match(said, system.file("python", package = "layerbridge"), fixed = TRUE)
})

test_that("a package without its Python layers says so", {
  skip_if_no_keras()
  skip_on_cran()
  skip_unless_release()
  library <- withr::local_tempdir()
  file.copy(system.file(package = "layerbridge"), library, recursive = TRUE)
  unlink(file.path(library, "layerbridge", "python"), recursive = TRUE)
  said <- message_from(
    c(
      "detach('package:layerbridge', unload = TRUE)",
      sprintf("library(layerbridge, lib.loc = %s)", deparse(library)),
      make_layer
    ),
    environment_with(beside = TRUE)
  )
  expect_match(said, "Python module 'layerbridge' was not found", fixed = TRUE)
})

test_that("layerbridge_sitrep() prints versions, paths and the backend", {
  skip_if_no_keras()
  said <- capture.output(problems <- layerbridge_sitrep())
  expect_length(problems, 0L)
  expect_match(said, "^Python +3[.]", all = FALSE)
  expect_match(said, "^Keras +3[.]", all = FALSE)
  expect_match(said, "^Keras backend +[a-z]+ [0-9]", all = FALSE)
  expect_match(said, "^layerbridge in Python +[0-9.]+, /", all = FALSE)
  expect_match(said, "^No problems found[.]", all = FALSE)
})

test_that("layerbridge_sitrep() tells of another build of layerbridge in Python", {
  skip_if_no_keras()
  skip_on_cran()
  installed <- withr::local_tempdir()
  file.copy(system.file("python", "layerbridge", package = "layerbridge"), installed, recursive = TRUE)
  report <- function() {
    message_from(
      "invisible(layerbridge_sitrep())", reticulate::py_config()$python, paste0("PYTHONPATH=", shQuote(installed))
    )
  }
  if (!is_quick()) expect_match(report(), "No problems found")
  version <- file.path(installed, "layerbridge", "__init__.py")
  writeLines(sub("__version__ = .*", "__version__ = \"9.9\"", readLines(version)), version)
  said <- report()
  expect_match(said, sprintf("layerbridge in Python +9.9, %s", installed))
  expect_match(said, sprintf("layerbridge [0-9.]+ in R and layerbridge 9.9 in Python, in %s", installed))
  expect_match(said, "-m pip uninstall layerbridge`. Then restart R.", fixed = TRUE)
})

test_that("wrap_layers() names the Python packages that it lacks", {
  skip_if_no_wrap_layers()
  skip_on_cran()
  python <- environment_with(beside = TRUE, without = c("jinja2", "markdown_it", "markdown_it_py"))
  said <- message_from(
    c(
      "cat(layerbridge_available(), layerbridge_available(wrap_layers = TRUE), '')",
      "message_of(wrap_layers('keras.layers'))",
      "invisible(layerbridge_sitrep())"
    ),
    python
  )
  expect_match(said, "TRUE FALSE wrap_layers[(][)] and wrap_library[(][)] need")
  expect_match(said, "* wrap_layers() and wrap_library() need the Python packages", fixed = TRUE)
  expect_no_match(said, "No problems found")
  expect_match(said, "need the Python packages jinja2, markdown-it-py", fixed = TRUE)
  expect_match(said, paste0(python, " -m pip install jinja2 markdown-it-py"), fixed = TRUE)
})

test_that("wrap_layers() needs tomli where Python does not read TOML by itself", {
  skip_if_no_wrap_layers()
  skip_on_cran()
  skip_unless_release()
  said <- message_from(
    c(
      "reticulate::py_run_string('import layerbridge.requirements as r; r._minor = lambda: 10')",
      "message_of(wrap_layers('keras.layers'))"
    ),
    reticulate::py_config()$python
  )
  expect_match(said, "need the Python package tomli", fixed = TRUE)
})
