test_that("in a fork layers are made before Keras is imported; after it every use is refused, and none hangs", {
  skip_if_no_keras()
  skip_on_os("windows")
  uses <- c(
    "predict(model, x, verbose = 0)", "evaluate(model, x, x[, 1], verbose = 0)", "fit(model, x, x[, 1], verbose = 0)",
    "compile(model, 'sgd', 'mse')", "summary(model)", "drop(x)", "layer_spatial_dropout_1d(rate = 0.1)",
    "tensor + 1", "tensor[1, ]", "as.array(tensor)", "sum(tensor)"
  )
  run <- run_r(c(
    "library(layerbridge)",
    "make <- function(i) {",
    "  tryCatch(",
    "    {layer_dropblock_2d(rate = 0.1, block_size = 3); 'made'},",
    "    error = conditionMessage",
    "  )",
    "}",
    "forked <- function() parallel::mccollect(parallel::mcparallel(make(1)))[[1L]]",
    "cat('before:', forked(), '\\n')",
    "cat('here:', make(1), '\\n')",
    "cat('after:', forked(), '\\n')",
    "keras <- reticulate::import('keras')",
    "x <- matrix(1:6 / 6, 3)",
    "tensor <- keras$ops$convert_to_tensor(x)",
    "drop <- layer_spatial_dropout_1d(rate = 0.1)",
    "model <- keras$Sequential(list(keras$Input(reticulate::tuple(2L)), keras$layers$Dense(1L)))",
    "compile(model, 'sgd', 'mse')",
    "invisible(fit(model, x, x[, 1], epochs = 1, verbose = 0))",
    "refused <- function(use) {",
    "  job <- parallel::mcparallel(tryCatch(eval(parse(text = use)), error = conditionMessage))",
    "  said <- parallel::mccollect(job, wait = FALSE, timeout = 20)[[1]]",
    "  tools::pskill(job$pid, tools::SIGKILL)",
    "  is.character(said) && grepl('does not work in a fork', said[1])",
    "}",
    sprintf("cat(%s, refused(%s), '\\n')", shQuote(uses, "cmd"), shQuote(uses, "cmd"))
  ))
  expect_match(run$output, "before: made", fixed = TRUE)
  expect_match(run$output, "here: made", fixed = TRUE)
  expect_match(run$output, "after: Keras does not work in a fork.*parallel::makeCluster")
  for (use in uses) expect_match(run$output, paste(use, "TRUE"), fixed = TRUE)
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

# Runs code that calls `work(times)`, and tells by how many MiB the second call made R grow.
grown_by <- function(code, first, second) {
  run <- run_r(c(
    code,
    "resident <- function() {",
    "  gc()",
    "  reticulate::import('gc')$collect()",
    "  line <- grep('^VmRSS', readLines('/proc/self/status'), value = TRUE)",
    "  as.numeric(gsub('[^0-9]', '', line)) / 1024",
    "}",
    sprintf("work(%d)", first),
    "before <- resident()",
    sprintf("work(%d)", second),
    "cat('grown by', round(resident() - before), 'MiB')"
  ), env = paste0("KERAS_BACKEND=", keras()$backend$backend()))
  as.numeric(sub(".*grown by (-?[0-9]+) MiB.*", "\\1", run$output))
}

skip_if_memory_is_not_told <- function() {
  skip_if_not(file.exists("/proc/self/status"), "The system tells memory in /proc")
}

# Layers without variables: Keras keeps some memory of each variable for good, those of
# its own layers too. With Python 3.13, up to 7000 objects pass before memory is used again,
# layers made through reticulate alone too.
test_that("thousands of layers made and dropped leave no memory behind", {
  skip_if_no_wrap_layers()
  skip_unless_release()
  skip_on_cran()
  skip_if_memory_is_not_told()
  grown <- grown_by(
    c(
      "layers <- layerbridge::wrap_layers('keras.layers')",
      "work <- function(times) for (i in seq_len(times)) layers$layer_flatten(name = 'same')"
    ),
    first = 10000, second = 5000
  )
  # Five thousand layers that were kept would take more than 50.
  expect_lt(grown, 20)
})

test_that("thousands of training steps with a schedule leave no memory behind", {
  skip_if_no_keras()
  skip_unless_release()
  skip_on_cran()
  skip_if_memory_is_not_told()
  grown <- grown_by(
    c(
      "library(layerbridge)",
      "keras <- reticulate::import('keras')",
      "model <- keras$Sequential() |>",
      "  layer_dropblock_2d(rate = schedule_linear_ramp(0, 0.3, 5000), block_size = 3) |>",
      "  layer_spatial_dropout_2d(rate = 0.1, name = 'driven')",
      "model$add(keras$layers$GlobalAveragePooling2D())",
      "model$add(keras$layers$Dense(1L))",
      "model$compile('sgd', 'mse')",
      "driver <- callback_drop_rate_scheduler(",
      "  function(step) min(step / 5000, 0.3),",
      "  factors = c(driven = 1, 'drop*' = 0.5)",
      ")",
      "x <- array(rnorm(1600 * 8 * 8 * 4), c(1600, 8, 8, 4))",
      "y <- array(rnorm(1600), c(1600, 1))",
      "work <- function(epochs) {",
      "  model$fit(",
      "    x, y, epochs = as.integer(epochs), batch_size = 16L, verbose = 0L,",
      "    callbacks = list(driver)",
      "  )",
      "}"
    ),
    first = 10, second = 40
  )
  # A map of a batch kept at each of the 4000 steps would be 62 MiB.
  expect_lt(grown, 10)
})
