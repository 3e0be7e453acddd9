# In this order, so that layer_spatial_dropout_*() are layerbridge's.
library(keras3, warn.conflicts = FALSE)
library(layerbridge, warn.conflicts = FALSE)

images <- function(n = 16) array(rnorm(n * 12 * 12 * 3), c(n, 12, 12, 3))

small_model <- function() {
  keras_model_sequential(input_shape = c(12, 12, 3)) |>
    layer_conv_2d(filters = 4, kernel_size = 3, name = "conv") |>
    layer_dropblock_2d(rate = 0.2, block_size = c(3, 5), name = "block") |>
    layer_spatial_dropout_2d(rate = 0.2, name = "spatial") |>
    layer_flatten() |>
    layer_dense(units = 1)
}

class_of <- function(layer) sub(".*[.]", "", class(layer)[1])

# The functions that are generated for all of Keras.
keras_functions <- local({
  found <- NULL
  function() {
    if (is.null(found)) found <<- wrap_library("keras")
    found
  }
})
