# Runs the R tests on the installed package. Fails where a test failed, and where one was skipped.

Sys.setenv(NOT_CRAN = "true") # snapshots are compared only where this is set
results <- as.data.frame(testthat::test_dir(
  "tests/testthat",
  package = "layerbridge", load_package = "installed", reporter = "summary", stop_on_failure = FALSE
))
skipped <- results$test[results$skipped]
if (length(skipped)) {
  message("Skipped, which counts as failed here: ", paste(skipped, collapse = "; "))
}
if (!nrow(results)) {
  message("No R test was found.")
}
quit(status = as.integer(any(results$failed, results$error, results$skipped) || !nrow(results)))
