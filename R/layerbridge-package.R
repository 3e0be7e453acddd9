#' layerbridge: structured dropout for Keras, from R
#'
#' Dropping single units does little for convolutional networks, because the
#' neighbours of a dropped unit carry much the same information. Structured
#' dropout drops whole blocks ([layer_dropblock_2d()]), whole channels
#' ([layer_spatial_dropout_2d()]) or whole samples ([layer_drop_path()]). Start with
#' the examples of [layer_dropblock_2d()] and the guide "Getting started",
#' `vignette("layerbridge")`. `R CMD INSTALL` of a checkout builds no vignettes: there,
#' read `docs/guides/r/layerbridge.md`, or the package's site.
#'
#' The layers pipe into models of the keras3 package, and into those made without it
#' by the functions of `wrap_library("keras")`. [wrap_layers()] and [wrap_library()]
#' make R functions for any Python library that builds on Keras.
#'
#' @section Python:
#' The layers are written in Python, on Keras 3, and come with this package. Only
#' Keras and one of its backends have to be installed, plus a few packages if you
#' use [wrap_layers()] or [wrap_library()]. Loading this package does not start
#' Python; the first layer does. [layerbridge_sitrep()] reports which
#' Python that is, and any problem with it.
#'
#' Once this package is loaded, Keras loads saved models that contain these
#' layers without `custom_objects`.
#'
#' @keywords internal
"_PACKAGE"
