# Runs the R tests on the installed package: all but those that only a release needs, or those of one file. Fails where
# a test failed, and where one was skipped.
#
# usage: Rscript tools/testthat.R [FILE]     FILE as in test-errors.R, or errors alone

Sys.setenv(NOT_CRAN = "true") # snapshots are compared only where this is set
file <- commandArgs(TRUE)
if (!length(file)) Sys.setenv(LAYERBRIDGE_TESTS = "quick")
results <- as.data.frame(testthat::test_dir(
  "tests/testthat",
  filter = if (length(file)) sprintf("^%s$", sub("^test-(.*)[.]R$", "\\1", basename(file))),
  package = "layerbridge", load_package = "installed", reporter = "summary", stop_on_failure = FALSE
))
left <- vapply(results$result, function(outcomes) {
  any(vapply(outcomes, function(outcome) grepl("Left to `make check`", conditionMessage(outcome), fixed = TRUE), NA))
}, NA)
results$skipped <- results$skipped & !left
skipped <- results$test[results$skipped]
if (length(skipped)) {
  message("Skipped, which counts as failed here: ", paste(skipped, collapse = "; "))
}
if (!nrow(results)) {
  message("No R test was found.")
}
quit(status = as.integer(any(results$failed, results$error, results$skipped) || !nrow(results)))
