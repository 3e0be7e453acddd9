# Trains one small network without dropout and with three kinds of it, on real handwritten
# digits, and asks each for digits that are partly hidden, which none saw in training.
# `make demo` runs it from the root of the repository. It needs scikit-learn in Python.

library(layerbridge)
source("examples/demo_pictures.R")

k <- wrap_library("keras")

seeds <- 1:5
epochs <- 40
batch <- 50
train_size <- 600
side <- 24
hidden <- seq(0, 14, by = 2)
rate <- 0.1
rising <- schedule_linear_ramp(0, rate, steps = epochs * train_size / batch * 2 / 3)

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
    k$layer_activation_relu()
}

network <- function(drop) {
  k$keras_model_sequential() |>
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
  enlarged <- k$op_image_resize(images, c(side, side), interpolation = "bilinear")
  list(x = k$op_convert_to_numpy(enlarged), y = digits$target)
}

# Covers a grey square of each image. Its place, between 0 and 1 on each axis, is random.
hide <- function(x, size, place) {
  from <- floor(place * (side - size + 1))
  for (i in seq_len(nrow(x))) {
    x[i, from[i, 1] + seq_len(size), from[i, 2] + seq_len(size), 1] <- 0.5
  }
  x
}

# The answers to every image that was not trained on, a column for each size of the square.
# The seed decides the training images, the first weights, the batches and the masks.
train <- function(drop, seed, digits, shown, on_epoch) {
  set.seed(seed)
  rows <- sample(length(digits$y), train_size)
  k$set_random_seed(seed)
  model <- network(drop) |> compile("adam", "sparse_categorical_crossentropy")
  model |> fit(
    digits$x[rows, , , , drop = FALSE], digits$y[rows],
    batch_size = batch, epochs = epochs, verbose = 0, callbacks = k$callback_lambda(on_epoch_end = on_epoch)
  )
  answers <- sapply(shown, function(x) {
    max.col(predict(model, x, batch_size = 600, verbose = 0)) - 1
  })
  answers[rows, ] <- NA
  list(model = model, answers = answers)
}

# Kinds take turns, so that what is done first is whole.
train_all <- function(digits, shown) {
  options(cli.progress_show_after = 0)
  cli::cli_progress_bar(
    "Training",
    total = length(seeds) * length(kinds) * epochs,
    format = "Training {cli::pb_bar} {cli::pb_percent}, {cli::pb_eta} left"
  )
  bar <- environment()
  tick <- function(epoch, logs) cli::cli_progress_update(.envir = bar)
  lapply(seeds, function(seed) {
    lapply(kinds, train, seed = seed, digits = digits, shown = shown, on_epoch = tick)
  })
}

digits <- read_digits()
set.seed(0)
place <- matrix(runif(2 * length(digits$y)), ncol = 2)
shown <- lapply(hidden, hide, x = digits$x, place = place)

cat(sprintf(
  "Training %d networks with each of %s: %d images, %d epochs\n",
  length(seeds), toString(names(kinds)), train_size, epochs
))
runs <- train_all(digits, shown)

scores <- accuracies(runs, digits)
cat(sprintf("\nRight answers in %%, mean \u00b1 standard deviation over %d seeds:\n\n", length(seeds)))
print(compare(scores))

dir.create("build", showWarnings = FALSE)
draw_demo(runs, digits, shown, scores, "build/demo.png")
draw_masks(runs[[1]][["no dropout"]]$model, digits$x[1, , , , drop = FALSE], "build/demo-masks.png")
cat("\nbuild/demo.png shows this, build/demo-masks.png what each kind drops.\n")
