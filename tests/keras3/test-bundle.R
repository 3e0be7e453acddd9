# bundle is in no distribution that `make test` installs from.
if (requireNamespace("bundle", quietly = TRUE)) {
  test_that("a model with our layers survives saveRDS() in a bundle", {
    model <- small_model()
    x <- images(2)
    file <- withr::local_tempfile(fileext = ".rds")
    saveRDS(bundle::bundle(model), file)
    restored <- bundle::unbundle(readRDS(file))
    expect_equal(predict(restored, x), predict(model, x), tolerance = 1e-6)
    expect_identical(restored$layers[[2]]$name, "block")
  })
} else {
  message("The package bundle was not found: its test is left out.")
}
