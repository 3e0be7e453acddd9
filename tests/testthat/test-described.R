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
  lines <- lapply(1:2, function(session) strsplit(run_r(code)$output, "\n")[[1L]])
  said <- lapply(lines, grep, pattern = "^(imported|[0-9]|_?D_?e_?n_?s_?e|Description)", value = TRUE)
  expect_match(said[[1L]][1L], "imported: TRUE")
  expect_match(said[[2L]][1L], "imported: FALSE")
  expect_gt(length(said[[1L]]), 2L)
  expect_identical(said[[2L]][-1L], said[[1L]][-1L])
})

test_that("it holds while all that it depends on is as it was", {
  skip_if_no_wrap_layers()
  known <- sources_of("keras.layers")
  expect_gt(nrow(known$files), 500)
  expect_identical(sources_of("keras"), known)
  file <- withr::local_tempfile()
  keep_description(list(what = "layers"), file, known)
  expect_identical(kept_description(file, known), list(what = "layers"))
  known$files$mtime[7L] <- known$files$mtime[7L] + 1
  expect_null(kept_description(file, known))
  withr::local_envvar(KERAS_BACKEND = "another")
  expect_null(kept_description(file, sources_of("keras")))
  writeLines("no description", file)
  expect_null(kept_description(file, known))
})

test_that("of modules in folders, and of this session, nothing is kept", {
  skip_if_no_wrap_layers()
  test_module("bridged_layers")
  expect_null(sources_of("bridged_layers"))
  expect_null(sources_of("__main__"))
})
