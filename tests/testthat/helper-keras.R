# A test that needs Keras skips, and says so, where Keras is not; no Python is started
# only to find that out.
skip_if_no_keras <- function() {
  skip_if_not(layerbridge_available(), "Keras 3 is not available in Python")
}

skip_if_no_wrap_layers <- function() {
  skip_if_not(layerbridge_available(wrap_layers = TRUE), "Python lacks Keras 3, or what wrap_layers() needs")
}

keras <- function() reticulate::import("keras")

shape <- function(...) {
  do.call(reticulate::tuple, lapply(list(...), function(n) if (is.null(n)) n else as.integer(n)))
}

sequential <- function(...) {
  model <- keras()$Sequential()
  model$add(keras()$Input(shape = shape(...)))
  model
}

symbolic <- function(...) keras()$Input(shape = shape(...))

# The last layer's settings, as Python sees them.
config <- function(x) {
  layer <- if (inherits(x, "keras.src.models.model.Model")) x$layers[[length(x$layers)]] else x
  layer$get_config()
}

is_layer <- function(x, class) {
  reticulate::py_eval("lambda x, c: type(x).__name__ == c and type(x).__module__.startswith('layerbridge')")(x, class)
}

same_object <- function(x, y) reticulate::py_id(x) == reticulate::py_id(y)

as_r <- function(tensor) as.array(keras()$ops$convert_to_numpy(tensor))

# Every dropped cell lies in some k x k block that is dropped as a whole.
union_of_blocks <- function(dropped, k) {
  covered <- array(FALSE, dim(dropped))
  for (i in seq_len(nrow(dropped) - k + 1)) {
    for (j in seq_len(ncol(dropped) - k + 1)) {
      rows <- i + seq_len(k) - 1
      columns <- j + seq_len(k) - 1
      if (all(dropped[rows, columns])) covered[rows, columns] <- TRUE
    }
  }
  identical(covered, dropped)
}

# The functions that are made for all of Keras.
keras_functions <- local({
  found <- NULL
  function() {
    if (is.null(found)) found <<- wrap_library("keras")
    found
  }
})
