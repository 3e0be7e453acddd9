#' R functions for any Python library that builds on Keras
#'
#' `wrap_layers()` reads a Python module and returns an R function for each Keras layer in
#' it. `wrap_library()` reads a whole library: its layers, models, losses, optimizers,
#' functions, class methods that make objects, and methods of its classes. The functions
#' pipe like [layer_dropblock_2d()], count axes from 1, and convert whole numbers to
#' Python's integers. The command `layerbridge package`, which comes with the Python
#' package, writes an R package of them instead.
#'
#' What was read of an installed package is kept in
#' `tools::R_user_dir("layerbridge", "cache")` and used by later sessions until that
#' package, Keras, its backend or layerbridge changes. You can delete that folder at any
#' time.
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
#'   If there are more than 20, it counts those of each family; `print(hub, n = Inf)`
#'   lists all. `$` with an unknown name says what to use instead.
#' @param attach Whether to attach the functions, as `library()` attaches those of a package: you can call them by
#'   name, complete their arguments, and read their help with `?layer_dense`. The Python module is attached, too, as
#'   `keras`. Where names clash, those of layerbridge and keras3 come first. `detach("layerbridge:keras")` detaches
#'   them.
#' @family wrapping layers
#' @export
#' @examplesIf layerbridge_available(wrap_layers = TRUE)
#' layers <- wrap_layers("layerbridge")
#' layers
#' layers$layer_dropblock_2d(rate = 0.1, block_size = 7)
wrap_layers <- function(module) {
  call <- sys.call()
  check_module(if (!missing(module)) module, "module", "keras_hub.layers", call)
  wrapped(module, layers_only = TRUE, call)
}

#' @rdname wrap_layers
#' @export
wrap_library <- function(library, attach = FALSE) {
  call <- sys.call()
  check_module(if (!missing(library)) library, "library", "keras_hub", call)
  functions <- wrapped(library, layers_only = FALSE, call)
  if (!isTRUE(attach)) return(functions)
  attach_functions(functions, library)
  invisible(functions)
}

# As a package is attached: with its functions and the Python module by their names, completion of their arguments, and
# help by `?`. Those of layerbridge and keras3, attached before or after, come first: they have functions of the same
# names.
attach_functions <- function(functions, library) {
  name <- paste0("layerbridge:", library)
  if (name %in% search()) detach(name, character.only = TRUE)
  attaching <- base::attach
  module <- list(reticulate::import(library, delay_load = TRUE))
  names(module) <- library
  attaching(
    c(
      if (library == "keras") script_reexports(),
      unclass(functions), helps(functions), if (!grepl(".", library, fixed = TRUE)) module
    ),
    pos = max(match(c("package:layerbridge", "package:keras3"), search()), 1L, na.rm = TRUE) + 1L,
    name = name, warn.conflicts = FALSE
  )
}

# `?`, help() and example() for the functions, and those of utils for all else.
helps <- function(functions) {
  shown <- function(topic) length(topic) == 1L && is.character(topic) && topic %in% names(functions)
  list(
    "?" = function(e1, e2) {
      call <- sys.call()
      name <- if (missing(e2)) as.character(substitute(e1))
      if (shown(name)) return(help_layer(functions[[name]]))
      call[[1L]] <- utils::`?`
      eval(call, parent.frame())
    },
    help = function(topic, ..., help_type = NULL) {
      call <- sys.call()
      name <- if (...length() == 0L && !missing(topic)) as.character(substitute(topic))
      if (shown(name)) return(help_layer(functions[[name]]))
      call[[1L]] <- utils::help
      eval(call, parent.frame())
    },
    example = function(topic, ...) {
      call <- sys.call()
      name <- if (!missing(topic)) as.character(substitute(topic))
      if (shown(name)) {
        bridge_abort(sprintf("`?%s` shows the examples of Python's documentation; they are not run.", name), call)
      }
      call[[1L]] <- utils::example
      eval(call, parent.frame())
    }
  )
}

check_module <- function(name, argument, example, call) {
  is_string <- is.character(name) && length(name) == 1L
  if (is_string && grepl("^[[:alpha:]_][[:alnum:]_.]*$", name) && !endsWith(name, ".py")) return()
  bridge_abort(sprintf(
    "`%s` must be the name of a Python module; received %s. Write it as a string, such as \"%s\".",
    argument, if (is.null(name)) "nothing" else bridge_describe(name), example
  ), call)
}

