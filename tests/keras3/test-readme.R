test_that("the code for keras3 in README.md makes its model", {
  lines <- readLines("../../README.md")
  from <- which(lines == "```r")[1L]
  to <- which(lines == "```")
  code <- lines[seq(from + 1L, min(to[to > from]) - 1L)]
  expect_identical(code[1L], "library(keras3)")
  eval(parse(text = code), envir <- new.env())
  classes <- c("Conv2D", "DropBlock2D", "GlobalAveragePooling2D", "Dense")
  expect_identical(vapply(envir$model$layers, class_of, ""), classes)
})
