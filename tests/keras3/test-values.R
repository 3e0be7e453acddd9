# Each line of tests/testthat/values.tsv gives with keras3 what is written there; `make test` compares what it gives without.
source(file.path("..", "testthat", "helper-values.R"))
cases <- value_cases(file.path("..", "testthat"))
env <- value_setting(mget(getNamespaceExports("keras3"), asNamespace("keras3"), inherits = TRUE))

for (topic in unique(cases$topic)) {
  test_that(paste("the values that are written down are keras3's:", topic), {
    for (row in which(cases$topic == topic)) {
      value <- value_of(cases$code[row], env)
      expect(same_value(value, cases$keras3[row]), sprintf("%s gives %s", cases$code[row], value))
    }
  })
}
