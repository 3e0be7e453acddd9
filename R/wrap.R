#' R functions for any Python library of Keras layers
#'
#' Reads a Python module, and gives one R function for each Keras layer in it. The
#' functions compose as [layer_dropblock_2d()] does, count axes from 1, and turn
#' whole numbers into Python's integers. No file is written; to make an R package
#' of them, use the command `layerbridge package`.
#'
#' The module has to be installed in the Python that R uses, and so have the Python
#' packages `docstring-parser`, `jinja2` and `markdown-it-py`, which read it.
#'
#' @param module The name of a Python module or class, such as `"keras_hub.layers"`.
#' @returns A list of functions, of class `layerbridge_wrapped`. Printing it lists
#'   the functions with their arguments.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available()
#' layers <- wrap_layers("layerbridge")
#' layers
#' layers$layer_dropblock_2d(rate = 0.1, block_size = 7)
wrap_layers <- function(module) {
  generator <- import_generator(sys.call())
  source <- bridge_python(generator$wrap_source(module), sys.call())
  pages <- bridge_python(generator$describe(module), sys.call())
  env <- new.env(parent = topenv())
  eval(parse(text = source, keep.source = FALSE), env)
  functions <- Map(wrapped_function, mget(names(pages), env), pages)
  structure(functions, module = module, class = "layerbridge_wrapped")
}

#' Help on a function made by wrap_layers()
#'
#' Shows the Python documentation of the layer, translated to R's terms.
#'
#' @param fn A function from a list that [wrap_layers()] gave.
#' @returns `fn`, invisibly.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available()
#' layers <- wrap_layers("layerbridge")
#' help_layer(layers$layer_spatial_dropout_1d)
help_layer <- function(fn) {
  if (!inherits(fn, "layerbridge_function")) {
    bridge_abort(sprintf(
      "`fn` must be a function made by wrap_layers(); received %s. %s",
      bridge_describe(fn), "For other functions use `?`."
    ), sys.call())
  }
  rd <- tempfile(fileext = ".Rd")
  text <- tempfile(fileext = ".txt")
  on.exit(unlink(rd))
  writeLines(attr(fn, "rd"), rd, useBytes = TRUE)
  # No stage runs, so that nothing in the documentation does.
  tools::Rd2txt(rd, out = text, stages = character(), encoding = "UTF-8")
  file.show(text, title = "R help", delete.file = TRUE)
  invisible(fn)
}

#' @export
print.layerbridge_wrapped <- function(x, ...) {
  cat(sprintf("R functions for the layers of Python's %s:\n\n", attr(x, "module")))
  for (name in names(x)) cat(usage(name, x[[name]]), sep = "\n")
  cat("\nhelp_layer() shows the help of one of them.\n")
  invisible(x)
}

#' @export
print.layerbridge_function <- function(x, ...) {
  cat(usage("function", x), "", "help_layer() shows what it does.", sep = "\n")
  invisible(x)
}
