# `[` and `[[` of tensors: places count from 1, both ends are included, and the last is also -1. As in
# keras3 an axis is dropped where one place is taken of it, and kept where a range or several are.

bridge_subset <- function(x, ..., drop = TRUE) {
  if (bridge_is_left_to_python(x, "`[`", "it counts from 0, without the end. `op_subset(x, ...)` counts from 1")) {
    return(NextMethod())
  }
  written <- eval(substitute(alist(...)))
  indices <- lapply(unname(written), bridge_index_of, parent.frame())
  indices <- bridge_fill(indices, x)
  if (bridge_is_mask(indices)) return(bridge_masked(x, indices[[1L]]))
  bridge_picked(x, indices, drop)
}

bridge_element <- function(x, i, ...) {
  if (missing(i)) bridge_wrong_index("`[[` takes one place along each axis of the tensor")
  if (is.character(i) || isNamespaceLoaded("keras3")) return(NextMethod())
  indices <- list(i, ...)
  scalars <- vapply(indices, function(index) is.numeric(index) && length(index) == 1L, NA)
  if (!all(scalars) || length(indices) != length(bridge_dim(x))) {
    bridge_wrong_index(sprintf(
      "`[[` takes one place along each axis of the tensor, which has %d", length(bridge_dim(x))
    ))
  }
  do.call(bridge_subset, c(list(x), indices), quote = TRUE)
}

bridge_wrong_index <- function(text, index = NULL) {
  bridge_abort(paste0(text, if (!is.null(index)) paste0("; received ", bridge_describe(index)), "."), NULL)
}

# What was written ----------------------------------------------------------------------------

# A range, which Python makes of what is written with `:`, so that its ends may be negative, NULL or NA.
bridge_range <- function(from = NULL, to = NULL, by = NULL) {
  structure(list(from = from, to = to, by = by), class = "bridge_range")
}

# The value of an index. NULL makes a new axis, and nothing at all is the whole axis.
bridge_index_of <- function(written, env) {
  if (identical(written, quote(expr = ))) return(bridge_range()) # nolint: spaces_inside_linter.
  if (!bridge_is_colon(written)) {
    index <- eval(written, env)
    return(if (!isTRUE(attr(index, "newaxis"))) bridge_written_as_range(index))
  }
  parts <- as.list(written)[-1L]
  if (bridge_is_colon(parts[[1L]])) parts <- c(as.list(parts[[1L]])[-1L], parts[-1L])
  do.call(bridge_range, unname(lapply(parts, function(part) bridge_end(eval(part, env)))))
}

bridge_is_colon <- function(x) is.call(x) && identical(x[[1L]], quote(`:`))

bridge_end <- function(x) {
  if (is.null(x) || (is.atomic(x) && length(x) == 1L && is.na(x))) return(NULL)
  if (bridge_is_tensor(x)) return(x)
  if (!bridge_is_scalar(x) || !bridge_is_whole(x)) bridge_wrong_index("The ends of a range must be whole numbers", x)
  as.integer(x)
}

# Values in sequence are a range, which Python takes without a copy.
bridge_written_as_range <- function(x) {
  in_sequence <- is.numeric(x) && is.null(dim(x)) && length(x) > 1L && !anyNA(x) && all(x > 0) && all(diff(x) == 1)
  if (in_sequence) bridge_range(as.integer(x[1L]), as.integer(x[length(x)])) else x
}

# Which axes ----------------------------------------------------------------------------------

bridge_is_ellipsis <- function(x) inherits(x, "python.builtin.ellipsis")

# An index for each axis, where `...` of Python, or too few, stand for whole axes.
bridge_fill <- function(indices, x) {
  if (bridge_is_mask(indices)) return(indices)
  taken <- sum(!vapply(indices, is.null, NA))
  dots <- which(vapply(indices, bridge_is_ellipsis, NA))
  sizes <- bridge_dim(x)
  rank <- if (is.null(sizes)) taken else length(sizes)
  if (taken - length(dots) > rank) {
    bridge_wrong_index(sprintf("A tensor with %d axes takes as many indices; received %d", rank, taken))
  }
  if (length(dots) == 1L) {
    rest <- rep(list(bridge_range()), rank - taken + 1L)
    return(c(indices[seq_len(dots - 1L)], rest, indices[-seq_len(dots)]))
  }
  whole <- all(vapply(Filter(Negate(is.null), indices), identical, NA, bridge_range()))
  if (taken < rank && !whole) {
    warning(sprintf(
      "A tensor with %d axes takes an index for each; received %d, so the rest is taken whole. Write it out: `x[1, ]`.",
      rank, taken
    ), call. = FALSE)
  }
  c(indices, rep(list(bridge_range()), rank - taken))
}

