# Runs layerbridge with the keras3 package, for `make test-keras3`. keras3 is not in
# Debian, so `make test` leaves these tests out.

if (!requireNamespace("keras3", quietly = TRUE)) {
  message(
    "These tests need the R package keras3, which was not found in ",
    toString(.libPaths()), ".\n",
    "Install it with `install.packages(\"keras3\")`, or name the library that has it ",
    "in the environment variable R_LIBS_USER."
  )
  quit(status = 1L)
}
results <- as.data.frame(testthat::test_dir("tests/keras3", stop_on_failure = FALSE))
quit(status = as.integer(any(results$failed, results$error, results$skipped) || !nrow(results)))
