# Converts R values to what Python expects. What cannot be converted is left for Python to judge.

bridge_coerce <- function(args, target) {
  for (i in seq_along(args)) {
    name <- names(args)[i]
    if (!nzchar(name)) name <- "..."
    kind <- target$kinds[[name]]
    if (is.null(kind)) kind <- bridge_base_kinds[[name]]
    bridge_check_value(args[[i]], kind, name, target$call)
    args[i] <- list(bridge_as(args[[i]], kind, name, target$call))
  }
  names(args) <- bridge_python_names(names(args), target$names)
  args
}

bridge_as <- function(value, kind, name, call) {
  kind <- bridge_kind_of(kind)
  bridge_check_session(value, sprintf("`%s`", name), call)
  if (is.environment(value)) return(kind$of_object(value, name, call)) # a Python object that is no function
  value <- bridge_resolved(value, call)
  convert <- if (is.object(value) || is.function(value)) kind$of_object else kind$of_value
  if (!is.null(value)) value <- convert(value, name, call)
  bridge_with_signatures(value, name, call)
}

# Functions that Python calls, also within lists.
bridge_with_signatures <- function(value, name, call) {
  if (bridge_is_plain_list(value)) return(lapply(value, bridge_with_signatures, name, call))
  if (is.function(value) && !is.object(value)) bridge_signed(bridge_without_na(value, name, call)) else value
}

# Functions that represent Python objects become these, also within lists; others get the name in
# their attribute `name`, under which Keras shows a metric.
bridge_resolved <- function(value, call) {
  if (bridge_is_plain_list(value)) return(lapply(value, bridge_resolved, call))
  if (is.function(value) && !bridge_is_python(value)) return(bridge_named(bridge_stands_for(value, call)))
  value
}

bridge_named <- function(fn) {
  if (!bridge_is_python(fn) && is.character(attr(fn, "name"))) attr(fn, "py_function_name") <- attr(fn, "name")
  fn
}

# Functions without a name get that in their list, or one of what they are for and their place.
bridge_all_named <- function(value, name) {
  if (bridge_is_plain_list(value)) {
    places <- paste(name, seq_along(value), sep = "_")
    return(Map(bridge_all_named, value, ifelse(bridge_is_named(value), names(value), places)))
  }
  unnamed <- typeof(value) == "closure" && !bridge_is_python(value) && is.null(attr(value, "py_function_name"))
  if (unnamed) attr(value, "py_function_name") <- name
  value
}

# The row of a kind. Arguments without one, such as those in `...`, may be anything. A kind may have
# the path of an enumeration after it: "member module:Class".
bridge_kind_of <- function(kind) {
  row <- bridge_kinds[[if (is.null(kind)) "any" else kind]]
  if (!is.null(row)) return(row)
  parts <- strsplit(kind, " ", fixed = TRUE)[[1L]]
  row <- bridge_kinds[[parts[1L]]]
  of_value <- row$of_value
  row$of_value <- function(value, name, call) of_value(value, name, call, parts[2L])
  row
}

# Where a kind has no use for NA, Python would treat it as true. Code and bare environments have
# no counterpart in Python.
bridge_check_value <- function(value, kind, name, call) {
  if (is.environment(value) && is.object(value)) return()
  if (!bridge_kind_of(kind)$takes_na && bridge_any(value, bridge_has_na)) {
    bridge_abort(bridge_has_no_na(name, value), call)
  }
  if (!bridge_any(value, bridge_is_code)) return()
  bridge_abort(
    sprintf("`%s` must not be R code or an environment; received %s.", name, bridge_describe(value)), call
  )
}

# Python would also take NA for true where a function returns it.
bridge_without_na <- function(fn, name, call) {
  checked <- function() {
    again <- sys.call()
    again[[1L]] <- fn
    value <- eval(again, parent.frame())
    if (is.logical(value) && anyNA(value)) {
      bridge_abort(sprintf("The function given as `%s` must not return NA.", name), call)
    }
    value
  }
  formals(checked) <- formals(args(fn))
  attr(checked, "py_function_name") <- attr(fn, "py_function_name")
  checked
}

# Python may ask which arguments a function takes, unless their names are not valid in Python.
bridge_signed <- function(fn) {
  tryCatch({
    signature <- bridge_signature(formals(fn))
    python <- reticulate::r_to_py(fn, convert = TRUE)
    reticulate::py_set_attr(python, "__signature__", signature)
    python
  }, error = function(e) fn)
}

