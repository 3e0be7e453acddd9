#' layerbridge: structured dropout for Keras, from R
#'
#' Dropout by single units does little for convolutional networks: the
#' neighbours of a dropped unit still say what it would have said. Structured
#' dropout drops whole blocks ([layer_dropblock_2d()]) or whole channels
#' ([layer_spatial_dropout_2d()]).
#'
#' The layers pipe into models of the keras3 package and into models made with
#' reticulate alone. [wrap_layers()] does the same for any Python library of
#' Keras layers.
#'
#' @section Python:
#' The layers are written in Python, on Keras 3, and travel inside this package:
#' only Keras and one of its backends have to be installed, and what
#' [wrap_layers()] names for itself. Loading the package starts no Python; the
#' first layer does. [layerbridge_sitrep()] says which
#' Python that is, and what is wrong with it if something is.
#'
#' Once the package is loaded, Keras loads saved models that hold these layers
#' without being given `custom_objects`.
#'
#' @keywords internal
"_PACKAGE"
