# From a call in R to an object in Python: the arguments that the user gave, the object that
# Python makes from them, and, if there are inputs, the result of calling the object on them.

bridge_args <- function(...) list(...)

# A generated function is documentation and one call of this, which reads what the user gave
# from the function's own frame, however the function was called. `module` is NULL for a method
# of the function's first argument; `name` may have dots, as in `Backbone.from_preset`.
bridge_call <- function(module, name, composes = "layer", kinds = list(), names = list(), inputs = NULL) {
  frame <- parent.frame()
  target <- list(
    module = module, name = name, kinds = kinds, names = names, inputs = inputs,
    composer = bridge_composers[[composes]],
    arguments = formals(do.call(sys.function, list(), envir = frame)),
    call = bridge_user_call(frame)
  )
  bridge_run(target, bridge_given(target$arguments, frame))
}

# A method's call as the user wrote it, with the generic for the method.
bridge_user_call <- function(frame) {
  call <- do.call(sys.call, list(), envir = frame)
  generic <- get0(".Generic", frame, inherits = FALSE)
  if (!is.null(generic)) call[[1L]] <- as.name(generic)
  call
}

bridge_run <- function(target, given) {
  bridge_check_process(target$call)
  target <- target$composer$aim(given, target)
  taken <- target$composer$take(given, target)
  bridge_check_names(taken$args, target)
  bridge_require(taken$args, target)
  made <- target$composer$make(taken$args, target)
  if (length(taken$inputs)) target$composer$compose(made, taken$inputs, target$call)
  else target$composer$result(made, target)
}

bridge_make <- function(args, target) {
  sent <- bridge_coerce(args, target)
  names(sent)[names(args) %in% target$by_position] <- ""
  callable <- bridge_found(target)
  reworded <- function(text) bridge_refusal(text, args, sent, target)
  unknown <- bridge_unknown(callable, sent)
  if (length(unknown)) {
    bridge_abort(reworded(sprintf("unexpected keyword argument '%s'", unknown[1L])), target$call)
  }
  notation <- function(text) bridge_as_received(text, args, sent)
  bridge_python(do.call(callable, sent, quote = TRUE), target$call, reworded, notation)
}

# From reticulate 1.41 on, Python's functions have their arguments in R, which would match names
# in part, and refuse others in its own words.
bridge_unknown <- function(callable, sent) {
  known <- names(formals(callable))
  if (is.null(known) || "..." %in% known) character() else setdiff(names(sent), c(known, ""))
}

bridge_found <- function(target) {
  from <- if (is.null(target$module)) target$object else bridge_import(target$module, target$call)
  for (part in strsplit(target$name, ".", fixed = TRUE)[[1L]]) from <- from[[part]]
  from
}

# When called from R, the Python object composes as the function that made it does.
bridge_callable <- function(made, compose) {
  if (is.null(made)) return(invisible())
  if (!is.function(made)) return(made)
  composing <- function(object, ...) {
    call <- sys.call()
    bridge_check_process(call)
    bridge_check_session(made, "The layer", call)
    compose(made, c(if (!missing(object)) list(object), list(...)), call)
  }
  attributes(composing) <- attributes(made)
  composing
}

# The arguments that the user gave to the function with this frame, by their R names. In
# `...`, NULL counts as not given. `object` comes first, and is forced before the layer is made.
bridge_given <- function(arguments, frame) {
  symbols <- lapply(setdiff(names(arguments), "..."), as.name)
  names(symbols) <- vapply(symbols, as.character, "")
  given <- symbols[!vapply(symbols, bridge_is_default, NA, arguments, frame)]
  given <- bridge_values(given, frame)
  if (!"..." %in% names(arguments)) return(given)
  dots <- bridge_values(bridge_dots(frame), frame)
  of_base <- names(dots) %in% names(bridge_base_kinds)
  c(given, dots[!(of_base & vapply(dots, is.null, NA))])
}

# Names in `...`, as symbols that have a value in the frame.
bridge_dots <- function(frame) {
  given <- as.list(eval(quote(substitute(list(...))), frame))[-1L]
  symbols <- lapply(seq_along(given), function(i) as.name(paste0("..", i)))
  names(symbols) <- if (is.null(names(given))) rep("", length(given)) else names(given)
  symbols[!vapply(given, identical, NA, quote(expr = ))] # nolint: spaces_inside_linter.
}

