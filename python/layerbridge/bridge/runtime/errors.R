# Errors in R's terms: what was expected, what was received, what to do. Whether a value is valid
# is for Python to check; its message is restated here.

bridge_abort <- function(message, call) {
  stop(structure(
    class = c("layerbridge_error", "error", "condition"),
    list(message = message, call = call)
  ))
}

# Python's errors -----------------------------------------------------------------------------

# Turns a Python error into an R error with the user's call. `reworded` may say it in R's words, and `notation` shows
# what was sent as R writes it.
bridge_python <- function(expr, call, reworded = identity, notation = identity) {
  reticulate::py_clear_last_error()
  withCallingHandlers(expr, error = function(e) {
    if (inherits(e, "layerbridge_error")) return()
    bridge_abort(bridge_reworded(bridge_python_text(e), reworded, notation), call)
  })
}

# Ends with Python's own last line, unless that is in it; rewording that fails leaves what Python said. What the layers
# of this package say is known.
bridge_reworded <- function(text, reworded = identity, notation = identity) {
  if_possible <- function(change, message) tryCatch(change(message), error = function(e) message)
  message <- if_possible(bridge_in_r_terms, if_possible(reworded, text))
  last <- bridge_last_line(text)
  contained <- vapply(c(last, if_possible(notation, last)), grepl, NA, message, fixed = TRUE)
  limit <- getOption("warning.length") - 200L
  if (any(contained) || isTRUE(attr(text, "of_this"))) return(if_possible(bridge_short, message))
  last <- paste0("\nPython: ", bridge_short(last, limit %/% 2L))
  paste0(bridge_short(message, limit - nchar(last)), last)
}

bridge_last_line <- function(text) {
  lines <- trimws(strsplit(text, "\n", fixed = TRUE)[[1L]])
  lines <- lines[nzchar(lines)]
  if (length(lines)) lines[length(lines)] else ""
}

bridge_python_message <- function(e) bridge_reworded(bridge_python_text(e))

# The exception's message. reticulate keeps all of it apart from the condition, whose message
# may have lost its beginning.
bridge_python_text <- function(e) {
  last <- reticulate::py_last_error()
  message <- if (is.null(last)) conditionMessage(e) else paste0(last$type, ": ", last$value)
  file <- bridge_raised_in(last)
  structure(
    bridge_bare(message),
    of_layer = grepl("Exception encountered when calling", message, fixed = TRUE),
    of_compiler = grepl("[/\\\\]torch[/\\\\]_(dynamo|inductor)[/\\\\]", file),
    of_this = bridge_is_of_this(file)
  )
}

# The file in which Python raised it.
bridge_raised_in <- function(last) {
  files <- grep("File \"", unlist(strsplit(as.character(last$traceback), "\n", fixed = TRUE)), value = TRUE)
  if (length(files)) sub('.*File "([^"]*)".*', "\\1", files[length(files)]) else ""
}

# Not by the path alone: a user's own folder may have the name of this package.
bridge_is_of_this <- function(file) {
  if (!nzchar(file)) return(FALSE)
  folders <- reticulate::py_eval("list(getattr(__import__('sys').modules.get('layerbridge'), '__path__', []))")
  with_slashes <- function(path) gsub("\\", "/", path, fixed = TRUE)
  any(startsWith(with_slashes(file), paste0(with_slashes(as.character(folders)), "/")))
}

