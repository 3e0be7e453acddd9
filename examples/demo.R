# Trains a small network on real handwritten digits with each kind of dropout, and with parts of
# the training pictures erased, and tests each on digits that are partly hidden.
# `make demo` runs it from the root of the repository. It needs scikit-learn in Python.

Sys.setenv(TF_CPP_MIN_LOG_LEVEL = "3")
source("examples/demo_pictures.R")

# Starts TensorFlow without the lines that it writes before it looks at that variable.
start_quietly <- function() {
  os <- reticulate::import("os")
  log <- os$dup(2L)
  nowhere <- os$open(os$devnull, os$O_WRONLY)
  os$dup2(nowhere, 2L)
  on.exit({
    os$dup2(log, 2L)
    os$close(log)
    os$close(nowhere)
  })
  reticulate::import("keras")$ops$zeros(1L)
}

invisible(start_quietly())
if (requireNamespace("keras3", quietly = TRUE)) {
  library(keras3)
} else {
  layerbridge::wrap_library("keras", attach = TRUE)
}
library(layerbridge)

seeds <- 1:5
epochs <- 40
batch <- 50
train_size <- 600
side <- 24
grey <- 0.5
hidden <- seq(0, 14, by = 2)
rising <- schedule_linear_ramp(0, 0.1, steps = epochs * train_size / batch * 2 / 3)

# Erases a part of half of the training pictures.
erase <- function(model, fill) {
  layer_random_erasing(model, c(0.5, 0.5), fill_value = fill, value_range = c(0, 1))
}

# What each kind adds to a model: `drop` after convolutions, `erase` before the first. All
# dropout rises to the same rate.
kinds <- list(
  "no dropout" = list(),
  "dropout" = list(drop = function(model, block) layer_dropblock_2d(model, rising, 1)),
  "DropBlock" = list(drop = function(model, block) layer_dropblock_2d(model, rising, block)),
  "spatial dropout" = list(drop = function(model, block) layer_spatial_dropout_2d(model, rising)),
  "erasing: same grey" = list(erase = function(model) erase(model, grey)),
  "erasing: noise" = list(erase = function(model) erase(model, NULL))
)

convolution <- function(model, filters, stride = 1) {
  model |>
    layer_conv_2d(filters, 3, strides = stride, padding = "same", use_bias = FALSE) |>
    layer_batch_normalization(momentum = 0.9) |>
    layer_activation_relu()
}

network <- function(drop = function(model, block) model, erase = identity) {
  keras_model_sequential() |>
    erase() |>
    convolution(8, stride = 2) |>
    convolution(16) |>
    drop(block = 5) |>
    convolution(16) |>
    drop(block = 5) |>
    convolution(32, stride = 2) |>
    drop(block = 3) |>
    convolution(32) |>
    drop(block = 3) |>
    layer_global_average_pooling_2d() |>
    layer_dense(10, activation = "softmax")
}

read_digits <- function() {
  digits <- reticulate::import("sklearn.datasets")$load_digits()
  images <- array(digits$images / 16, c(dim(digits$images), 1))
  enlarged <- op_image_resize(images, c(side, side), interpolation = "bilinear")
  list(x = as.array(enlarged), y = digits$target)
}

# Covers a grey square of each image. Its place, between 0 and 1 on each axis, is random.
hide <- function(x, size, place) {
  from <- floor(place * (side - size + 1))
  for (i in seq_len(nrow(x))) {
    x[i, from[i, 1] + seq_len(size), from[i, 2] + seq_len(size), 1] <- grey
  }
  x
}

# The share of right answers to the images that were not trained on, for each size of the
# square. The seed decides the training images, the first weights, the batches and the masks.
train <- function(kind, seed, digits, shown) {
  set.seed(seed)
  rows <- sample(length(digits$y), train_size)
  set_random_seed(seed)
  model <- do.call(network, kind) |> compile("adam", "sparse_categorical_crossentropy")
  x <- digits$x[rows, , , , drop = FALSE]
  model |> fit(x, digits$y[rows], batch_size = batch, epochs = epochs, verbose = 0)
  accuracy <- sapply(shown, function(x) {
    answers <- predict(model, x[-rows, , , , drop = FALSE], batch_size = 600, verbose = 0)
    mean(max.col(answers) - 1 == digits$y[-rows])
  })
  list(model = model, accuracy = 100 * accuracy)
}

# Kinds take turns, so that what is done first is whole.
train_all <- function(digits, shown) {
  options(cli.progress_show_after = 0)
  cli::cli_progress_bar(
    "Training",
    total = length(seeds) * length(kinds),
    format = "Training {cli::pb_bar} {cli::pb_current} of {cli::pb_total}, {cli::pb_eta} left"
  )
  bar <- environment()
  lapply(seeds, function(seed) {
    lapply(kinds, function(kind) {
      run <- train(kind, seed, digits, shown)
      cli::cli_progress_update(.envir = bar)
      run
    })
  })
}

digits <- read_digits()
set.seed(0)
place <- matrix(runif(2 * length(digits$y)), ncol = 2)
shown <- lapply(hidden, hide, x = digits$x, place = place)

cat(sprintf(
  "Training %d networks of each kind (%s) on %d handwritten digits for %d epochs\n",
  length(seeds), toString(names(kinds)), train_size, epochs
))
runs <- train_all(digits, shown)

scores <- accuracies(runs)
cat(sprintf(
  "\nRight answers to held-out digits in %%, by the size of a hidden square; mean \u00b1 sd of %d networks:\n\n",
  length(seeds)
))
print(compare(scores))

dir.create("build", showWarnings = FALSE)
write.csv(scores, "build/demo.csv", row.names = FALSE, quote = FALSE)
draw_accuracy(scores, shown, "build/demo.png")
draw_masks(runs[[1]][["no dropout"]]$model, digits$x[1, , , , drop = FALSE], "build/demo-masks.png")
cat("\nbuild/demo.png shows this table, and build/demo-masks.png what each kind drops.\n\n")
committed <- read.csv("vignettes/demo.csv")
cat(finding(scores, committed), "(In parentheses: the run in vignettes/demo.csv.)", sep = "\n")
