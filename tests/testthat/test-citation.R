test_that("citation() names the package and the paper without a warning", {
  expect_silent(cited <- citation("layerbridge"))
  expect_match(cited[[1]]$title, "layerbridge", fixed = TRUE)
  expect_match(cited[[2]]$url, "1810.12890", fixed = TRUE)
})
