# Runs layerbridge with the keras3 package, for `make test-keras3`. keras3 is not in
# Debian, so `make test` leaves these tests out.
#
# Where the environment variable KERAS3 names a checkout of keras3's sources, keras3's own
# tests run too: with keras3 alone, and with the functions that are generated for all of Keras
# in place of keras3's, family by family. What passes alone has to pass with them.

if (!requireNamespace("keras3", quietly = TRUE)) {
  message(
    "These tests need the R package keras3, which was not found in ",
    toString(.libPaths()), ".\n",
    "Install it with `install.packages(\"keras3\")`, or name the library that has it ",
    "in the environment variable R_LIBS_USER."
  )
  quit(status = 1L)
}

ours_pass <- function() {
  results <- as.data.frame(testthat::test_dir("tests/keras3", stop_on_failure = FALSE))
  nrow(results) && !any(results$failed, results$error, results$skipped)
}

install_generated <- function(name, library) {
  source <- file.path(tempfile(), name)
  generate <- c("-m", "layerbridge.bridge", "package", "keras", "--name", name, "--out", source)
  stopifnot(
    system2(Sys.getenv("RETICULATE_PYTHON"), generate, stdout = FALSE) == 0L,
    system2(file.path(R.home("bin"), "R"), c("CMD", "INSTALL", "--no-test-load", "-l", library, source)) == 0L
  )
}

run_theirs <- function(sources, attached = NULL) {
  out <- tempfile(fileext = ".csv")
  system2(file.path(R.home("bin"), "Rscript"), c("tests/keras3/theirs.R", sources, out, attached), stdout = FALSE)
  if (!file.exists(out)) stop("keras3's tests ended early.", call. = FALSE)
  utils::read.csv(out)
}

theirs_pass <- function(sources) {
  library <- tempfile("library")
  dir.create(library)
  install_generated("generatedKeras", library)
  Sys.setenv(R_LIBS = paste(library, Sys.getenv("R_LIBS"), sep = .Platform$path.sep))

  alone <- run_theirs(sources)
  replaced <- run_theirs(sources, "generatedKeras")
  cat(sprintf(
    "keras3's own tests that pass: %d with keras3 alone, %d with the generated functions in their place.\n",
    sum(alone$passed), sum(replaced$passed)
  ))
  keys <- c("file", "test", "nth")
  both <- merge(alone[alone$passed, keys], replaced, by = keys, all.x = TRUE)
  lost <- both[!both$passed %in% TRUE, ]
  for (row in seq_len(nrow(lost))) {
    cat(sprintf("\n%s: %s\n%s\n", lost$file[row], lost$test[row], lost$message[row]))
  }
  any(alone$passed) && !nrow(lost)
}

sources <- Sys.getenv("KERAS3")
passed <- c(ours_pass(), !nzchar(sources) || theirs_pass(sources))
quit(status = as.integer(!all(passed)))
