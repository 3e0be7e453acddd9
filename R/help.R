#' Help on a function that wrap_layers() made
#'
#' Shows the Python documentation of the layer, translated to R's terms.
#'
#' @param fn A function from the list that [wrap_layers()] returned.
#' @returns `fn`, invisibly.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available(wrap_layers = TRUE)
#' layers <- wrap_layers("layerbridge")
#' help_layer(layers$layer_spatial_dropout_1d)
help_layer <- function(fn) {
  if (!inherits(fn, "layerbridge_function")) {
    bridge_abort(sprintf(
      "`fn` must be a function made by wrap_layers(); received %s. %s",
      bridge_describe(fn), "For other functions use `?`."
    ), sys.call())
  }
  text <- help_text(attr(fn, "rd"))
  if (interactive()) {
    file.show(text, title = "R help", delete.file = TRUE)
  } else {
    writeLines(readLines(text, encoding = "UTF-8"))
    unlink(text)
  }
  invisible(fn)
}

# A text file of an Rd page. No stage of the page is run, so that no code in the Python
# documentation runs.
help_text <- function(rd) {
  page <- tempfile(fileext = ".Rd")
  on.exit(unlink(page))
  writeLines(enc2utf8(rd), page, useBytes = TRUE)
  tools::Rd2txt(
    page,
    out = tempfile(fileext = ".txt"), stages = character(), outputEncoding = "UTF-8",
    options = list(underline_titles = interactive())
  )
}

#' @export
print.layerbridge_function <- function(x, ...) {
  cat(usage(x), "", "`help_layer()` of this function shows its help.", sep = "\n")
  invisible(x)
}

# Wrapped into lines, without a break inside an argument.
usage <- function(fn) {
  kept <- gsub(" = ", "\u00a0=\u00a0", attr(fn, "usage"), fixed = TRUE)
  gsub("\u00a0", " ", strwrap(kept, exdent = 2L), fixed = TRUE)
}