# Whether the function uses its own default. missing() alone is not enough: it is also TRUE
# for an argument passed on by a caller that uses its own default.
bridge_is_default <- function(symbol, arguments, frame) {
  eval(call("missing", symbol), frame) &&
    identical(do.call(substitute, list(symbol, frame)), arguments[[as.character(symbol)]])
}

bridge_values <- function(symbols, frame) {
  values <- lapply(symbols, bridge_value, frame)
  values <- values[lengths(values) > 0L]
  mapply(`[[`, values, 1L, SIMPLIFY = FALSE)
}

# The value in a list; an empty list if a caller passes on an argument that it was not given.
bridge_value <- function(symbol, frame) {
  if (!eval(call("missing", symbol), frame)) return(list(eval(symbol, frame)))
  tryCatch(
    list(eval(symbol, frame)),
    error = function(e) if (bridge_is_absence(e)) list() else stop(e)
  )
}

# R's own error for an argument without a value, in whatever language R speaks.
bridge_is_absence <- function(e) {
  words <- strsplit(gettext("argument \"%s\" is missing, with no default", domain = "R"), "%s", fixed = TRUE)[[1L]]
  startsWith(conditionMessage(e), words[1L]) && endsWith(conditionMessage(e), words[2L])
}

bridge_absent <- function(given, target) {
  required <- Filter(function(x) is.name(x) && !nzchar(x), target$arguments)
  setdiff(names(required), c(names(given), target$composer$first, "..."))
}

bridge_require <- function(given, target) {
  absent <- bridge_absent(given, target)
  if (!length(absent)) return()
  unknown <- setdiff(names(given), c(names(target$arguments), names(bridge_base_kinds)))
  misspelt <- Filter(function(name) length(bridge_near(name, absent)) > 0L, unknown)
  bridge_abort(
    if (length(misspelt)) bridge_no_argument(misspelt[1L], absent, target) else bridge_needs_argument(absent),
    target$call
  )
}

bridge_check_names <- function(given, target) {
  if (!all(nzchar(names(given))) && !"..." %in% target$by_position) {
    bridge_abort(sprintf(
      "Arguments in `...` must have names; received %s without one. Write `name = value`.",
      bridge_describe(given[!nzchar(names(given))][[1L]])
    ), target$call)
  }
  given <- names(given)[nzchar(names(given))]
  sent <- bridge_python_names(given, target$names)
  if (anyDuplicated(sent)) {
    bridge_abort(
      sprintf("`%s` was given more than once.", given[anyDuplicated(sent)]), target$call
    )
  }
}

bridge_python_names <- function(names, renamed) {
  known <- names %in% names(renamed)
  names[known] <- unlist(renamed[names[known]])
  names
}

# A function that represents a Python object is sent as that object: one that calls
# bridge_call(), or a function of keras3, which resolves its own.
bridge_stands_for <- function(fn, call) {
  said <- bridge_last_call(body(fn))
  if (!is.null(said)) return(bridge_represented(fn, as.list(said), call))
  if (!bridge_is_of_keras3(fn)) return(fn)
  get("resolve_py_obj", asNamespace("keras3"))(fn)
}

# Where R counts otherwise than Python, the function itself is sent. Of a class and its function,
# Python is to call the function.
bridge_represented <- function(fn, said, call) {
  composes <- if (is.null(said$composes)) "layer" else said$composes
  if (!bridge_composers[[composes]]$represents) return(fn)
  name <- eval(said$name, baseenv())
  bridge_found(list(module = said$module, name = name[length(name)], call = call))
}

bridge_is_of_keras3 <- function(fn) {
  isNamespaceLoaded("keras3") && !is.primitive(fn) &&
    identical(topenv(environment(fn)), asNamespace("keras3"))
}

bridge_last_call <- function(code) {
  while (is.call(code) && identical(code[[1L]], quote(`{`))) code <- code[[length(code)]]
  if (is.call(code) && identical(code[[1L]], quote(bridge_call))) match.call(bridge_call, code)
}