bridge_signature <- function(arguments) {
  inspect <- bridge_import("inspect")
  of <- inspect$Parameter
  dots <- names(arguments) == "..."
  after <- cumsum(dots) > 0L
  required <- vapply(arguments, function(x) is.name(x) && !nzchar(x), NA)
  parameter <- function(i) {
    kind <- if (after[i]) of$KEYWORD_ONLY else of$POSITIONAL_OR_KEYWORD
    if (required[[i]]) return(of(names(arguments)[i], kind))
    default <- arguments[[i]]
    of(names(arguments)[i], kind, default = if (bridge_is_scalar(default)) default)
  }
  inspect$Signature(c(
    lapply(which(!after), parameter),
    if (any(dots)) of("args", of$VAR_POSITIONAL),
    lapply(which(after & !dots), parameter),
    if (any(dots)) of("kwargs", of$VAR_KEYWORD)
  ))
}

bridge_any <- function(value, test) {
  if (!bridge_is_plain_list(value) && !is.data.frame(value)) return(test(value))
  for (item in value) if (bridge_any(item, test)) return(TRUE)
  FALSE
}

bridge_has_na <- function(x) is.atomic(x) && any(bridge_na(x))

bridge_na <- function(x) is.na(x) & !(is.numeric(x) & is.nan(x))

bridge_is_code <- function(x) is.language(x) || (is.environment(x) && !is.object(x))

# Whole numbers ---------------------------------------------------------------------------

bridge_is_whole <- function(x) is.numeric(x) && all(is.finite(x) & x == trunc(x))

# Where whole numbers of an argument become integers: if all are whole, and none is too large for R's. An array keeps its
# axes.
bridge_as_whole <- function(x) {
  if (bridge_is_whole(x) && all(abs(x) <= .Machine$integer.max)) storage.mode(x) <- "integer"
  x
}

# One value -------------------------------------------------------------------------------

# An argument of unknown kind: a whole number is most likely a count.
bridge_as_any <- function(x, ...) {
  whole <- bridge_as_whole(x)
  if (is.integer(whole)) as.vector(whole) else x
}

# Python has integers of any size, and decides whether it accepts a number that is not whole.
bridge_as_int <- function(x, ...) {
  if (!bridge_is_whole(x)) return(x)
  integer <- bridge_as_any(x)
  if (is.integer(integer)) integer else reticulate::py_eval(sprintf("%.0f", x), convert = FALSE)
}

bridge_as_float <- function(x, ...) if (is.numeric(x)) as.double(x) else x

# Counted from 1 in R, from 0 in Python, from the end in both.
bridge_as_axis <- function(x, name, call) {
  if (!is.numeric(x)) return(x)
  axis <- bridge_as_any(x)
  if (!is.integer(axis) || axis %in% c(0L, NA)) {
    bridge_abort(sprintf(
      "`%s` must be a whole number that counts from 1, or from -1 for the last axis; received %s.",
      name, bridge_describe(x)
    ), call)
  }
  axis - (axis > 0L)
}

# Several values --------------------------------------------------------------------------

# An array keeps its shape, and with it the type of its numbers.
bridge_is_array <- function(x) is.array(x) && length(dim(x)) > 1L

bridge_is_scalar <- function(x) is.atomic(x) && length(x) == 1L

# Each value within nested lists and vectors, which become what `container` makes of a list. The
# numbers of a vector are of one type, so that 1 is no count in c(1, 0.5).
bridge_each <- function(value, convert, container, name, call) {
  if (is.null(value) || is.object(value) || bridge_is_array(value)) return(value)
  if (is.double(value) && identical(convert, bridge_as_any) && !bridge_is_whole(value)) convert <- bridge_as_is
  items <- lapply(unname(as.list(value)), function(item) {
    if (bridge_is_python(item)) item
    else if (is.list(item) || length(item) > 1L) bridge_each(item, convert, container, name, call)
    else if (bridge_is_scalar(item)) convert(item, name, call)
    else item
  })
  container(items)
}

bridge_scalar_or <- function(container, convert) {
  function(value, name, call) {
    if (bridge_is_scalar(value)) convert(value, name, call)
    else bridge_each(value, convert, container, name, call)
  }
}

bridge_scalar_or_list <- function(convert) bridge_scalar_or(identity, convert)

bridge_scalar_or_tuple <- function(convert) bridge_scalar_or(reticulate::tuple, convert)

bridge_tuple_of <- function(convert) {
  function(value, name, call) bridge_each(value, convert, reticulate::tuple, name, call)
}

