# What is wrong with the arguments of a call. Before Python is called: one without a name or given twice, one that is
# missing, and, from reticulate 1.41 on, one that is unknown to what takes no **kwargs. Where Python refuses one, as for
# all layers, bridge_refusal() says it in R's terms.

bridge_check_names <- function(arguments, target) {
  if (!target$takes_dots) return()
  named <- nzchar(names(arguments))
  if (!all(named) && !"..." %in% target$by_position) {
    bridge_abort(sprintf(
      "Arguments in `...` must have names; received %s without one. Write `name = value`.",
      bridge_describe(arguments[!named][[1L]])
    ), target$call)
  }
}

# Also those that are not for Python's constructor. In `...`, an argument may have its name in Python.
bridge_check_repeats <- function(arguments, target) {
  if (!target$takes_dots) return()
  for_python <- !names(arguments) %in% target$composer$first
  labels <- names(arguments)[for_python]
  bridge_check_unique(labels, target$call, bridge_python_names(labels, target$names))
}

bridge_check_unique <- function(labels, call, names = labels) {
  twice <- anyDuplicated(names, incomparables = "")
  if (twice) bridge_abort(sprintf("`%s` was given more than once.", labels[twice]), call)
}

bridge_absent <- function(arguments, target) {
  absent <- target$required[!target$required %in% names(arguments)]
  if (length(absent)) setdiff(absent, c(target$composer$first, target$self)) else absent
}

# Where there are unknown names too, Python says first what it knows of these.
bridge_require <- function(arguments, target) {
  absent <- bridge_absent(arguments, target)
  if (!length(absent)) return()
  unknown <- setdiff(names(arguments), c(names(target$arguments), names(bridge_base_kinds)))
  misspelt <- Filter(function(name) length(bridge_near(name, absent)) > 0L, unknown)
  if (length(misspelt)) bridge_abort(bridge_no_argument(misspelt[1L], absent, target), target$call)
  if (!length(unknown)) bridge_abort(bridge_needs_argument(absent), target$call)
}

# From reticulate 1.41 on, Python's functions without **kwargs have their arguments in R, which would match names in
# part, and refuse others in its own words.
bridge_check_known <- function(callable, sent, args, target) {
  parameters <- names(formals(callable))
  if (is.null(parameters) || "..." %in% parameters) return()
  unknown <- !names(sent) %in% c(parameters, "")
  if (any(unknown)) bridge_abort(bridge_unknown_argument(names(args)[unknown], args, target), target$call)
}

# The names of arguments that Python does not know, as it was another version from which the function was generated, or
# not without another argument.
bridge_unknown_argument <- function(unknown, args, target) {
  generated <- bridge_python_names(intersect(unknown, target$labels), target$names)
  if (length(generated) && !bridge_ask("takes", bridge_found(target), generated[1L])) {
    return(sprintf(
      "`%s` is not an argument of %s in the version that is installed.",
      bridge_r_names(generated[1L], target$names), target$name
    ))
  }
  of_layers <- if (!length(target$self)) names(bridge_base_kinds)
  arguments <- c(names(target$arguments), names(target$kinds), target$inputs, of_layers)
  others <- setdiff(names(target$arguments), c(names(args), "...", target$composer$first, target$self))
  if (all(unknown %in% names(target$arguments)) && length(others)) {
    return(sprintf("%s cannot be given without %s.", bridge_ticked(unknown), bridge_ticked(others[1L])))
  }
  bridge_no_argument(unknown[1L], setdiff(arguments, unknown), target)
}

bridge_no_argument <- function(name, arguments, target) {
  bridge_suggest(sprintf("`%s` is not an argument of %s.", name, target$name), name, arguments)
}

bridge_needs_argument <- function(names) {
  sprintf("%s must be given: there is no default.", bridge_ticked(names))
}

# Python's message about the arguments of a constructor, with R's names and values. Its text alone tells which argument
# was refused: Keras raises ValueError for this as for all else, of names that it looks for in **kwargs; and these may
# reach any class above, whose `__init__` asks for more than the signature shows.
bridge_refusal <- function(text, args, sent, target) {
  why <- bridge_why(text, args, target)
  if (!is.null(why)) return(why)
  unknown <- bridge_quoted(text, "(unexpected|unrecognized) keyword argument|^argument[s()]* not recognized")
  unknown <- names(args)[names(sent) %in% unknown]
  if (length(unknown)) return(paste0(bridge_unknown_argument(unknown, args, target), bridge_meaning(text)))
  absent <- setdiff(bridge_quoted(text, "missing (a|[0-9]+) required"), names(sent))
  if (length(absent)) return(bridge_needs_argument(bridge_r_names(absent, target$names)))
  bridge_as_received(text, args, sent)
}

# What the layers of this package say of another library's argument, after the sentence that refuses it.
bridge_meaning <- function(text) {
  said <- if (isTRUE(attr(text, "of_this"))) regmatches(text, regexpr("[.] `.*", text))
  if (length(said)) substring(said, 2L) else ""
}
