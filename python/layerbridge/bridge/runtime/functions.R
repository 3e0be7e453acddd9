# How functions that compute are called, rather than objects made: rows of bridge_composers.

# By position -----------------------------------------------------------------------------

# `inputs` has the names of what a Python function takes by position: what comes before *args, and
# `...` for those; or what the function chooses by.
bridge_aim_positions <- function(arguments, target) {
  target$object <- if (length(arguments)) arguments[[1L]]
  if (!length(target$inputs)) return(target)
  said <- c(names(arguments), "...")
  if (!all(nzchar(said)) || all(target$inputs %in% said)) target$by_position <- target$inputs
  target
}

# A function that returns nothing, such as one that saves a model, is called for what it does: the pipe goes on.
bridge_result_function <- function(value, target) {
  if (!is.null(value)) return(bridge_callable(value, bridge_compose_call))
  invisible(if (bridge_is_python(target$object)) target$object)
}

bridge_take_positions <- function(arguments, target) {
  if (!length(target$by_position)) return(list(args = arguments))
  before <- target$by_position[target$by_position != "..."]
  absent <- before[!before %in% names(arguments)]
  if (length(absent)) bridge_abort(bridge_needs_argument(absent), target$call)
  unnamed <- !nzchar(names(arguments))
  list(args = c(arguments[before], arguments[unnamed], arguments[!unnamed & !names(arguments) %in% before]))
}

# Without `convert`, what Python returns stays there.
bridge_aim_dataset <- function(arguments, target) {
  if (!isFALSE(arguments[["convert"]])) return(bridge_aim_positions(arguments, target))
  bridge_import(target$module, target$call)
  load <- bridge_part(reticulate::import(target$module, convert = FALSE), target$name)
  target$kept <- list2env(stats::setNames(list(load), target$name), parent = emptyenv())
  bridge_aim_positions(arguments, target)
}

bridge_take_dataset <- function(arguments, target) {
  bridge_take_positions(arguments[names(arguments) != "convert"], target)
}

# What is for training and what for testing, by name.
bridge_result_dataset <- function(arrays, target) {
  if (bridge_is_python(arrays)) arrays <- reticulate::iterate(arrays, reticulate::iterate, simplify = FALSE)
  lapply(stats::setNames(arrays, c("train", "test")), stats::setNames, c("x", "y"))
}

# A class and a function ----------------------------------------------------------------------

# Losses and metrics: `name` has the class and the function that computes the same.
bridge_compared <- c("y_true", "y_pred")

bridge_aim_twin <- function(arguments, target) {
  has <- bridge_compared %in% names(Filter(Negate(is.null), arguments))
  if (sum(has) == 1L) {
    bridge_abort(sprintf(
      "`%s` must be given too: with `y_true` and `y_pred` the function computes; with neither, it makes the object. %s",
      bridge_compared[!has], "Name all other arguments."
    ), target$call)
  }
  target$name <- target$name[if (all(has)) 2L else 1L]
  target
}

bridge_take_twin <- function(arguments, target) {
  compared <- names(arguments) %in% bridge_compared
  if (is.null(arguments[["y_true"]])) return(list(args = arguments[!compared]))
  arguments[compared] <- lapply(arguments[compared], bridge_as_float_array)
  list(args = arguments)
}

# Places --------------------------------------------------------------------------------------

# Those that a function takes or returns count from 1, unless `zero_indexed` is TRUE.
bridge_aim_index <- function(arguments, target) {
  target$from_zero <- isTRUE(arguments[["zero_indexed"]])
  places <- vapply(target$kinds, function(kind) bridge_kind_of(kind)$counts, NA)
  if (target$from_zero) target$kinds[places] <- "int_data"
  target
}

bridge_take_index <- function(arguments, target) list(args = arguments[names(arguments) != "zero_indexed"])

bridge_result_index <- function(places, target) {
  if (target$from_zero) places else bridge_import("keras.ops")$add(places, 1L)
}

# The values that rank highest, and their places.
bridge_make_ranked <- function(args, target) {
  pair <- bridge_make(args, target)
  if (!is.list(pair)) pair <- reticulate::import_builtins()$list(pair)
  list(values = pair[[1L]], indices = bridge_result_index(pair[[2L]], target))
}

# A place in each row, from the places along each axis.
bridge_make_located <- function(args, target) {
  bridge_import("keras.ops")$stack(bridge_make(args, target), axis = -1L)
}

# Files ---------------------------------------------------------------------------------------

# As keras3's, they replace a file only where they are told to; Python would ask at its own console.
bridge_make_saved <- function(args, target) {
  bridge_check_overwrite(args[["filepath"]], args[["overwrite"]], target$call)
  args[["overwrite"]] <- TRUE
  bridge_make(args, target)
}

bridge_check_overwrite <- function(filepath, overwrite, call) {
  if (is.null(filepath)) bridge_abort(bridge_needs_argument("filepath"), call)
  path <- bridge_path(filepath)
  if (isTRUE(overwrite) || !bridge_is_string(path) || !file.exists(path)) return()
  if (interactive() && isTRUE(utils::askYesNo(sprintf("Overwrite the file %s?", path), default = FALSE))) return()
  bridge_abort(sprintf("The file %s exists. Give `overwrite = TRUE` to replace it.", path), call)
}

# Of Python's paths, the string. What is no path is left for Python to judge.
bridge_path <- function(path) {
  if (!bridge_is_python(path)) return(path)
  tryCatch(bridge_import("os")$fspath(path), error = function(e) path)
}

bridge_is_string <- function(x) is.character(x) && length(x) == 1L && !is.na(x)

# Ranges --------------------------------------------------------------------------------------

# From 1, and with the end.
bridge_make_range <- function(args, target) {
  has_end <- !isFALSE(args[["include_end"]])
  args <- args[names(args) != "include_end"]
  if (isTRUE(grepl("int", args[["dtype"]]))) args <- lapply(args, bridge_as_whole)
  if (is.null(args[["start"]])) return(bridge_make(args, target))
  if (is.null(args[["end"]])) {
    args[["end"]] <- args[["start"]]
    args[["start"]] <- if (is.integer(args[["end"]])) 1L else 1
  }
  step <- if (is.null(args[["step"]])) 1L else args[["step"]]
  if (has_end) args[["end"]] <- args[["end"]] + step
  bridge_make(args, target)
}
