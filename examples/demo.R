# Trains one small network without dropout and with three kinds of it, on real handwritten
# digits, and draws what each kind drops. `make demo` runs it. It needs scikit-learn.

library(layerbridge)
library(ggplot2)

keras <- reticulate::import("keras")
k <- wrap_layers("keras.layers")

seeds <- 1:5
epochs <- 60
train_size <- 300

# Each takes a model and returns it with a layer added. Given NULL, it returns the layer.
kinds <- list(
  "no dropout" = function(object, rate) object,
  "dropout" = function(object, rate) k$layer_dropout(object, rate),
  "DropBlock" = function(object, rate) layer_dropblock_2d(object, rate, block_size = 3),
  "spatial dropout" = function(object, rate) layer_spatial_dropout_2d(object, rate)
)

network <- function(drop, rate = 0.1) {
  keras$Sequential() |>
    k$layer_conv_2d(16, 3, padding = "same", activation = "relu") |>
    drop(rate) |>
    k$layer_conv_2d(32, 3, padding = "same", activation = "relu") |>
    drop(rate) |>
    k$layer_max_pooling_2d() |>
    k$layer_flatten() |>
    k$layer_dense(10, activation = "softmax")
}

read_digits <- function() {
  digits <- reticulate::import("sklearn.datasets")$load_digits()
  list(x = array(digits$images / 16, c(dim(digits$images), 1)), y = digits$target)
}

# The seed decides the training images, the first weights, the batches and the masks. Time
# is taken from the end of the first epoch on: that one compiles the model.
train <- function(drop, seed, digits, on_epoch) {
  set.seed(seed)
  keras$utils$set_random_seed(seed)
  rows <- sample(length(digits$y), train_size)
  ends <- numeric()
  clock <- keras$callbacks$LambdaCallback(on_epoch_end = function(epoch, logs) {
    ends <<- c(ends, proc.time()[["elapsed"]])
    on_epoch()
  })

  model <- network(drop)
  model$compile("adam", "sparse_categorical_crossentropy", metrics = list("accuracy"))
  model$fit(
    digits$x[rows, , , , drop = FALSE], digits$y[rows],
    epochs = as.integer(epochs), verbose = 0L, callbacks = list(clock)
  )
  scores <- model$evaluate(
    digits$x[-rows, , , , drop = FALSE], digits$y[-rows],
    batch_size = 512L, verbose = 0L
  )
  list(model = model, accuracy = 100 * scores[[2]], ms = 1000 * median(diff(ends)))
}

# Kinds take turns, so that a busy machine slows them alike.
train_all <- function(digits) {
  bar <- txtProgressBar(max = length(seeds) * length(kinds) * epochs, style = 3)
  on.exit(close(bar))
  tick <- function() setTxtProgressBar(bar, getTxtProgressBar(bar) + 1)
  lapply(seeds, function(seed) {
    lapply(kinds, train, seed = seed, digits = digits, on_epoch = tick)
  })
}

# Networks with one seed saw the same images, so each is compared with its own partner.
compare <- function(runs) {
  read <- function(what) sapply(names(kinds), \(kind) sapply(runs, \(run) run[[kind]][[what]]))
  accuracy <- read("accuracy")
  data.frame(
    "held-out accuracy, %" = mean_and_sd(accuracy, "%.1f"),
    "gain over no dropout" = mean_and_sd(accuracy - accuracy[, "no dropout"], "%+.1f"),
    "ms per epoch" = round(apply(read("ms"), 2, median)),
    check.names = FALSE
  )
}

mean_and_sd <- function(columns, format) {
  sprintf(paste(format, "\u00b1 %.1f"), colMeans(columns), apply(columns, 2, sd))
}

# What each kind drops in training from the first feature maps of one digit, each map
# scaled to its own brightest unit.
draw_masks <- function(model, image, path, rate = 0.25, channels = 8) {
  features <- keras$ops$convert_to_numpy(model$layers[[1]](image))[1, , , seq_len(channels)]
  features <- sweep(features, 3, pmax(apply(features, 3, max), 1e-6), "/")
  maps <- lapply(names(kinds), function(kind) {
    dropped <- masks(kinds[[kind]](NULL, rate), c(4000, dim(features)))
    data.frame(
      kind = sprintf("%s\n%.0f %% on average", kind, 100 * mean(dropped)),
      row = c(slice.index(features, 1)),
      column = c(slice.index(features, 2)),
      channel = paste("channel", slice.index(features, 3)),
      value = ifelse(dropped[1, , , ], NA, features) |> c()
    )
  })
  picture <- ggplot(do.call(rbind, maps), aes(column, row, fill = value)) +
    geom_raster() +
    facet_grid(factor(kind, unique(kind)) ~ channel, switch = "y") +
    scale_y_reverse() +
    scale_fill_gradient(low = "black", high = "white", na.value = "#d55e00", guide = "none") +
    coord_fixed(expand = FALSE) +
    labs(title = sprintf("One digit in training at rate %s: dropped units are orange", rate)) +
    theme_void() +
    theme(
      plot.background = element_rect(fill = "white", colour = NA),
      plot.margin = margin(8, 8, 8, 8),
      plot.title = element_text(margin = margin(b = 8)),
      strip.text = element_text(margin = margin(3, 6, 3, 6))
    )
  dir.create(dirname(path), showWarnings = FALSE)
  ggsave(path, picture, width = 9, height = 5, dpi = 110)
}

# Which units the layer drops. Feature maps have zeros of their own, ones have not.
masks <- function(layer, shape) {
  keras$utils$set_random_seed(2L)
  ones <- array(1, shape)
  if (is.null(layer)) ones == 0 else keras$ops$convert_to_numpy(layer(ones, training = TRUE)) == 0
}

digits <- read_digits()
cat(sprintf(
  "Training %d networks with each of %s: %d images, %d epochs\n",
  length(seeds), toString(names(kinds)), train_size, epochs
))
runs <- train_all(digits)
cat(sprintf("\nMean \u00b1 standard deviation over %d seeds:\n\n", length(seeds)))
print(compare(runs))

picture <- "build/demo-masks.png"
draw_masks(runs[[1]][["no dropout"]]$model, digits$x[1, , , , drop = FALSE], picture)
cat(sprintf("\n%s shows what each kind drops.\n", picture))
