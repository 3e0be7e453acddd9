#' R functions for any Python library of Keras layers
#'
#' Reads a Python module and returns an R function for each Keras layer in it. The
#' functions compose as [layer_dropblock_2d()] does, count axes from 1, and convert
#' whole numbers to Python's integers. No file is written; the command
#' `layerbridge package`, which comes with the Python package, writes an R package.
#'
#' The module must be installed in the Python that R uses, together with the Python
#' packages that read it; [layerbridge_sitrep()] names those that are missing.
#'
#' @param module The name of a Python module or class, such as `"keras_hub.layers"`.
#' @returns A list of functions, of class `layerbridge_wrapped`. Printing it lists
#'   the functions with their arguments, and the classes left out with the reason.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available(wrap_layers = TRUE)
#' layers <- wrap_layers("layerbridge")
#' layers
#' layers$layer_dropblock_2d(rate = 0.1, block_size = 7)
wrap_layers <- function(module) {
  call <- sys.call()
  if (!is.character(module) || length(module) != 1L || is.na(module)) {
    bridge_abort(sprintf(
      "`module` must be the name of a Python module; received %s. %s",
      bridge_describe(module), "Write it as a string, such as \"keras_hub.layers\"."
    ), call)
  }
  generator <- import_generator(call)
  made <- bridge_python(generator$describe(module), call)
  pages <- made$functions
  names(pages) <- vapply(pages, `[[`, "", "name")
  env <- new.env(parent = topenv())
  eval(parse(text = made$source, keep.source = FALSE), env)
  structure(
    Map(wrapped_function, mget(names(pages), env), pages),
    module = module,
    left_out = as.character(made$left_out),
    class = "layerbridge_wrapped"
  )
}

wrapped_function <- function(fn, page) {
  structure(
    fn,
    usage = paste0(page$name, "(", page$formals, ")"),
    rd = page$rd,
    class = c("layerbridge_function", "function")
  )
}

#' @export
print.layerbridge_wrapped <- function(x, ...) {
  cat("R functions for the layers of Python's ", attr(x, "module"), ":\n\n", sep = "")
  for (fn in x) cat(usage(fn), sep = "\n")
  if (length(attr(x, "left_out"))) {
    cat("\nLeft out:\n", paste0("  ", attr(x, "left_out"), "\n"), sep = "")
  }
  cat("\n`help_layer()` of one of them shows its help.\n")
  invisible(x)
}

# Matches names exactly, unlike the `$` of lists.
#' @export
`$.layerbridge_wrapped` <- function(x, name) {
  if (name %in% names(x)) return(x[[name]])
  said <- sprintf("There is no function `%s` for the layers of %s.", name, attr(x, "module"))
  near <- c(same_letters(name, names(x)), name)[1L]
  bridge_abort(bridge_suggest(said, near, names(x)), call("$", substitute(x), as.name(name)))
}

# The names that end in the same letters, however they are written: `layer_conv_2d` for Conv2D.
same_letters <- function(name, known) {
  letters_of <- function(x) gsub("[^[:alnum:]]", "", tolower(x))
  known[endsWith(letters_of(known), letters_of(name))]
}

# Reading Python modules needs Python packages that the layers do not need.
import_generator <- function(call) {
  bridge_import("layerbridge", call)
  problem <- absence_problem()
  if (!is.null(problem)) bridge_abort(problem, call)
  bridge_import("layerbridge.bridge", call)
}

absence_problem <- function() {
  absent <- absent_packages()
  if (!length(absent)) return(NULL)
  sprintf(
    "wrap_layers() needs the Python package%s %s. Run `%s -m pip install %s`, then restart R.",
    if (length(absent) > 1L) "s" else "", paste(absent, collapse = ", "),
    reticulate::py_config()$python, paste(absent, collapse = " ")
  )
}

absent_packages <- function() reticulate::import("layerbridge.requirements")$absent()
