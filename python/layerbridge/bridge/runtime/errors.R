# Errors in R's words: what was expected, what was received, what to do.

bridge_abort <- function(message, call) {
  stop(structure(
    class = c("layerbridge_error", "error", "condition"),
    list(message = message, call = call)
  ))
}

# Python's errors -----------------------------------------------------------------------------

# Turns an error of Python into one of R, with the user's call. `reworded` may say better what
# Python said.
bridge_python <- function(expr, call, reworded = identity) {
  reticulate::py_clear_last_error()
  tryCatch(expr, error = function(e) {
    if (inherits(e, "layerbridge_error")) stop(e)
    bridge_abort(bridge_short(bridge_in_r_terms(reworded(bridge_python_text(e)))), call)
  })
}

bridge_python_message <- function(e) bridge_short(bridge_in_r_terms(bridge_python_text(e)))

# What the exception said. reticulate keeps the whole of it apart from the condition, whose
# message may have lost its beginning.
bridge_python_text <- function(e) {
  last <- reticulate::py_last_error()
  bridge_bare(if (is.null(last)) conditionMessage(e) else paste0(last$type, ": ", last$value))
}

# Without what Keras and reticulate put around it, and without its class where it reads alone:
# the text of a KeyError is only the key, as Python would write it.
bridge_bare <- function(text) {
  if (startsWith(text, "KeyError: 'Exception encountered")) {
    text <- gsub("\\n", "\n", gsub("\\x1b", "\033", text, fixed = TRUE), fixed = TRUE)
  }
  text <- gsub("\033\\[[0-9;]*m", "", text)
  text <- sub("\n(Detailed traceback|(Run|See) `reticulate::|\nArguments received by).*", "", text)
  text <- sub("^(?!KeyError)[A-Za-z_.]+(Error|Exception): +(?=.)", "", text, perl = TRUE)
  trimws(sub("^(KeyError: )?'?Exception encountered when calling [^\n]*\n+", "\\1", text))
}

bridge_in_r_terms <- function(text) {
  terms <- c(None = "NULL", True = "TRUE", False = "FALSE")
  for (term in names(terms)) text <- gsub(paste0("\\b", term, "\\b"), terms[[term]], text)
  text
}

# Short enough for R to show all of it, the call included. The numbers of a dumped array say
# less than the words around them.
bridge_short <- function(text, limit = getOption("warning.length") - 200L) {
  numbers <- "[-+0-9.,eE\\s\\[\\]()]"
  text <- gsub(sprintf("(%s{60})%s{20,}+", numbers, numbers), "\\1 ... ", text, perl = TRUE)
  if (nchar(text) > limit) paste(substr(text, 1L, limit - 4L), "...") else text
}

# What Python says of the arguments for a constructor, in the names and values that R has.
bridge_refusal <- function(text, args, sent, target) {
  unknown <- bridge_quoted(text, "(unexpected|unrecognized) keyword argument")
  unknown <- names(args)[names(sent) %in% unknown]
  if (length(unknown)) {
    known <- c(names(target$arguments), target$inputs, names(bridge_base_kinds))
    return(bridge_no_argument(unknown[1L], setdiff(known, unknown), target))
  }
  absent <- bridge_missing(text)
  if (length(absent)) return(bridge_needs_argument(bridge_r_names(absent, target$names)))
  bridge_as_received(text, args, sent)
}

# What Python says of the inputs of a layer.
bridge_call_refusal <- function(text) {
  absent <- bridge_missing(text)
  if (!length(absent)) return(text)
  sprintf(
    "%s must be given: the layer has several inputs. Give them as a list, in order or by name.",
    bridge_ticked(absent)
  )
}

bridge_missing <- function(text) {
  bridge_quoted(text, "missing (a|[0-9]+) required")
}

# The names that a message of this kind has in quotes.
bridge_quoted <- function(text, kind) {
  if (!grepl(kind, text, ignore.case = TRUE)) return(character())
  quoted <- regmatches(text, gregexpr("'[^']+'", text))[[1L]]
  gsub("'", "", quoted)
}

bridge_r_names <- function(names, renamed) {
  known <- match(names, unlist(renamed))
  ifelse(is.na(known), names, names(renamed)[known])
}

# Python shows what it received as Python writes it; this shows it as R does.
bridge_as_received <- function(text, args, sent) {
  for (i in seq_along(sent)) {
    if (!bridge_is_short(args[[i]])) next
    shown <- paste("received", reticulate::py_repr(reticulate::r_to_py(sent[[i]])))
    at <- regexpr(shown, text, fixed = TRUE)
    rest <- substring(text, at + nchar(shown))
    if (at < 0L || grepl("^[[:alnum:]]|^[.][0-9]", rest)) next
    return(paste0(substr(text, 1L, at - 1L), "received ", bridge_describe(args[[i]]), rest))
  }
  text
}

bridge_is_short <- function(x) (is.atomic(x) || is.list(x)) && !is.object(x) && length(unlist(x)) <= 10L

# Messages ------------------------------------------------------------------------------------

bridge_wrong_object <- function(object) {
  sprintf(
    "`object` must be a Sequential model, a tensor or an R array; received %s. %s",
    bridge_describe(object), bridge_object_advice(object)
  )
}

bridge_object_advice <- function(object) {
  if (!inherits(object, "keras.src.layers.layer.Layer")) {
    return("To get the layer itself, leave `object` out and name the other arguments.")
  }
  called <- tryCatch(!is.null(object$output), error = function(e) FALSE)
  if (called) return("Compose with its output, `object$output`.")
  "Call it on a tensor first, and compose with what it returns."
}

bridge_wrong_inputs <- function(inputs) {
  each <- unlist(lapply(unname(inputs), bridge_as_inputs), recursive = FALSE)
  other <- Filter(function(x) !bridge_is_python(x) && !is.array(x), each)
  sprintf(
    "The inputs of a layer must be tensors or R arrays; received %s.",
    bridge_describe(if (length(other)) other[[1L]] else inputs)
  )
}

bridge_no_argument <- function(name, known, target) {
  bridge_suggest(sprintf("`%s` is not an argument of %s.", name, target$name), name, known)
}

bridge_needs_argument <- function(names) {
  sprintf("%s must be given: there is no default.", bridge_ticked(names))
}

bridge_suggest <- function(said, name, known) {
  near <- bridge_near(name, known)
  if (length(near)) sprintf("%s Did you mean `%s`?", said, near[1L]) else said
}

# The names that differ by two letters at most, the nearest first.
bridge_near <- function(name, known) {
  wrong <- c(utils::adist(name, known))
  known[order(wrong)][sort(wrong) <= 2L]
}

bridge_ticked <- function(names) paste0("`", names, "`", collapse = ", ")

bridge_describe <- function(x) {
  if (is.null(x)) return("NULL")
  if (bridge_is_python(x)) return(paste("a Python object of class", class(x)[1L]))
  if (is.function(x)) return("a function")
  if (bridge_is_short(x) && !is.array(x)) {
    text <- paste(deparse(if (is.integer(x)) as.double(x) else x), collapse = " ")
    if (nchar(text) <= 60L) return(text)
  }
  sprintf("an object of class %s and length %d", class(x)[1L], length(x))
}
