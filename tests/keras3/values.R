# Writes what each line of tests/testthat/values.tsv gives with keras3 alone and TensorFlow: the column `keras3`.
# usage: Rscript tests/keras3/values.R [FILE]     by default, into values.tsv itself
suppressPackageStartupMessages(library(keras3))
source("tests/testthat/helper-values.R")
file <- c(commandArgs(TRUE), "tests/testthat/values.tsv")[1L]
cases <- value_cases("tests/testthat")
env <- value_setting(mget(getNamespaceExports("keras3"), asNamespace("keras3"), inherits = TRUE))
cases$keras3 <- vapply(cases$code, value_of, "", env)
cases$keras3[startsWith(cases$keras3, "error:")] <- "error:"
utils::write.table(cases, file, sep = "\t", quote = FALSE, row.names = FALSE)
