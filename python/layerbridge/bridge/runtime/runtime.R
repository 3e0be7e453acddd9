# Runtime ----------------------------------------------------------------------
# What the functions above share. Nothing here is exported.

# The modules that were found to be in order, and the process that found them so.
bridge_modules <- new.env(parent = emptyenv())

bridge_args <- function(...) list(...)

# What every Keras layer takes besides its own arguments.
bridge_base_kinds <- bridge_args(
  batch_input_shape = "shape",
  batch_shape = "shape",
  batch_size = "int",
  input_shape = "shape"
)

bridge_base_names <- c("name", "dtype", "trainable", "input_shape", "batch_size")

# Makes the layer, then composes it with `object`.
bridge_layer <- function(object, module, class, kinds = list(), names = list()) {
  call <- sys.call(-1L)
  given <- bridge_given()
  given <- bridge_named(given, call)
  object <- given[["object"]] # forced before the layer is made
  if (!is.null(object)) bridge_check_object(object, call)
  bridge_require(given, class, call)
  args <- bridge_coerce(given[names(given) != "object"], kinds, names, call)
  layer <- bridge_new(module, class, args, call)
  if (is.null(object)) layer else bridge_python(layer(object), call)
}

# For layers that take several inputs as one list: `inputs`, or unnamed arguments.
bridge_merge <- function(module, class, kinds = list(), names = list()) {
  call <- sys.call(-1L)
  given <- bridge_given()
  inputs <- given[["inputs"]]
  if (!is.null(inputs) && !bridge_is_list(inputs)) inputs <- list(inputs)
  unnamed <- !nzchar(names(given))
  inputs <- c(as.list(inputs), unname(given[unnamed]))
  given <- given[!unnamed & names(given) != "inputs"]
  bridge_require(given, class, call)
  layer <- bridge_new(module, class, bridge_coerce(given, kinds, names, call), call)
  if (length(inputs)) bridge_python(layer(inputs), call) else layer
}

# For layers whose inputs are arguments of their own, such as a query and a value.
bridge_inputs <- function(inputs, module, class, kinds = list(), names = list()) {
  call <- sys.call(-1L)
  given <- bridge_given()
  given <- bridge_named(given, call)
  inputs <- given[["inputs"]]
  bridge_require(given, class, call)
  args <- bridge_coerce(given[names(given) != "inputs"], kinds, names, call)
  layer <- bridge_new(module, class, args, call)
  if (is.null(inputs)) return(layer)
  if (!bridge_is_list(inputs)) inputs <- list(inputs)
  bridge_python(do.call(layer, as.list(inputs)), call)
}

# For what is never composed, such as a cell.
bridge_object <- function(module, class, kinds = list(), names = list()) {
  call <- sys.call(-1L)
  given <- bridge_given()
  given <- bridge_named(given, call)
  bridge_require(given, class, call)
  bridge_new(module, class, bridge_coerce(given, kinds, names, call), call)
}

# The arguments that the user gave to the function that called bridge_layer() or a
# sibling of it, by R's names. A NULL in `...` counts as not given.
bridge_given <- function() {
  wrapper <- sys.parent(2L)
  frame <- sys.frame(wrapper)
  fn <- sys.function(wrapper)
  caller <- sys.frame(sys.parents()[wrapper])
  matched <- match.call(fn, sys.call(wrapper), expand.dots = FALSE, envir = caller)
  given <- setdiff(intersect(names(formals(fn)), names(matched)), "...")
  given <- given[!vapply(given, bridge_is_absent, NA, frame = frame)]
  given <- sapply(given, get, envir = frame, inherits = FALSE, simplify = FALSE)
  if (!"..." %in% names(formals(fn))) return(given)
  dots <- eval(quote(list(...)), frame)
  if (is.null(names(dots))) names(dots) <- rep("", length(dots))
  c(given, dots[!vapply(dots, is.null, NA)])
}

bridge_require <- function(given, class, call) {
  arguments <- formals(sys.function(sys.parent(2L)))
  required <- names(Filter(function(x) is.name(x) && !nzchar(x), arguments))
  absent <- setdiff(required, c(names(given), "object", "inputs", "..."))
  if (!length(absent)) return()
  for (name in setdiff(names(given), c(names(arguments), bridge_base_names))) {
    if (length(bridge_near(name, absent))) bridge_abort(bridge_no_argument(name, class, absent), call)
  }
  bridge_abort(sprintf(
    "%s must be given: there is no default.", paste0("`", absent, "`", collapse = ", ")
  ), call)
}

