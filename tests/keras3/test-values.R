# Each line of tests/testthat/values.tsv gives with keras3 alone what is written there, which `make test` compares with
# what it gives without; where layerbridge is attached too, it gives one of the two.
source(file.path("..", "testthat", "helper-values.R"))
cases <- value_cases(file.path("..", "testthat"))

test_that("the values that are written down are keras3's", {
  file <- withr::local_tempfile(fileext = ".tsv")
  withr::with_dir(file.path("..", ".."), system2(
    file.path(R.home("bin"), "Rscript"), c("tests/keras3/values.R", file),
    stdout = FALSE, stderr = FALSE
  ))
  theirs <- utils::read.delim(file, quote = "", colClasses = "character", na.strings = character())
  for (row in seq_len(nrow(cases))) {
    same <- same_value(theirs$keras3[row], cases$keras3[row])
    expect(same, sprintf("%s gives %s", cases$code[row], theirs$keras3[row]))
  }
})

test_that("layerbridge beside keras3 changes no value for another than its own", {
  env <- value_setting(mget(getNamespaceExports("keras3"), asNamespace("keras3"), inherits = TRUE))
  for (row in seq_len(nrow(cases))) {
    value <- value_of(cases$code[row], env)
    known <- same_value(value, cases$keras3[row]) || (nzchar(cases$here[row]) && same_value(value, cases$here[row]))
    expect(known, sprintf("%s gives %s", cases$code[row], value))
  }
})
