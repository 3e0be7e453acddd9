# Trains a small ResNet on handwritten digits without DropBlock, with a fixed rate, and with
# a rate that rises from 0, as the paper has it. It needs scikit-learn in Python.
#
# usage: Rscript examples/train_schedule.R [SEEDS]

if (requireNamespace("keras3", quietly = TRUE)) {
  library(keras3)
} else {
  layerbridge::wrap_library("keras", attach = TRUE)
}
library(layerbridge)

epochs <- 40
batch <- 50
train_size <- 300
rate <- 0.1
block <- 3
# The paper's groups 3 and 4, with a quarter of the rate in the first of them.
groups <- c("group3_*" = 0.25, "group4_*" = 1)

kinds <- list(
  "no DropBlock" = function(model) model,
  "fixed rate" = function(model) add_dropblock(model, rate, block, layers = groups),
  "rising rate" = function(model) {
    ramp <- schedule_linear_ramp(0, rate, steps = epochs * train_size / batch)
    model |> add_dropblock(ramp, block, layers = groups)
  }
)

convolution <- function(x, filters, kernel, stride, name) {
  x |>
    layer_conv_2d(
      filters, kernel,
      strides = stride, padding = "same", use_bias = FALSE, name = paste0(name, "_conv")
    ) |>
    layer_batch_normalization(momentum = 0.9, name = paste0(name, "_bn"))
}

residual_block <- function(x, filters, stride, name) {
  part <- function(x, i, kernel, stride) {
    convolution(x, filters, kernel, stride, sprintf("%s_%d", name, i))
  }
  skip <- if (stride == 1) x else part(x, 0, 1, stride)
  out <- x |>
    part(1, 3, stride) |>
    layer_activation_relu() |>
    part(2, 3, 1)
  layer_add(skip, out, name = paste0(name, "_add")) |> layer_activation_relu()
}

resnet <- function() {
  inputs <- keras_input(c(8, 8, 1))
  outputs <- inputs |>
    convolution(16, 3, 1, "group2_stem") |>
    layer_activation_relu() |>
    residual_block(16, 1, "group3_block1") |>
    residual_block(32, 2, "group4_block1") |>
    layer_global_average_pooling_2d() |>
    layer_dense(10, activation = "softmax")
  keras_model(inputs, outputs)
}

# The held-out accuracy in percent. One seed gives all kinds the same start.
train <- function(add, seed, digits) {
  set.seed(seed)
  set_random_seed(seed)
  rows <- sample(length(digits$y), train_size)
  model <- add(resnet()) |> compile("adam", "sparse_categorical_crossentropy", metrics = "accuracy")
  model |> fit(
    digits$x[rows, , , , drop = FALSE], digits$y[rows], batch_size = batch, epochs = epochs, verbose = 0
  )
  scores <- model |> evaluate(
    digits$x[-rows, , , , drop = FALSE], digits$y[-rows], batch_size = 500, verbose = 0
  )
  100 * scores$accuracy
}

mean_and_sd <- function(columns, format) {
  sprintf(paste(format, "\u00b1 %.1f"), colMeans(columns), apply(columns, 2, sd))
}

digits <- reticulate::import("sklearn.datasets")$load_digits()
digits <- list(x = array(digits$images / 16, c(dim(digits$images), 1)), y = digits$target)
seeds <- as.integer(c(commandArgs(TRUE), 5)[1])
accuracy <- matrix(0, seeds, length(kinds), dimnames = list(NULL, names(kinds)))
for (seed in seq_len(seeds)) {
  for (kind in names(kinds)) accuracy[seed, kind] <- train(kinds[[kind]], seed, digits)
  cat(sprintf("seed %d: %s\n", seed, toString(sprintf("%s %.1f %%", names(kinds), accuracy[seed, ]))))
}
cat(sprintf("\nHeld-out accuracy, mean and standard deviation of %d seeds:\n\n", seeds))
print(data.frame(
  "accuracy, %" = mean_and_sd(accuracy, "%.1f"),
  "gain" = mean_and_sd(accuracy - accuracy[, "no DropBlock"], "%+.1f"),
  row.names = names(kinds), check.names = FALSE
))
