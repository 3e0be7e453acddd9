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

  test_that("it is restored where neither keras3 nor the loss of R's is", {
    model <- small_model()
    compile(model, "sgd", loss = function(y_true, y_pred) op_mean((y_true - y_pred)^2))
    x <- images(2)
    file <- withr::local_tempfile(fileext = ".rds")
    saveRDS(list(bundle::bundle(model), x), file)
    code <- c(
      sprintf("saved <- readRDS('%s')", file),
      "model <- bundle::unbundle(saved[[1]])",
      "cat('predicted:', as.numeric(model$predict(saved[[2]], verbose = 0L)), isNamespaceLoaded('keras3'))"
    )
    script <- withr::local_tempfile(fileext = ".R", lines = code)
    said <- system2(file.path(R.home("bin"), "Rscript"), script, stdout = TRUE, stderr = TRUE)
    expect_match(said, "restored as if it was never compiled.*Could not locate function", all = FALSE)
    predicted <- strsplit(grep("^predicted:", said, value = TRUE), " ")[[1]]
    expect_equal(as.numeric(predicted[2:3]), as.numeric(predict(model, x)), tolerance = 1e-4)
    expect_identical(predicted[4], "FALSE")
  })
} else {
  message("The package bundle was not found: its test is left out.")
}
