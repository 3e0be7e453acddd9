test_that("forked workers make layers, or are told to use processes of their own", {
  skip_if_no_keras()
  skip_on_os("windows")
  run <- run_r(c(
    "library(layerbridge)",
    "make <- function(i) {",
    "  tryCatch(",
    "    {layer_dropblock_2d(rate = 0.1, block_size = 3); 'made'},",
    "    error = conditionMessage",
    "  )",
    "}",
    "forked <- function() paste(unlist(parallel::mclapply(1:2, make, mc.cores = 2)), collapse = '|')",
    "cat('before:', forked(), '\\n')",
    "cat('here:', make(1), '\\n')",
    "cat('after:', forked(), '\\n')"
  ))
  expect_match(run$output, "before: made|made", fixed = TRUE)
  expect_match(run$output, "here: made", fixed = TRUE)
  expect_match(run$output, "after: Keras does not work in a fork.*parallel::makeCluster")
})

test_that("a cluster of processes makes layers", {
  skip_if_no_keras()
  skip_on_cran()
  cluster <- parallel::makeCluster(1)
  withr::defer(parallel::stopCluster(cluster))
  name <- parallel::clusterCall(cluster, function(libraries) {
    .libPaths(libraries)
    layerbridge::layer_dropblock_2d(rate = 0.1, block_size = 3, name = "there")$name
  }, .libPaths())
  expect_identical(name, list("there"))
})

# Layers without variables: Keras keeps some memory of each variable for good, those of
# its own layers too.
test_that("ten thousand layers made and dropped leave no memory behind", {
  skip_if_no_wrap_layers()
  skip_on_cran()
  skip_if_not(file.exists("/proc/self/status"), "The system tells memory in /proc")
  run <- run_r(c(
    "layers <- layerbridge::wrap_layers('keras.layers')",
    "resident <- function() {",
    "  gc()",
    "  reticulate::import('gc')$collect()",
    "  line <- grep('^VmRSS', readLines('/proc/self/status'), value = TRUE)",
    "  as.numeric(gsub('[^0-9]', '', line)) / 1024",
    "}",
    "make <- function(times) for (i in seq_len(times)) layers$layer_flatten(name = 'same')",
    "make(2000)",
    "before <- resident()",
    "make(10000)",
    "cat('grown by', round(resident() - before), 'MiB')"
  ))
  grown <- as.numeric(sub(".*grown by (-?[0-9]+) MiB.*", "\\1", run$output))
  # Ten thousand layers that were kept would take more than 100.
  expect_lt(grown, 20)
})