wrapped <- function(target, layers_only, call) {
  problem <- bridge_version_problem()
  if (!is.null(problem)) bridge_abort(problem, call)
  check_installed(sub("[.].*", "", target), call)
  made <- described(target, layers_only, call)
  names(made$functions) <- vapply(made$functions, `[[`, "", "name")
  env <- new.env(parent = topenv())
  eval(parse(text = made$source, keep.source = FALSE), env)
  bridge_register_methods(env)
  functions <- lapply(made$functions, wrapped_function, env, made$help)
  if (target == "keras" && !layers_only) functions <- with_scripts(functions)
  structure(
    functions,
    what = made$what,
    left_out = as.character(made$left_out),
    absent = made$absent,
    class = "layerbridge_wrapped"
  )
}

# A function of scripts comes before the generated one of its name, and has its help.
with_scripts <- function(functions) {
  of_scripts <- script_functions(functions)
  for (name in intersect(names(of_scripts), names(functions))) {
    attr(of_scripts[[name]], "help") <- attr(functions[[name]], "help")
  }
  c(functions[setdiff(names(functions), names(of_scripts))], of_scripts)
}

# A module may also be made in this session, as `__main__` is.
check_installed <- function(module, call) {
  made <- reticulate::import("operator")$contains(reticulate::import("sys", convert = FALSE)$modules, module)
  if (made || !is.null(reticulate::import("importlib.util")$find_spec(module))) return()
  bridge_abort(paste0(
    bridge_not_installed(module, reticulate::py_config()$python), "\nIf it is in a folder of yours, append that to ",
    "Python's path: `reticulate::import(\"sys\", convert = FALSE)$path$append(\"folder\")`."
  ), call)
}

wrapped_function <- function(said, env, help) {
  fn <- get(said$name, env)
  structure(
    fn,
    usage = said$usage,
    family = said$family,
    classes = as.character(said$classes),
    help = function() help(said$name),
    class = c("layerbridge_function", class(fn))
  )
}

#' @export
print.layerbridge_wrapped <- function(x, ..., n = 20) {
  families <- split(names(x), vapply(x, attr, "", "family"))
  families <- lapply(families[order(names(families))], sort)
  if (length(x) > n) print_families(families, x) else print_functions(families, x)
  cat("`help_layer()` shows the help of a function.\n")
  cat("`wrap_library(attach = TRUE)` attaches them, for help by `?` and completion.\n")
  invisible(x)
}

print_functions <- function(families, x) {
  cat("R functions for ", attr(x, "what"), " in Python:\n", sep = "")
  for (family in names(families)) {
    cat("\n", if (length(families) > 1L) paste0(family, ":\n"), sep = "")
    for (name in families[[family]]) cat(usage(x[[name]]), sep = "\n")
  }
  left_out <- attr(x, "left_out")
  if (length(left_out)) cat("\nLeft out:\n", paste0("  ", left_out, "\n"), sep = "")
  cat("\n")
}

# A line for each family: the number of its functions, and those with the shortest names.
print_families <- function(families, x) {
  families <- lapply(families, function(family) family[order(nchar(family))])
  cat(length(x), " R functions for ", attr(x, "what"), " in Python:\n\n", sep = "")
  lines <- sprintf(
    "%s %s  %s", format(names(families)), format(lengths(families)), vapply(families, toString, "")
  )
  width <- getOption("width")
  long <- nchar(lines) > width
  lines[long] <- paste0(sub(",[^,]*$", "", substr(lines[long], 1L, width - 4L)), ", ...")
  cat(lines, sep = "\n")
  left_out <- length(attr(x, "left_out"))
  cat(
    "\n`print(n = Inf)` lists all with their arguments", if (left_out) sprintf(", and the %d left out", left_out),
    ".\n", sep = ""
  )
}

# Matches names exactly, unlike the `$` of lists.
#' @export
`$.layerbridge_wrapped` <- function(x, name) {
  fn <- .subset2(x, name)
  if (!is.null(fn)) return(fn)
  elsewhere <- if (identical(attr(x, "what"), "keras")) c(script_package_of(name), script_former_of(name, x))
  bridge_abort(if (is.null(elsewhere)) attr(x, "absent")(name) else elsewhere, call("$", substitute(x), as.name(name)))
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