# Names are those of a Python dict, which is not a list.
bridge_list_of <- function(convert) {
  function(value, name, call) {
    if (is.list(value) && !is.null(names(value))) return(bridge_any_value(value))
    bridge_each(value, convert, identity, name, call)
  }
}

# Vectors stay vectors, which become lists in Python; what has names becomes a dict.
bridge_any_value <- function(value, name, call) {
  if (is.atomic(value) && !is.null(names(value))) value <- as.list(value)
  if (bridge_is_plain_list(value)) {
    return(lapply(value, function(item) if (is.object(item)) item else bridge_any_value(item)))
  }
  if (is.numeric(value) && is.array(value)) return(bridge_writable(value))
  bridge_as_whole(value)
}

# A copy, as functions of Keras write into the array that they are given, and R's own must not change. With newer
# versions of reticulate, np_array() gives a view that cannot be written to.
bridge_writable <- function(value) {
  array <- reticulate::np_array(value)
  if (reticulate::py_to_r(array$flags$writeable)) array else array$copy()
}

# Arrays and numbers that are data. A vector is an array of one axis, of the type that numbers
# have in Keras; a data frame, a dict of its columns.
bridge_as_data <- function(value, ...) {
  if (is.list(value)) return(lapply(as.list(value), bridge_as, "data", NULL, NULL))
  if (!bridge_is_vector(value) || length(value) < 2L) return(value)
  if (is.double(value)) bridge_as_float_array(value) else as.array(unname(value))
}

bridge_as_float_array <- function(value) {
  if (!is.double(value)) return(value)
  type <- bridge_import("keras.config")$floatx() # before np_array(), which does not start Python
  reticulate::np_array(value, type)
}

# The levels of a factor count from 0 in Python.
bridge_data_of_object <- function(value, ...) {
  if (is.environment(value)) return(value)
  if (is.factor(value)) return(as.array(as.integer(value) - 1L))
  if (is.data.frame(value)) bridge_as_data(value) else value
}

# Data with the samples along the first axis; there may be a single one.
bridge_as_samples <- function(value, ...) {
  if (is.list(value)) return(lapply(as.list(value), bridge_as, "samples", NULL, NULL))
  bridge_as_data(if (bridge_is_vector(value)) as.array(value) else value)
}

bridge_samples_of_object <- function(value, ...) {
  if (is.data.frame(value)) bridge_as_samples(value) else bridge_data_of_object(value)
}

# Places in an array: counted from 1 in R, from 0 in Python, from the end in both.
bridge_as_index <- function(value, name, call) {
  if (is.list(value)) return(lapply(value, bridge_as, "index", name, call))
  if (!is.numeric(value)) return(value)
  if (any(value == 0)) {
    bridge_abort(sprintf(
      "`%s` must count from 1, or from -1 for the last; received 0. Add 1L to what counts from 0, %s",
      name, "or give labels as a factor."
    ), call)
  }
  bridge_as_data(bridge_as_whole(value - (value > 0)))
}

# Whole numbers that are data.
bridge_as_int_data <- function(value, ...) {
  if (is.list(value)) lapply(value, bridge_as, "int_data", NULL, NULL) else bridge_as_data(bridge_as_whole(value))
}

# How many parts, or, in an array, where each begins.
bridge_as_int_or_index <- function(value, name, call) {
  if (bridge_is_scalar(value) && !is.array(value)) bridge_as_int(value) else bridge_as_index(value, name, call)
}

# The levels of a factor count from 1 here.
bridge_index_of_object <- function(value, name, call) {
  if (is.factor(value)) return(bridge_as_index(as.integer(value), name, call))
  if (!bridge_is_tensor(value)) return(value)
  ops <- bridge_import("keras.ops")
  ops$where(ops$greater(value, 0L), ops$subtract(value, 1L), value)
}

bridge_as_loss <- function(value, ...) bridge_any_value(bridge_all_named(value, "custom_loss"))

bridge_loss_of_object <- function(value, ...) bridge_all_named(value, "custom_loss")

# Where only some have names, Python gets none: a dict would keep one of the others.
bridge_as_metrics <- function(value, name, call) {
  value <- bridge_all_named(value, "custom_metric")
  if (!all(bridge_is_named(value))) value <- unname(value)
  bridge_list_of(bridge_as_any)(value, name, call)
}

bridge_metrics_of_object <- function(value, ...) bridge_list_of_object(bridge_all_named(value, "custom_metric"))