# Whether an argument was passed on from a function that did not get it either.
bridge_is_absent <- function(name, frame) {
  if (!eval(call("missing", as.name(name)), frame)) return(FALSE)
  tryCatch({
    get(name, envir = frame, inherits = FALSE)
    FALSE
  }, error = function(e) TRUE)
}

bridge_named <- function(given, call) {
  unnamed <- given[!nzchar(names(given))]
  if (length(unnamed)) {
    bridge_abort(sprintf(
      "Arguments in `...` must have names; received %s without one. %s",
      bridge_describe(unnamed[[1L]]), "Write `name = value`."
    ), call)
  }
  given
}

bridge_new <- function(module, class, args, call) {
  constructor <- bridge_import(module, call)[[class]]
  known <- names(formals(sys.function(sys.parent(2L))))
  tryCatch(
    bridge_callable(do.call(constructor, args, quote = TRUE)),
    error = function(e) {
      message <- bridge_python_message(e)
      unknown <- bridge_unknown(message, class, names(args), known)
      bridge_abort(if (is.null(unknown)) message else unknown, call)
    }
  )
}

# Python names an argument that it does not know; this names the one that was meant.
bridge_unknown <- function(message, class, given, known) {
  if (!grepl("(unexpected|unrecognized) keyword argument", message, ignore.case = TRUE)) {
    return(NULL)
  }
  known <- union(known, bridge_base_names)
  unknown <- Filter(function(name) grepl(sprintf("'%s'", name), message, fixed = TRUE), given)
  if (length(unknown)) bridge_no_argument(unknown[1L], class, known)
}

bridge_no_argument <- function(name, class, known) {
  bridge_suggest(sprintf("`%s` is not an argument of %s.", name, class), name, known)
}

bridge_suggest <- function(said, name, known) {
  near <- bridge_near(name, known)
  if (length(near)) sprintf("%s Did you mean `%s`?", said, near[1L]) else said
}

# The names from which it differs by two letters at most, the nearest first.
bridge_near <- function(name, known) {
  wrong <- c(utils::adist(name, known))
  known[order(wrong)][sort(wrong) <= 2L]
}

# The layer stays the Python object that it is; called from R, it composes.
bridge_callable <- function(layer) {
  if (!is.function(layer)) return(layer)
  composing <- function(object, ...) {
    call <- sys.call()
    bridge_check_session(layer, "The layer", call)
    if (missing(object)) return(bridge_python(layer(...), call))
    force(object)
    if (!bridge_is_sequential(object)) return(bridge_python(layer(object, ...), call))
    bridge_python(object$add(layer), call)
    invisible(object)
  }
  attributes(composing) <- attributes(layer)
  composing
}

bridge_check_object <- function(object, call) {
  if (bridge_is_keras_2(object)) bridge_abort(bridge_legacy_keras("`object`"), call)
  bridge_check_session(object, "`object`", call)
  if (bridge_is_sequential(object) || bridge_is_input(object)) return()
  bridge_abort(sprintf(
    "`object` must be a Sequential model, a tensor or an R array; received %s. %s",
    bridge_describe(object),
    if (inherits(object, "keras.src.layers.layer.Layer")) "Compose with its output, `object$output`."
    else "To get the layer itself, leave `object` out and name the other arguments."
  ), call)
}

bridge_check_session <- function(x, what, call) {
  if (!inherits(x, "python.builtin.object") || !reticulate::py_is_null_xptr(x)) return()
  bridge_abort(paste(
    what, "must be of this R session; received a Python object of one that has",
    "ended. Save models with `model$save(\"file.keras\")`, and load them again."
  ), call)
}

bridge_is_keras_2 <- function(x) {
  any(grepl("^tf_keras[.]|^keras[.](src[.])?engine[.]", class(x)))
}

# Keras 3 names the class keras.src.models.sequential.Sequential.
bridge_is_sequential <- function(x) {
  inherits(x, "python.builtin.object") &&
    any(grepl("keras.*[.]Sequential$", class(x)))
}

bridge_is_list <- function(x) {
  (is.list(x) && !is.object(x)) ||
    inherits(x, c("python.builtin.list", "python.builtin.tuple"))
}

# A tensor, an R array, or a list of these.
bridge_is_input <- function(x) {
  if (inherits(x, "python.builtin.object")) {
    return(bridge_is_list(x) || inherits(x, "python.builtin.dict") ||
      (reticulate::py_has_attr(x, "shape") && reticulate::py_has_attr(x, "dtype")))
  }
  if (bridge_is_list(x)) return(length(x) > 0L && all(vapply(x, bridge_is_input, NA)))
  is.array(x) && is.atomic(x)
}

