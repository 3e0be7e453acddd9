# Each line of values.tsv gives here what it gives with keras3, or differs as is written there: how tensors are indexed,
# converted and computed with, and what may be given to Keras's functions. `make test-keras3` compares the same lines.
cases <- value_cases(".")

test_that("what differs from keras3 has a reason", {
  expect_identical(nzchar(cases$here), nzchar(cases$why))
  expect_identical(anyDuplicated(cases$code), 0L)
})

for (topic in unique(cases$topic)) {
  test_that(paste("the same values as with keras3:", topic), {
    skip_if_no_wrap_layers()
    env <- value_setting(keras_functions())
    for (row in which(cases$topic == topic)) {
      expected <- if (nzchar(cases$here[row])) cases$here[row] else cases$keras3[row]
      value <- value_of(cases$code[row], env)
      expect(same_value(value, expected), sprintf("%s\n  gives  %s\n  not    %s", cases$code[row], value, expected))
    }
  })
}
