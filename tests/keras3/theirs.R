# Runs keras3's own tests of Keras's families, and writes which passed.
#
# usage: Rscript tests/keras3/theirs.R SOURCES OUT.csv [PACKAGE]
#
# The tests see keras3 from inside, as its own run of them does, and the functions of
# PACKAGE in place of keras3's. Random images stand in for MNIST, which is a download.

suppressPackageStartupMessages({
  library(testthat)
  library(keras3)
})
Sys.setenv(NOT_CRAN = "true")
arguments <- commandArgs(TRUE)
out <- arguments[2L]
images <- function(n) list(x = array(sample(0:255, n * 784L, replace = TRUE), c(n, 28L, 28L)), y = rep_len(0:9, n))
mnist <- function(...) list(train = images(1000L), test = images(200L))
families <- c(
  "activation", "callback", "constraint", "initializer", "layer", "learning_rate_schedule", "loss", "metric", "op",
  "optimizer", "random", "regularizer", "rnn_cells?"
)
is_of_family <- sprintf("\\b(%s)_", paste(families, collapse = "|"))
seen <- list2env(list(dataset_mnist = mnist), parent = asNamespace("keras3"))
if (length(arguments) > 2L) {
  library(arguments[3L], character.only = TRUE, warn.conflicts = FALSE)
  exports <- grep(is_of_family, getNamespaceExports(arguments[3L]), value = TRUE)
  exports <- mget(intersect(exports, getNamespaceExports("keras3")), asNamespace(arguments[3L]))
  seen <- list2env(exports, parent = seen)
}

uses_families <- function(file) any(grepl(is_of_family, readLines(file, warn = FALSE)))
is_failure <- function(result) inherits(result, c("expectation_failure", "expectation_error"))

as_row <- function(test) {
  failures <- Filter(is_failure, test$results)
  skipped <- any(vapply(test$results, inherits, NA, "expectation_skip"))
  data.frame(
    file = test$file,
    test = if (is.null(test$test)) "" else test$test,
    passed = length(test$results) && !length(failures) && !skipped,
    message = substr(paste(vapply(failures, conditionMessage, ""), collapse = "\n"), 1L, 2000L)
  )
}

# Each file on its own, so that one that ends early takes no other with it.
run_file <- function(file) {
  cat(format(Sys.time(), "%T"), basename(file), "\n", file = stderr())
  results <- tryCatch(
    test_file(file, env = new.env(parent = seen), reporter = "silent", stop_on_failure = FALSE),
    error = function(problem) {
      message(conditionMessage(problem))
      NULL
    }
  )
  do.call(rbind, lapply(results, as_row))
}

files <- list.files(file.path(arguments[1L], "tests", "testthat"), "^test-.*[.]R$", full.names = TRUE)
rows <- do.call(rbind, lapply(Filter(uses_families, files), run_file))
rows$nth <- ave(seq_len(nrow(rows)), rows$file, rows$test, FUN = seq_along)
write.csv(rows, out, row.names = FALSE)
