#' Show the help of a function that wraps Python
#'
#' Shows the Python documentation, translated to R's terms; for a generic function, that of
#' each of its methods.
#'
#' @param fn A function from the list that [wrap_layers()] or [wrap_library()] returned.
#' @returns `fn`, invisibly.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available(wrap_layers = TRUE)
#' layers <- wrap_layers("layerbridge")
#' help_layer(layers$layer_spatial_dropout_1d)
help_layer <- function(fn) {
  if (missing(fn) || !inherits(fn, "layerbridge_function")) {
    bridge_abort(sprintf(
      "`fn` must be a function made by wrap_layers() or wrap_library(); received %s. %s",
      if (missing(fn)) "nothing" else bridge_describe(fn), "For other functions use `?`."
    ), sys.call())
  }
  text <- help_text(bridge_python(attr(fn, "help")(), sys.call()))
  if (interactive()) {
    file.show(text, title = "R help", delete.file = TRUE)
  } else {
    writeLines(readLines(text, encoding = "UTF-8"))
    unlink(text)
  }
  invisible(fn)
}

# A text file of Rd pages. No stage of a page is run, so that no code in the Python
# documentation runs.
help_text <- function(pages) {
  page <- tempfile(fileext = ".Rd")
  one <- tempfile(fileext = ".txt")
  all <- tempfile(fileext = ".txt")
  on.exit(unlink(c(page, one)))
  for (rd in pages) {
    writeLines(enc2utf8(rd), page, useBytes = TRUE)
    tools::Rd2txt(
      page,
      out = one, stages = character(), outputEncoding = "UTF-8", options = list(underline_titles = interactive())
    )
    file.append(all, one)
  }
  all
}

#' @export
print.layerbridge_function <- function(x, ...) {
  cat(usage(x), "", "`help_layer()` shows its help.", sep = "\n")
  invisible(x)
}

# Wrapped into lines, without a break inside an argument. The classes are those of a generic.
usage <- function(fn) {
  classes <- attr(fn, "classes")
  kept <- gsub(" = ", "\u00a0=\u00a0", attr(fn, "usage"), fixed = TRUE)
  lines <- strwrap(kept, exdent = 2L)
  if (length(classes)) lines <- c(lines, strwrap(paste("for", toString(classes)), indent = 2L, exdent = 2L))
  gsub("\u00a0", " ", lines, fixed = TRUE)
}