bridge_coerce <- function(args, kinds, names, call) {
  kinds <- c(kinds, bridge_base_kinds[setdiff(names(bridge_base_kinds), names(kinds))])
  for (name in names(args)) {
    bridge_check(args[[name]], kinds[[name]], name, call)
    if (!name %in% names(kinds)) next
    args[name] <- list(bridge_as(args[[name]], kinds[[name]], name, call))
  }
  renamed <- names(args) %in% names(names)
  names(args)[renamed] <- unlist(names[names(args)[renamed]])
  args
}

# In a shape NA is an unknown length; elsewhere Python would take it for true. Code and
# bare environments have no counterpart in Python.
bridge_check <- function(value, kind, name, call) {
  shape <- isTRUE(kind %in% c("shape", "target_shape"))
  absent <- !shape && is.atomic(value) && any(is.na(value) & !is.nan(value))
  code <- is.language(value) || (is.environment(value) && !is.object(value))
  if (!absent && !code) return()
  bridge_abort(sprintf(
    "`%s` must not be %s; received %s.", name, if (absent) "NA" else "R code or an environment",
    bridge_describe(value)
  ), call)
}

# R values for what a layer expects; what is no number is Python's to judge.
bridge_as <- function(value, kind, name, call) {
  if (is.null(value) || is.function(value) || is.object(value)) return(value)
  if (kind == "shape") return(bridge_as_shape(value, NULL))
  if (kind == "target_shape") return(bridge_as_shape(value, -1L))
  if (kind == "tuple") return(bridge_as_tuple(value, identity))
  numbers <- suppressWarnings(unlist(value))
  if (!is.numeric(numbers)) return(value)
  convert <- switch(kind,
    int = , int_or_tuple = bridge_as_int,
    axis = function(x) bridge_as_axis(x, name, call),
    float = , float_or_tuple = as.double,
    identity
  )
  if (is.list(value) || length(value) != 1L) bridge_as_tuple(value, convert)
  else convert(value)
}

bridge_as_tuple <- function(value, convert, null = NULL) {
  if (is.array(value) && length(dim(value)) > 1L) return(value)
  items <- lapply(unname(as.list(value)), function(item) {
    if (inherits(item, "python.builtin.object")) item
    else if (is.list(item) || length(item) > 1L) bridge_as_tuple(item, convert)
    else if (is.null(item)) null
    else convert(item)
  })
  reticulate::tuple(items)
}

# Whole numbers become integers; whether others will do is Python's to judge.
bridge_as_int <- function(x) {
  if (!is.finite(x) || x != trunc(x)) return(x)
  if (abs(x) <= .Machine$integer.max) return(as.integer(x))
  reticulate::py_eval(sprintf("%.0f", x), convert = FALSE)
}

bridge_as_axis <- function(x, name, call) {
  if (!is.finite(x) || x != trunc(x) || x == 0) {
    bridge_abort(sprintf(
      "`%s` must be a whole number that counts from 1, or from -1 %s; received %s.",
      name, "for the last axis", bridge_describe(x)
    ), call)
  }
  as.integer(if (x > 0) x - 1 else x)
}

# NULL and NA stand for a size that is not known.
bridge_as_shape <- function(value, unknown) {
  if (!is.list(value) && !is.numeric(value) && !all(is.na(value))) return(value)
  convert <- function(x) {
    if (is.atomic(x) && is.na(x)) unknown
    else if (is.numeric(x)) bridge_as_int(x)
    else x
  }
  bridge_as_tuple(value, convert, unknown)
}

bridge_import <- function(module, call = sys.call(-1L)) {
  if (is.null(bridge_modules[[module]])) {
    problem <- bridge_problem(module)
    if (!is.null(problem)) bridge_abort(problem, call)
    bridge_modules[[module]] <- reticulate::import(module)
    bridge_modules[["of process"]] <- Sys.getpid()
  }
  if (bridge_modules[["of process"]] != Sys.getpid()) {
    bridge_abort(paste(
      "Keras does not work in a fork of the R process that started it.",
      "Use processes of their own: `parallel::makeCluster()` in place of",
      "`parallel::mclapply()`, or `callr::r()`."
    ), call)
  }
  bridge_modules[[module]]
}

