# From a call in R to an object in Python: the arguments that the user gave, the object that
# Python makes from them, and, if there are inputs, the result of calling the object on them.

# What a generated function does, however it was called: it reads what the user gave from the function's own frame.
bridge_call <- function() {
  frame <- parent.frame()
  target <- parent.env(frame)[["bridge_own_target"]]
  target$composer <- bridge_composers[[target$composes]]
  target$call <- bridge_user_call(sys.call(-1L), frame)
  bridge_run(target, bridge_arguments(target, frame))
}

# A method's call as the user wrote it, with the generic for the method.
bridge_user_call <- function(call, frame) {
  generic <- get0(".Generic", frame, inherits = FALSE)
  if (!is.null(generic)) call[[1L]] <- as.name(generic)
  call
}

bridge_run <- function(target, arguments) {
  bridge_check_process(target$call)
  bridge_check_repeats(arguments, target)
  target <- target$composer$aim(arguments, target)
  parts <- target$composer$take(arguments, target)
  bridge_check_names(parts$args, target)
  bridge_require(parts$args, target)
  value <- target$make(parts$args, target)
  if (length(parts$inputs)) target$composer$compose(value, parts$inputs, target$call)
  else target$composer$result(value, target)
}

bridge_make <- function(args, target) {
  sent <- bridge_coerce(args, target)
  if (length(target$by_position)) names(sent)[names(args) %in% target$by_position] <- ""
  callable <- bridge_found(target)
  bridge_check_known(callable, sent, args, target)
  reworded <- function(text) bridge_refusal(text, args, sent, target)
  notation <- function(text) bridge_as_received(text, args, sent)
  # There is no code among the values, which do.call() would run.
  bridge_python(do.call(callable, sent), target$call, reworded, notation)
}

# When called from R, the Python object composes as the function that made it does.
bridge_callable <- function(value, compose) {
  if (is.null(value)) return(invisible())
  if (!is.function(value)) return(value)
  composing <- function(object, ...) {
    call <- sys.call()
    bridge_check_process(call)
    bridge_check_session(value, "The layer", call)
    further <- list(...)
    bridge_check_unique(names(further), call)
    compose(value, c(if (!missing(object)) list(object), further), call)
  }
  attributes(composing) <- attributes(value)
  composing
}

# The arguments that the user gave to the function with this frame, by their R names. In
# `...`, NULL counts as not given. `object` comes first, and is forced before the layer is made. Defaults that are sent
# count as given.
bridge_arguments <- function(target, frame) {
  arguments <- mget(target$labels[bridge_is_given(target, frame)], frame)
  sent <- setdiff(target$sent, names(arguments))
  if (length(sent)) arguments <- c(arguments, lapply(target$arguments[sent], eval, frame))
  dots <- if (target$takes_dots) bridge_dots(frame)
  if (!length(dots)) return(arguments)
  of_base <- names(dots) %in% names(bridge_base_kinds)
  c(arguments, dots[!(of_base & vapply(dots, is.null, NA))])
}

# missing() alone is not enough: it is also TRUE of what a caller hands on from its own arguments.
bridge_is_given <- function(target, frame) {
  is_given <- !eval(target$asks_missing, frame)
  if (all(is_given)) return(is_given)
  written <- as.list(eval(target$asks_written, frame))[-1L]
  for (i in which(!is_given)) {
    handed_on <- !identical(written[i], target$defaults[i])
    if (handed_on) is_given[i] <- bridge_has_value(written[i], frame)
  }
  is_given
}

bridge_dots <- function(frame) {
  if (eval(quote(...length()), frame) == 0L) return(list())
  written <- as.list(eval(quote(substitute(list(...))), frame))[-1L]
  symbols <- lapply(paste0("..", seq_along(written)), as.name)
  names(symbols) <- if (is.null(names(written))) rep("", length(written)) else names(written)
  is_given <- function(i) {
    !eval(call("missing", symbols[[i]]), frame) || bridge_has_value(unname(written[i]), frame)
  }
  lapply(symbols[vapply(seq_along(symbols), is_given, NA)], eval, frame)
}

# Whether what a caller hands on without a value of its own has one there: a default. `written` is a list of what stands
# in the call: the name of an argument of a function that is running, in whose call it may be handed on in turn.
bridge_has_value <- function(written, frame) {
  if (identical(written, bridge_nothing)) return(FALSE)
  callers <- sys.frames()
  called_from <- Position(function(caller) identical(caller, frame), callers) - 1L
  for (n in rev(seq_len(called_from))) {
    symbol <- written[[1L]]
    defaults <- formals(sys.function(n))
    if (!as.character(symbol) %in% names(defaults)) next
    if (!eval(call("missing", symbol), callers[[n]])) next
    written <- list(do.call(substitute, list(symbol, callers[[n]])))
    if (identical(written, bridge_nothing)) return(FALSE)
    if (identical(written, unname(as.list(defaults[as.character(symbol)])))) return(TRUE)
  }
  TRUE
}

# What is written where an argument is left out.
bridge_nothing <- list(quote(expr = )) # nolint: spaces_inside_linter.

bridge_python_names <- function(names, renamed) {
  if (!length(renamed)) return(names)
  differs <- names %in% names(renamed)
  names[differs] <- unlist(renamed[names[differs]])
  names
}
