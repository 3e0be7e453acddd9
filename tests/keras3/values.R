# Writes the column `keras3` of tests/testthat/values.tsv again: what each line gives with keras3 and TensorFlow.
# usage: Rscript tests/keras3/values.R
suppressPackageStartupMessages(library(keras3))
source("tests/testthat/helper-values.R")
cases <- value_cases("tests/testthat")
env <- value_setting(mget(getNamespaceExports("keras3"), asNamespace("keras3"), inherits = TRUE))
cases$keras3 <- vapply(cases$code, value_of, "", env)
cases$keras3[startsWith(cases$keras3, "error:")] <- "error:"
utils::write.table(cases, "tests/testthat/values.tsv", sep = "\t", quote = FALSE, row.names = FALSE)