# The message without what Keras, TensorFlow and reticulate add, and without its class where the
# class says nothing more: the text of a KeyError is only the key, as Python would write it.
bridge_bare <- function(text) {
  if (startsWith(text, "KeyError: 'Exception encountered")) {
    text <- gsub("\\n", "\n", gsub("\\x1b", "\033", text, fixed = TRUE), fixed = TRUE)
  }
  text <- gsub("\033\\[[0-9;]*m", "", text)
  text <- sub("\n(Detailed traceback|(Run|See) `reticulate::|\nArguments received by).*", "", text)
  text <- sub("(?s)Graph execution error:.*(\n +File [^\n]*|<stack traces unavailable>)\n+", "", text, perl = TRUE)
  text <- sub("(?s)\\s*\\[\\[\\{\\{.*", "", text, perl = TRUE)
  text <- sub("^([A-Za-z_.]+(Error|Exception)):?\\s*$", "Python raised \\1 without a message.", text)
  text <- sub("^(?!KeyError)[A-Za-z_.]+(Error|Exception): +(?=.)", "", text, perl = TRUE)
  text <- sub("^KeyError: (['\"])(.* .*)\\1$", "\\2", text)
  trimws(sub("^(KeyError: )?'?Exception encountered when calling [^\n]*\n+", "\\1", text))
}

# In a shape, an unknown length is NA in R, and one length needs no comma.
bridge_in_r_terms <- function(text) {
  text <- bridge_r_lists(text)
  for (phrase in names(bridge_phrases)) text <- gsub(phrase, bridge_phrases[[phrase]], text, perl = TRUE)
  text <- gsub("(?<=[(, ])None(?=,? ?[0-9,)])(?=[^()]*\\))", "NA", text, perl = TRUE)
  text <- gsub(",)", ")", text, fixed = TRUE)
  terms <- c(None = "NULL", True = "TRUE", False = "FALSE")
  for (term in names(terms)) text <- gsub(paste0("\\b", term, "\\b"), terms[[term]], text)
  text
}

# What R has other words for; the first rows are what layerbridge's own layers say.
bridge_phrases <- c(
  "\\bLinearRamp\\(([^()=]*)steps=" = "schedule_linear_ramp(\\1steps = ",
  "\\brate=(?=schedule_)" = "rate = ",
  "\\bDropRateScheduler\\b" = "callback_drop_rate_scheduler()",
  "\\b(use|or) DropBlock([123])D\\b" = "\\1 layer_dropblock_\\2d()",
  "\\b(use|or) SpatialDropout([123])D\\b" = "\\1 layer_spatial_dropout_\\2d()",
  "`keras[.]ops[.]cast\\(x, 'float32'\\)`" =
    "an array with `storage.mode(x) <- \"double\"`, a tensor with `op_cast(x, \"float32\")`",
  " with name 'None'" = "",
  "\n?'(\\w+)' sizes: ([0-9, ]+)" = " `\\1` has \\2.",
  "`(model|layer|metric|optimizer|keras)[.](\\w+)" = "`\\1$\\2",
  "\\(?of type '?<class 'str'>'?\\)?" = "(text)",
  "of type '?<class '(?:[^']*[.])?([^'.]+)'>'?" = "of class \\1",
  "\\b(?:list/)?tuple of (?=[0-9]+ integers)" = "vector of ",
  "\\b(?:data )?dict(?:ionary)?\\b" = "named list"
)

# Python's dicts, sets and lists of strings, as R writes them.
bridge_r_lists <- function(text) {
  in_r <- function(code) {
    value <- tryCatch(reticulate::import("ast")$literal_eval(code), error = function(e) NULL)
    if (inherits(value, "python.builtin.set")) value <- bridge_of_set(value)
    if (is.null(value) || bridge_any(value, is.environment)) code else deparse1(value)
  }
  places <- gregexpr("\\{'[^{}]*\\}|\\['[^]['*]*'(, '[^]['*]*')*\\]", text)
  regmatches(text, places) <- lapply(regmatches(text, places), vapply, in_r, "")
  text
}

# What a set has, in an order that does not change; NULL where it is of several types.
bridge_of_set <- function(value) {
  items <- reticulate::import_builtins()$list(value)
  if (all(vapply(items, is.character, NA))) sort(unlist(items))
}

