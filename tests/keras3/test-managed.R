# Takes minutes and a network the first time, so that it runs only where uv is installed.
if (nzchar(Sys.which("uv"))) {
  test_that("without a Python, reticulate makes an environment with all that is needed", {
    code <- withr::local_tempfile(fileext = ".R", lines = c(
      "library(layerbridge)",
      "layer <- layer_dropblock_2d(rate = 0.1, block_size = 3)",
      "k <- wrap_layers('keras.layers')",
      "cat(class(layer)[1L], length(k) > 100, reticulate::py_config()$python)"
    ))
    withr::local_envvar(RETICULATE_PYTHON = "managed")
    said <- system2(file.path(R.home("bin"), "Rscript"), shQuote(code), stdout = TRUE)
    expect_match(tail(said, 1L), "^layerbridge[.]DropBlock2D TRUE .*uv")
  })
}
