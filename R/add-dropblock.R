#' DropBlock inside a model that exists
#'
#' Copies a model with DropBlock where the paper puts it: after each chosen
#' convolution, or after its normalization where that comes next, and on the skip
#' connections around them. Nothing follows a convolution whose output is the model's.
#'
#' The copy has the same weights, and the same output at inference. It is compiled as
#' the model was, with a new optimizer. Models inside the model are treated alike.
#'
#' @param model A built Keras model, functional or Sequential, such as one of
#'   `keras$applications` or of keras3's `application_*()`.
#' @param rate The expected fraction of units dropped, between 0 and 1, or a schedule
#'   such as [schedule_linear_ramp()].
#' @param block_size A whole number, or one for each spatial axis. The paper takes 7.
#' @param layers Which convolutions and additions, by name: patterns such as
#'   `"conv5_*"`; or a vector of numbers named by patterns, which says what the rate is
#'   multiplied by, and in which the first that matches counts. Or a function of a layer
#'   that tells whether it is chosen. A convolution is known by its normalization's name
#'   too. `NULL` takes the paper's groups 3 and 4 in the ResNets of `keras$applications`:
#'   `c("conv4_*" = 0.25, "conv5_*" = 1)`.
#' @param skip_connections Whether DropBlock goes on skip connections too.
#' @param ... Further arguments of [layer_dropblock_2d()], such as `per_channel`. A
#'   `seed` is counted up from one layer to the next.
#' @returns A functional Keras model. The new layers are named after the layers that
#'   they follow, `conv5_block1_1_bn_dropblock`, or after the addition that they come
#'   before, `conv5_block2_add_skip_dropblock`.
#' @references Ghiasi, Lin and Le (2018), *DropBlock: A regularization method for
#'   convolutional networks*, section 4.1. <https://arxiv.org/abs/1810.12890>
#' @family training
#' @export
#' @examplesIf layerbridge_available()
#' keras <- reticulate::import("keras")
#' resnet <- keras$applications$ResNet50(weights = NULL, input_shape = c(64L, 64L, 3L))
#' model <- resnet |> add_dropblock(schedule_linear_ramp(0, 0.1, steps = 10000))
#' model$get_layer("conv5_block3_3_bn_dropblock")$block_size
add_dropblock <- function(
  model,
  rate,
  block_size = 7,
  layers = NULL,
  skip_connections = TRUE,
  ...
) {
  if (is.numeric(layers) || length(layers) > 1L) layers <- as.list(layers)
  bridge_call(
    "layerbridge",
    "add_dropblock",
    family = "object",
    kinds = bridge_args(rate = "float", block_size = "int_or_tuple", seed = "int")
  )
}