# One tensor of truth values, for the elements where they are true, row by row.
bridge_is_mask <- function(indices) {
  length(indices) == 1L && bridge_is_tensor(indices[[1L]]) && bridge_type(indices[[1L]]) == "bool"
}

bridge_masked <- function(x, mask) {
  if (any(vapply(list(x, mask), inherits, NA, bridge_symbols))) {
    bridge_abort(paste(
      "A symbolic tensor cannot be indexed by logical values: how many are TRUE is not known.",
      "Use `op_where()`."
    ), NULL)
  }
  bridge_import("operator")$getitem(x, mask)
}

# What is taken -------------------------------------------------------------------------------

# First what Python's own index takes, ranges and single places, then several places along an axis, one after another.
bridge_picked <- function(x, indices, drop) {
  axes <- cumsum(!vapply(indices, is.null, NA))
  sizes <- bridge_dim(x)
  places <- Map(function(index, axis) bridge_places(index, sizes[axis], axis), indices, axes)
  several <- vapply(places, bridge_is_several, NA)
  keys <- Map(bridge_key, places, drop)
  x <- bridge_import("operator")$getitem(x, reticulate::tuple(unname(keys)))
  dropped <- drop & vapply(places, bridge_is_single, NA)
  at <- cumsum(!dropped) - 1L
  for (i in which(several)) x <- bridge_of_keras("take")(x, places[[i]], axis = at[i])
  x
}

bridge_is_several <- function(places) is.array(places)

bridge_is_single <- function(places) is.integer(places) && !is.array(places)

# Counted from 0: a number, an array of several, a range as Python has it, or NULL for a new axis.
bridge_places <- function(index, size, axis) {
  if (is.null(index)) return(NULL)
  if (inherits(index, "bridge_range")) return(bridge_range_places(index, size, axis))
  if (is.logical(index)) return(bridge_true_places(index, size, axis))
  if (bridge_is_python(index)) {
    bridge_abort(paste(
      "A tensor is indexed by R's numbers, by ranges, or by one logical tensor.",
      "If the indices are a tensor, use `op_take(x, indices, axis)`, which counts from 1."
    ), NULL)
  }
  if (!is.numeric(index) || !length(index) || anyNA(index) || any(index != trunc(index)) || length(dim(index)) > 1L) {
    bridge_wrong_index(sprintf("Indices along axis %d must be whole numbers", axis), index)
  }
  bridge_from_zero(index, size, axis)
}

bridge_from_zero <- function(index, size, axis) {
  if (any(index == 0)) bridge_wrong_index(sprintf("Indices along axis %d count from 1", axis), index)
  if (!is.na(size) && any(abs(index) > size)) {
    bridge_wrong_index(sprintf("Axis %d has length %d", axis, size), index)
  }
  if (any(index < 0)) {
    bridge_once("negative", "Negative indices of a tensor count from the end of the axis; they leave nothing out.")
  }
  places <- as.integer(ifelse(index > 0, index - 1, if (is.na(size)) index else index + size))
  if (length(places) > 1L) as.array(places) else places
}

bridge_true_places <- function(index, size, axis) {
  if (anyNA(index) || length(dim(index)) > 1L || !(is.na(size) || length(index) == size)) {
    bridge_wrong_index(sprintf("A logical index for axis %d must have length %d", axis, size), index)
  }
  as.array(which(index) - 1L)
}

# One that goes down is a number of places, as not every backend goes backwards.
bridge_range_places <- function(index, size, axis) {
  ends <- Filter(is.numeric, index[c("from", "to")])
  places <- lapply(ends, bridge_from_zero, size, axis)
  by <- index$by
  down <- length(ends) == 2L && places$from > places$to && sign(ends$from) == sign(ends$to)
  if (down) return(as.array(seq.int(places$from, places$to, by = if (is.null(by)) -1L else -abs(by))))
  from <- if (bridge_is_tensor(index$from)) index$from - 1L else places$from
  to <- if (bridge_is_tensor(index$to)) index$to else bridge_past(places$to)
  structure(list(from = from, to = to, by = by), class = "bridge_slice")
}

bridge_past <- function(place) if (!is.null(place) && place != -1L) place + 1L

bridge_key <- function(places, drop) {
  slice <- reticulate::import_builtins(convert = FALSE)$slice
  if (is.null(places)) return(NULL)
  if (inherits(places, "bridge_slice")) return(slice(places$from, places$to, places$by))
  if (bridge_is_several(places)) return(slice(NULL))
  if (drop) return(places)
  slice(places, bridge_past(places))
}