# A function that Keras calls at a place, such as an epoch, and that may leave out what comes after.
bridge_counting_from_1 <- function(value, ...) {
  if (!is.function(value) || bridge_is_python(value)) return(value)
  bridge_adding_to_logs(function(index, ...) bridge_called_with(value, list(index + 1L, ...)))
}

bridge_of_logs <- function(value, ...) {
  if (!is.function(value) || bridge_is_python(value)) return(value)
  bridge_adding_to_logs(function(...) bridge_called_with(value, list(...)))
}

# A list with names that a callback's function returns is added to the logs, as in keras3. Keras gives the logs last, by
# name or not.
bridge_adding_to_logs <- function(fn) {
  reticulate::py_eval(bridge_calling_with_logs)(fn)
}

bridge_calling_with_logs <- "lambda fn: lambda *args, **logs: (
    lambda returned, logs: logs.update(returned) if isinstance(returned, dict) and isinstance(logs, dict) else returned
)(fn(*args, *logs.values()), [*args, *logs.values()][-1])"

# The schedule of a callback, whose epochs count from 0 in keras3 too.
bridge_as_schedule <- function(value, ...) {
  if (!is.function(value) || bridge_is_python(value)) return(value)
  function(epoch, ...) as.double(bridge_called_with(value, list(epoch, ...)))
}

# With as many of the values as the function takes.
bridge_called_with <- function(fn, values) {
  takes <- names(formals(args(fn)))
  if (!"..." %in% takes) values <- utils::head(values, length(takes))
  do.call(fn, values, quote = TRUE)
}

# An object by itself, such as a metric, is a list of one.
bridge_list_of_object <- function(value, ...) {
  if (bridge_is_python(value) && reticulate::py_has_attr(value, "__iter__")) value else list(value)
}

# NULL and NA mean an unknown size.
bridge_shape_with <- function(unknown) {
  function(value, name, call) {
    if (!is.list(value) && !is.numeric(value) && !all(is.na(value))) return(value)
    size <- function(x) {
      if (is.null(x) || (bridge_is_scalar(x) && is.na(x))) unknown
      else if (is.list(x) || (is.atomic(x) && length(x) > 1L)) sizes(x)
      else bridge_as_int(x)
    }
    sizes <- function(x) reticulate::tuple(lapply(unname(as.list(x)), size))
    sizes(value)
  }
}

# Tensors, by themselves or in a list; a list of one is the same as the one.
bridge_as_structure <- function(value, name, call) {
  if (bridge_is_plain_list(value) && length(value) == 1L && is.null(names(value))) value[[1L]] else value
}

# The names of a vector are the keys of a Python dict; in a list, each value is what it is elsewhere,
# and a function has its key for a name.
bridge_as_dict <- function(value, name, call) {
  if (!is.atomic(value)) return(bridge_any_value(bridge_all_named(value, name)))
  if (!length(value)) return(NULL)
  if (is.null(names(value)) || !all(nzchar(names(value)))) {
    bridge_abort(sprintf(
      "`%s` must have a name for each value; received %s. Write `c(\"name\" = 0.5)`.",
      name, toString(value)
    ), call)
  }
  as.list(value)
}

# A dict whose keys are whole numbers, such as labels.
bridge_as_int_dict <- function(value, name, call) {
  keys <- suppressWarnings(as.integer(names(value)))
  if (length(keys) != length(value) || anyNA(keys)) {
    bridge_abort(sprintf(
      "`%s` must have a whole number for the name of each value; received %s. Write `c(\"0\" = 1, \"1\" = 2)`.",
      name, bridge_describe(value)
    ), call)
  }
  reticulate::py_dict(as.list(keys), lapply(unname(as.list(value)), bridge_as_float))
}

# Members of an enumeration, which R has as strings: their names, or, where Python takes no other
# text, their values.
bridge_members <- function(several, is_open) {
  function(value, name, call, path = NULL) {
    as_member <- function(x, ...) {
      if (is.null(path) || !is.character(x)) bridge_as_any(x) else bridge_as_member(x, path, is_open, name, call)
    }
    several(as_member)(value, name, call)
  }
}

bridge_as_member <- function(x, path, is_open, name, call) {
  enumeration <- bridge_enumeration(path, call)
  member <- tryCatch(reticulate::py_get_item(enumeration, x), error = function(e) NULL)
  if (is.null(member) && is_open) return(x)
  if (is.null(member)) member <- tryCatch(enumeration(x), error = function(e) NULL)
  if (!is.null(member)) return(member)
  names <- reticulate::import_builtins()$list(reticulate::py_get_attr(enumeration, "__members__"))
  bridge_abort(sprintf(
    "`%s` must be one of %s; received %s.",
    name, paste0("\"", names, "\"", collapse = ", "), bridge_describe(x)
  ), call)
}

