#' R functions for any Python library that builds on Keras
#'
#' `wrap_layers()` reads a Python module and returns an R function for each Keras layer in
#' it. `wrap_library()` reads a whole library: its layers, models, losses, optimizers,
#' functions, class methods that make objects, and methods of its classes. The functions
#' compose as [layer_dropblock_2d()] does, count axes from 1, and convert whole numbers to
#' Python's integers. No file is written; the command `layerbridge package`, which comes
#' with the Python package, writes an R package.
#'
#' A method is a function whose first argument is the Python object: with
#' `hub <- wrap_library("keras_hub")`, `tokenizer |> hub$detokenize(ids)` calls
#' `tokenizer$detokenize()`.
#'
#' The module must be installed in the Python that R uses, together with a few Python
#' packages that read docstrings; [layerbridge_sitrep()] names those that are missing.
#'
#' @param module,library The name of a Python module, class or library, such as
#'   `"keras_hub.layers"` and `"keras_hub"`.
#' @returns A list of functions, of class `layerbridge_wrapped`. Printing it lists
#'   the functions with their arguments, by family, and what is left out, with the reason.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available(wrap_layers = TRUE)
#' layers <- wrap_layers("layerbridge")
#' layers
#' layers$layer_dropblock_2d(rate = 0.1, block_size = 7)
wrap_layers <- function(module) {
  call <- sys.call()
  check_name(module, "module", "keras_hub.layers", call)
  wrapped(module, paste("the layers of", module), layers_only = TRUE, call)
}

#' @rdname wrap_layers
#' @export
wrap_library <- function(library) {
  call <- sys.call()
  check_name(library, "library", "keras_hub", call)
  wrapped(library, library, layers_only = FALSE, call)
}

check_name <- function(name, argument, example, call) {
  if (is.character(name) && length(name) == 1L && !is.na(name)) return()
  bridge_abort(sprintf(
    "`%s` must be the name of a Python module; received %s. Write it as a string, such as \"%s\".",
    argument, bridge_describe(name), example
  ), call)
}

wrapped <- function(target, what, layers_only, call) {
  generator <- import_generator(call)
  made <- bridge_python(generator$describe(target, layers_only = layers_only), call)
  names(made$functions) <- vapply(made$functions, `[[`, "", "name")
  env <- new.env(parent = topenv())
  eval(parse(text = made$source, keep.source = FALSE), env)
  bridge_register_methods(env)
  structure(
    lapply(made$functions, wrapped_function, env, made$help),
    what = what,
    left_out = as.character(made$left_out),
    class = "layerbridge_wrapped"
  )
}

wrapped_function <- function(said, env, help) {
  structure(
    get(said$name, env),
    usage = said$usage,
    family = said$family,
    classes = as.character(said$classes),
    help = function() help(said$name),
    class = c("layerbridge_function", "function")
  )
}

#' @export
print.layerbridge_wrapped <- function(x, ...) {
  cat("R functions for ", attr(x, "what"), " in Python:\n", sep = "")
  families <- vapply(x, attr, "", "family")
  for (family in sort(unique(families))) {
    cat("\n", if (length(unique(families)) > 1L) paste0(family, ":\n"), sep = "")
    for (name in sort(names(x)[families == family])) cat(usage(x[[name]]), sep = "\n")
  }
  print_left_out(attr(x, "left_out"))
  cat("\n`help_layer()` of one of them shows its help.\n")
  invisible(x)
}

print_left_out <- function(left_out, most = 20L) {
  if (!length(left_out)) return()
  cat("\nLeft out:\n", paste0("  ", utils::head(left_out, most), "\n"), sep = "")
  more <- length(left_out) - most
  if (more > 0L) cat("  ... and ", more, " more, in `attr(, \"left_out\")`\n", sep = "")
}

# Matches names exactly, unlike the `$` of lists.
#' @export
`$.layerbridge_wrapped` <- function(x, name) {
  if (name %in% names(x)) return(x[[name]])
  said <- sprintf("There is no function `%s` for %s.", name, attr(x, "what"))
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
    "wrap_layers() and wrap_library() need the Python package%s %s. Run `%s -m pip install %s`, then restart R.",
    if (length(absent) > 1L) "s" else "", paste(absent, collapse = ", "),
    reticulate::py_config()$python, paste(absent, collapse = " ")
  )
}

absent_packages <- function() reticulate::import("layerbridge.requirements")$absent()
