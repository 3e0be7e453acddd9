# Trains one small network without dropout and with three kinds of it, on real handwritten
# digits, and asks each for digits that are partly hidden, which none saw in training.
# `make demo` runs it from the root of the repository. It needs scikit-learn in Python.

library(layerbridge)
source("examples/demo_pictures.R")

keras <- reticulate::import("keras")
k <- wrap_layers("keras.layers")

seeds <- 1:5
epochs <- 40
batch <- 50
train_size <- 600
side <- 24
hidden <- seq(0, 14, by = 2)
rate <- 0.15
rising <- schedule_linear_ramp(0, rate, steps = 2 / 3 * epochs * train_size / batch)

# Each adds a layer to a model. Keras's own dropout takes no schedule.
kinds <- list(
  "no dropout" = function(model, block) model,
  "dropout" = function(model, block) k$layer_dropout(model, rate),
  "DropBlock" = function(model, block) layer_dropblock_2d(model, rising, block),
  "spatial dropout" = function(model, block) layer_spatial_dropout_2d(model, rising)
)

convolution <- function(model, filters, stride = 1) {
  model |>
    k$layer_conv_2d(filters, 3, strides = stride, padding = "same", use_bias = FALSE) |>
    k$layer_batch_normalization(momentum = 0.9) |>
    k$layer_re_lu()
}

network <- function(drop) {
  keras$Sequential() |>
    convolution(8, stride = 2) |>
    convolution(16) |>
    drop(block = 5) |>
    convolution(16) |>
    drop(block = 5) |>
    convolution(32, stride = 2) |>
    drop(block = 3) |>
    convolution(32) |>
    drop(block = 3) |>
    k$layer_global_average_pooling_2d() |>
    k$layer_dense(10, activation = "softmax")
}

read_digits <- function() {
  digits <- reticulate::import("sklearn.datasets")$load_digits()
  images <- array(digits$images / 16, c(dim(digits$images), 1))
  enlarged <- keras$ops$image$resize(images, c(side, side), interpolation = "bilinear")
  list(x = keras$ops$convert_to_numpy(enlarged), y = as.vector(digits$target))
}

# Covers a grey square of each image, at a random place.
hide <- function(x, size) {
  from <- matrix(sample(side - size + 1, 2 * nrow(x), replace = TRUE), ncol = 2) - 1
  for (i in seq_len(nrow(x))) {
    x[i, from[i, 1] + seq_len(size), from[i, 2] + seq_len(size), 1] <- 0.5
  }
  x
}

# The seed decides the training images, the hidden squares, the first weights, the batches
# and the masks, so that networks with one seed can be compared in pairs.
train <- function(drop, seed, digits, on_epoch) {
  set.seed(seed)
  rows <- sample(length(digits$y), train_size)
  shown <- lapply(hidden, function(size) hide(digits$x, size))
  keras$utils$set_random_seed(seed)
  model <- network(drop)
  model$compile("adam", "sparse_categorical_crossentropy")
  model$fit(
    digits$x[rows, , , , drop = FALSE], digits$y[rows],
    batch_size = as.integer(batch), epochs = as.integer(epochs), verbose = 0L,
    callbacks = list(keras$callbacks$LambdaCallback(on_epoch_end = on_epoch))
  )
  answers <- sapply(shown, function(x) {
    max.col(model$predict(x, batch_size = 600L, verbose = 0L)) - 1
  })
  answers[rows, ] <- NA
  list(model = model, answers = answers)
}

# Kinds take turns, so that what is done first is whole.
train_all <- function(digits) {
  options(cli.progress_show_after = 0)
  cli::cli_progress_bar(
    "Training",
    total = length(seeds) * length(kinds) * epochs,
    format = "Training {cli::pb_bar} {cli::pb_percent}, {cli::pb_eta} left"
  )
  bar <- environment()
  tick <- function(epoch, logs) cli::cli_progress_update(.envir = bar)
  lapply(seeds, function(seed) {
    lapply(kinds, train, seed = seed, digits = digits, on_epoch = tick)
  })
}