# Not converted: a member that is text or a number too would lose its class.
bridge_enumeration <- function(path, call) {
  module <- sub(":.*", "", path)
  bridge_import(module, call)
  bridge_part(reticulate::import(module, convert = FALSE), sub(".*:", "", path))
}

# As much as keras3 says: nothing in tests, and one line for each epoch in a document.
bridge_as_verbose <- function(value, ...) {
  if (!identical(value, "auto")) return(bridge_any_value(value))
  if (identical(Sys.getenv("TESTTHAT"), "true")) 0L else if (isTRUE(getOption("knitr.in.progress"))) 2L else value
}

bridge_as_is <- function(value, ...) value

# A row of the table: how a value is converted, and an object or a function, which most kinds
# leave as they are; whether NA is a value, and whether the kind counts from 1 in R.
bridge_kind <- function(of_value = bridge_as_is, of_object = bridge_as_is, takes_na = FALSE, counts = FALSE) {
  list(of_value = of_value, of_object = of_object, takes_na = takes_na, counts = counts)
}

bridge_kinds <- list(
  any = bridge_kind(bridge_any_value),
  any_list = bridge_kind(bridge_list_of(bridge_as_any), bridge_list_of_object),
  axis = bridge_kind(bridge_scalar_or_tuple(bridge_as_axis)),
  bool = bridge_kind(),
  callbacks = bridge_kind(bridge_list_of(bridge_as_any), bridge_list_of_object),
  data = bridge_kind(bridge_as_data, bridge_data_of_object),
  dict = bridge_kind(bridge_as_dict),
  enum = bridge_kind(),
  float = bridge_kind(bridge_scalar_or_list(bridge_as_float)),
  float_list = bridge_kind(bridge_list_of(bridge_as_float)),
  float_or_tuple = bridge_kind(bridge_scalar_or_tuple(bridge_as_float)),
  index = bridge_kind(bridge_as_index, bridge_index_of_object, counts = TRUE),
  index_function = bridge_kind(of_object = bridge_counting_from_1),
  int = bridge_kind(bridge_scalar_or_list(bridge_as_int)),
  int_data = bridge_kind(bridge_as_int_data, bridge_data_of_object),
  int_dict = bridge_kind(bridge_as_int_dict),
  int_list = bridge_kind(bridge_list_of(bridge_as_int)),
  int_or_index = bridge_kind(bridge_as_int_or_index),
  int_or_tuple = bridge_kind(bridge_scalar_or_tuple(bridge_as_int)),
  int_tuple = bridge_kind(bridge_tuple_of(bridge_as_int)),
  logs_function = bridge_kind(of_object = bridge_of_logs),
  loss = bridge_kind(bridge_as_loss, bridge_loss_of_object),
  member = bridge_kind(bridge_members(bridge_scalar_or_list, is_open = FALSE)),
  member_list = bridge_kind(bridge_members(bridge_list_of, is_open = FALSE)),
  member_or_str = bridge_kind(bridge_members(bridge_scalar_or_list, is_open = TRUE)),
  member_or_str_list = bridge_kind(bridge_members(bridge_list_of, is_open = TRUE)),
  metrics = bridge_kind(bridge_as_metrics, bridge_metrics_of_object),
  samples = bridge_kind(bridge_as_samples, bridge_samples_of_object),
  schedule = bridge_kind(of_object = bridge_as_schedule),
  shape = bridge_kind(bridge_shape_with(NULL), takes_na = TRUE),
  str = bridge_kind(),
  str_list = bridge_kind(bridge_list_of(bridge_as_is)),
  structure = bridge_kind(bridge_as_structure),
  target_shape = bridge_kind(bridge_shape_with(-1L), takes_na = TRUE),
  tuple = bridge_kind(bridge_tuple_of(bridge_as_any)),
  verbose = bridge_kind(bridge_as_verbose)
)

# What every Keras layer takes besides its own arguments, `weights` in Keras 2. In `...` NULL
# stands for none of these.
bridge_base_kinds <- list(
  name = "str",
  dtype = "any",
  trainable = "bool",
  input_shape = "shape",
  batch_input_shape = "shape",
  batch_shape = "shape",
  batch_size = "int",
  weights = "any"
)
