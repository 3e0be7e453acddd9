test_that("what was read of a library is kept for the next session, which starts without Keras", {
  skip_if_no_wrap_layers()
  folder <- withr::local_tempdir()
  code <- c(
    sprintf("Sys.setenv(R_USER_CACHE_DIR = %s)", encodeString(folder, quote = "\"")),
    "k <- layerbridge::wrap_layers(\"keras.layers\")",
    "cat(\"imported:\", reticulate::py_eval(\"'keras' in __import__('sys').modules\"), \"\\n\")",
    "cat(length(k), toString(deparse(args(k$layer_dense))), \"\\n\")",
    "cat(k$layer_dense(units = 3)$units, \"\\n\")",
    "layerbridge::help_layer(k$layer_dense)"
  )
  lines <- lapply(1:2, function(session) strsplit(run_r(code, "_R_CHECK_PACKAGE_NAME_=")$output, "\n")[[1L]])
  said <- lapply(lines, grep, pattern = "^(imported|[0-9]|_?D_?e_?n_?s_?e|Description)", value = TRUE)
  expect_match(said[[1L]][1L], "imported: TRUE")
  expect_match(said[[2L]][1L], "imported: FALSE")
  expect_gt(length(said[[1L]]), 2L)
  expect_identical(said[[2L]][-1L], said[[1L]][-1L])
})

test_that("it holds while all that it depends on is as it was", {
  skip_if_no_wrap_layers()
  known <- sources_of("keras.layers", layers_only = TRUE)
  expect_gt(nrow(known$files), 500)
  file <- withr::local_tempfile()
  keep_description(list(what = "layers"), file, known)
  expect_identical(kept_description(file, sources_of("keras.layers", TRUE)), list(what = "layers"))
  changes <- list(
    a_class_of_the_modules_name = sources_of("keras.Layers", TRUE),
    all_that_it_has = sources_of("keras.layers", FALSE),
    a_file = within(known, files$mtime[7L] <- files$mtime[7L] + 1),
    a_package = within(known, files <- files[-1L, ]),
    the_backend = within(known, settings$backend <- "another")
  )
  for (change in names(changes)) expect_null(kept_description(file, changes[[change]]), info = change)
})

test_that("a file of something else is read as none", {
  file <- withr::local_tempfile()
  expect_null(kept_description(file, "x"))
  writeLines("no description", file)
  expect_null(kept_description(file, "x"))
  saveRDS("no description", file)
  expect_null(kept_description(file, "x"))
})

test_that("what was written since R started is not kept, as Python may have imported it before", {
  skip_if_no_wrap_layers()
  known <- sources_of("keras", layers_only = FALSE)
  known$files$mtime[] <- .POSIXct(0)
  expect_true(is_settled(known))
  known$files$mtime[7L] <- Sys.time()
  expect_false(is_settled(known))
})

test_that("the backend is that of the Keras that was imported, whatever is set since", {
  skip_if_no_wrap_layers()
  withr::local_envvar(KERAS_BACKEND = "another")
  expect_identical(keras_settings()$backend, keras()$config$backend())
})

test_that("before Keras is imported, the backend is the one that it will have", {
  skip_if_no_wrap_layers()
  home <- withr::local_tempdir()
  run <- run_r(c(
    "said <- function() cat(layerbridge:::keras_settings()$backend, '')",
    "said()",
    sprintf("writeLines('{\"backend\": \"torch\"}', %s)", deparse(file.path(home, "keras.json"))),
    "said()",
    "reticulate::import('os')$environ$update(list(KERAS_BACKEND = 'jax'))",
    "said()"
  ), c(paste0("KERAS_HOME=", shQuote(home)), "KERAS_BACKEND="))
  expect_match(run$output, "tensorflow torch jax", fixed = TRUE)
})

test_that("a path in Python that is no string is no place of packages", {
  skip_if_no_wrap_layers()
  known <- sources_of("keras", FALSE)
  path <- reticulate::import("sys", convert = FALSE)$path
  path$append(reticulate::import("pathlib", convert = FALSE)$Path("."))
  withr::defer(path$pop())
  expect_identical(sources_of("keras", FALSE), known)
})

test_that("of modules in folders, and of this session, nothing is kept", {
  skip_if_no_wrap_layers()
  test_module("bridged_layers")
  expect_null(sources_of("bridged_layers", TRUE))
  expect_null(sources_of("__main__", TRUE))
})

test_that("R CMD check finds nothing that was kept", {
  skip_if_no_wrap_layers()
  folder <- withr::local_tempdir()
  withr::local_envvar(R_USER_CACHE_DIR = folder, "_R_CHECK_PACKAGE_NAME_" = "layerbridge")
  wrap_layers("keras.layers")
  expect_identical(list.files(folder), character())
})