# The first thing that keeps a module of Keras layers from being used, and what to do
# about it; NULL if there is none. Starts Python.
bridge_problem <- function(module) {
  failure <- bridge_failure(reticulate::py_config())
  if (!is.null(failure)) return(bridge_no_python(failure))
  python <- reticulate::py_config()$python
  keras <- bridge_version("keras")
  numpy <- bridge_version("numpy")
  if (is.null(keras)) return(bridge_not_installed("keras", python))
  if (keras < "3") {
    return(sprintf(paste0(
      "Keras 3 is needed; received Keras %s, in %s.\n",
      "Run `%s -m pip install --upgrade keras`, then restart R."
    ), keras, python, python))
  }
  if (!is.null(numpy) && numpy >= "2" && utils::packageVersion("reticulate") < "1.38") {
    return(sprintf(paste0(
      "NumPy %s needs reticulate 1.38 or newer; received reticulate %s.\n",
      "Run `install.packages(\"reticulate\")`, or `%s -m pip install \"numpy<2\"`, ",
      "then restart R."
    ), numpy, utils::packageVersion("reticulate"), python))
  }
  for (name in c("keras", module)) {
    failure <- bridge_failure(reticulate::import(name, convert = FALSE))
    if (!is.null(failure)) return(bridge_no_module(name, failure, python))
  }
}

bridge_no_python <- function(failure) {
  paste0(
    "Keras layers need Python, and none could be started: ", failure, "\n",
    "Install Python 3.10 or newer, and Keras in it with ",
    "`python -m pip install keras tensorflow`.\n",
    "Then set the environment variable RETICULATE_PYTHON to the path of that Python, ",
    "and restart R."
  )
}

bridge_no_module <- function(name, failure, python) {
  missing <- regmatches(failure, regexec("No module named '([^']+)'", failure))[[1L]][2L]
  if (is.na(missing)) {
    return(sprintf("Python module '%s' could not be imported: %s", name, failure))
  }
  bridge_not_installed(missing, python)
}

# R can start one Python only, so one that lacks something cannot be left.
bridge_not_installed <- function(module, python) {
  package <- sub("[.].*", "", module)
  needed <- if (package == "keras") "keras tensorflow" else package
  sprintf(paste0(
    "Python module '%s' was not found in the Python that R has started, %s.\n",
    "Run `%s -m pip install %s`, then restart R.\n",
    "To use another Python, restart R and set RETICULATE_PYTHON to its path before ",
    "anything starts Python."
  ), module, python, python, needed)
}

bridge_failure <- function(expr) {
  tryCatch({
    expr
    NULL
  }, error = bridge_python_message)
}

# The version of an installed Python package, without what follows its numbers. Nothing
# is imported.
bridge_version <- function(package) {
  metadata <- reticulate::import("importlib.metadata")
  version <- tryCatch(metadata$version(package), error = function(e) NULL)
  if (is.null(version)) return(NULL)
  numbers <- regmatches(version, regexpr("^[0-9]+([.][0-9]+)*", version))
  numeric_version(numbers)
}

bridge_legacy_keras <- function(what) {
  paste0(
    what, " is Keras 2, and Keras 3 is needed.\n",
    "Run `Sys.unsetenv(\"TF_USE_LEGACY_KERAS\")` before anything starts Python, or use ",
    "`reticulate::import(\"keras\")` in place of `tf$keras`."
  )
}

bridge_python <- function(expr, call) {
  tryCatch(expr, error = function(e) {
    if (inherits(e, "layerbridge_error")) stop(e)
    bridge_abort(bridge_python_message(e), call)
  })
}

# What the Python exception said, without its class, what Keras puts around it, and
# reticulate's hints.
bridge_python_message <- function(e) {
  text <- gsub("\033\\[[0-9;]*m", "", conditionMessage(e))
  text <- sub("\n(Detailed traceback|Run `reticulate::|\nArguments received by).*", "", text)
  text <- sub("^[A-Za-z_.]+(Error|Exception): ", "", text)
  bridge_in_r_terms(trimws(sub("^Exception encountered when calling [^\n]*\n+", "", text)))
}

bridge_in_r_terms <- function(text) {
  terms <- c(None = "NULL", True = "TRUE", False = "FALSE")
  for (term in names(terms)) text <- gsub(paste0("\\b", term, "\\b"), terms[[term]], text)
  text
}

bridge_describe <- function(x) {
  if (is.null(x)) return("NULL")
  if (inherits(x, "python.builtin.object")) {
    return(paste("a Python object of class", class(x)[1L]))
  }
  if (is.function(x)) return("a function")
  if (is.character(x) && length(x) == 1L) return(encodeString(x, quote = "\""))
  if (is.atomic(x) && length(x) == 1L) return(format(x))
  sprintf("an object of class %s and length %d", class(x)[1L], length(x))
}

bridge_abort <- function(message, call) {
  stop(structure(
    class = c("layerbridge_error", "error", "condition"),
    list(message = message, call = call)
  ))
}
