#' The fraction of units that is really dropped
#'
#' Most implementations of DropBlock drop more or less than they are told. This
#' computes the expected fraction, from the probabilities of a layer, or from those of
#' another library's formula. Nothing is simulated.
#'
#' @param dropout A structured dropout layer, such as [layer_dropblock_2d()], taken at
#'   its present rate; or the name of a formula: `"paper"`, the paper's equation 1; or
#'   that of a library: `"keras-cv"`, `"timm"`, `"torchvision"`, or `"dropblock"`, the
#'   PyTorch package.
#' @param map_shape The map's size: one whole number for each spatial axis, such as
#'   `c(height, width)`.
#' @param rate What the formula is asked for, between 0 and 1. A layer has its own.
#' @param block_size A whole number, or one for each spatial axis, for a formula. A
#'   layer has its own.
#' @returns A number between 0 and 1.
#' @family pictures and figures
#' @export
#' @examplesIf layerbridge_available()
#' effective_rate("timm", c(14, 14), rate = 0.1, block_size = 7)
#' effective_rate(layer_dropblock_2d(rate = 0.1, block_size = 7), c(14, 14))
effective_rate <- function(dropout, map_shape, rate = NULL, block_size = NULL) {
  bridge_call(
    "layerbridge",
    "effective_rate",
    family = "object",
    kinds = bridge_args(
      map_shape = "int_or_tuple",
      rate = "float",
      block_size = "int_or_tuple"
    )
  )
}