# Short enough for R to show all of it, including the call. The numbers of a dumped array matter
# less than the words around them.
bridge_short <- function(text, limit = getOption("warning.length") - 200L) {
  numbers <- "[-+0-9.,eE\\s\\[\\]()]"
  text <- gsub(sprintf("(%s{60})%s{20,}+", numbers, numbers), "\\1 ... ", text, perl = TRUE)
  if (nchar(text) > limit) paste(substr(text, 1L, limit - 4L), "...") else text
}

# Python's message about the inputs of a layer.
bridge_call_refusal <- function(text, layer, inputs) {
  named <- bridge_is_named(inputs)
  absent <- bridge_ask("absent_parameters", layer$call, sum(!named), as.list(names(inputs)[named]))
  if (!length(absent)) return(text)
  sprintf(
    "%s must be given: the layer takes several inputs. Pass them as a list, in order or by name.",
    bridge_ticked(absent)
  )
}

# The quoted names in a message of this kind.
bridge_quoted <- function(text, kind) {
  if (!grepl(kind, text, ignore.case = TRUE)) return(character())
  quoted <- regmatches(text, gregexpr("'[^']+'", text))[[1L]]
  gsub("'", "", quoted)
}

bridge_r_names <- function(names, renamed) {
  place <- match(names, unlist(renamed))
  ifelse(is.na(place), names, names(renamed)[place])
}

# Python shows what it received in Python's notation; this replaces it by R's.
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
  if (is.data.frame(object)) return("Make it an array first, with `as.matrix()` or `array()`.")
  if (!inherits(object, "keras.src.layers.layer.Layer")) {
    return("To get the layer itself, omit `object` and name the other arguments.")
  }
  called <- tryCatch(!is.null(object$output), error = function(e) FALSE)
  if (called) return("Compose with its output, `object$output`.")
  "Call it on a tensor first, and compose with what it returns."
}

bridge_no_call <- function(names) {
  sprintf(
    paste(
      "Only the layer's call takes %1$s, and there is nothing to call the layer on.",
      "Pass %1$s when you call the layer."
    ),
    bridge_ticked(names)
  )
}

bridge_wrong_inputs <- function(inputs) {
  each <- unlist(lapply(unname(inputs), bridge_as_inputs), recursive = FALSE)
  other <- Filter(function(x) !bridge_is_python(x) && !is.array(x), each)
  sprintf(
    "The inputs of a layer must be tensors or R arrays; received %s.",
    bridge_describe(if (length(other)) other[[1L]] else inputs)
  )
}

bridge_has_no_na <- function(name, value) {
  if (bridge_is_short(value) && !is.array(value)) {
    return(sprintf("`%s` must not be NA; received %s.", name, bridge_describe(value)))
  }
  values <- if (is.list(value)) unlist(value, use.names = FALSE) else value
  absent <- which(bridge_na(values))
  first <- if (is.null(dim(value))) absent[1L] else arrayInd(absent[1L], dim(value))
  sprintf(
    "`%s` must not contain NA; received %d among %d values, the first at [%s]. Replace them, or remove their samples.",
    name, length(absent), length(values), toString(first)
  )
}

bridge_suggest <- function(message, name, candidates) {
  near <- bridge_near(name, candidates)
  if (length(near)) sprintf("%s Did you mean `%s`?", message, near[1L]) else message
}

# The names that differ by two letters at most, the nearest first.
bridge_near <- function(name, candidates) {
  wrong <- c(utils::adist(name, candidates))
  candidates[order(wrong)][sort(wrong) <= 2L]
}

bridge_ticked <- function(names) {
  ticked <- paste0("`", names, "`")
  last <- length(ticked)
  if (last > 1L) paste(toString(ticked[-last]), "and", ticked[last]) else ticked
}

bridge_describe_argument <- function(argument) {
  value <- bridge_describe(argument[[1L]])
  if (any(bridge_is_named(argument))) sprintf("`%s = %s`", names(argument), value) else value
}

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
