# Refuses a call for its arguments before Python is called: one without a name or given twice, one that is missing, one
# that is unknown. What only Python knows of them, bridge_refusal() in errors.R says.

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

# From reticulate 1.41 on, Python's functions have their arguments in R, which would match names
# in part, and refuse others in its own words.
bridge_is_unknown <- function(callable, sent) {
  parameters <- names(formals(callable))
  if (is.null(parameters) || "..." %in% parameters) return(FALSE)
  !names(sent) %in% c(parameters, "")
}

# The names of arguments that Python does not know, or not without another.
bridge_unknown_argument <- function(unknown, args, target) {
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
