# Tensors as R values: their dimensions, their conversion, and what R's functions make of them. They
# are those of TensorFlow, JAX and PyTorch, variables, and symbolic ones, which have no values.

# Tensors, by the class that those of a backend share. reticulate has methods for all Python objects,
# which R takes after those here.
bridge_tensors <- c(
  "keras.src.backend.common.keras_tensor.KerasTensor", "keras.src.backend.common.variables.Variable",
  "tensorflow.python.types.core.Tensor", "jax.Array", "torch.Tensor"
)

# The classes of tensors that stand for values which come later: in a model's graph, and where a
# backend compiles a function.
bridge_symbols <- c(
  bridge_tensors[1L], "tensorflow.python.framework.ops.SymbolicTensor", "jax._src.core.Tracer"
)

bridge_is_tensor <- function(x) inherits(x, bridge_tensors)

bridge_of_keras <- function(name) bridge_import("keras.ops")[[name]]

# Where keras3 is loaded, its methods for tensors of TensorFlow come first by their class. Those of
# other backends, and symbolic ones, it leaves to Python, and so does this, with a message at the first use.
bridge_is_left_to_python <- function(x, what, instead) {
  if (!isNamespaceLoaded("keras3") || inherits(x, "tensorflow.python.types.core.Tensor")) return(FALSE)
  bridge_once(what, sprintf(
    "keras3 is loaded, so %s of this tensor works as in Python, not as in R: %s.", what, instead
  ))
  TRUE
}

bridge_told <- new.env(parent = emptyenv())

bridge_once <- function(key, text) {
  if (is.null(bridge_told[[key]])) message(text)
  bridge_told[[key]] <- TRUE
}

# Dimensions ----------------------------------------------------------------------------------

# NA where a size is not known, NULL where not even the number of axes is.
bridge_dim <- function(x) {
  shape <- x$shape
  if (inherits(shape, "tensorflow.python.framework.tensor_shape.TensorShape")) {
    if (is.null(shape$rank)) return(NULL)
    shape <- shape$as_list()
  }
  if (bridge_is_python(shape)) shape <- reticulate::import_builtins()$list(shape)
  vapply(shape, function(size) if (is.numeric(size)) as.integer(size) else NA_integer_, 0L)
}

bridge_dim_of_tensor <- function(x) {
  if (bridge_is_left_to_python(x, "dim()", "use `op_shape(x)`")) NextMethod() else bridge_dim(x)
}

bridge_length_of_tensor <- function(x) {
  if (bridge_is_left_to_python(x, "length()", "it counts along the first axis; use `prod(op_shape(x))`")) {
    return(NextMethod())
  }
  sizes <- bridge_dim(x)
  if (is.null(sizes)) NA_integer_ else as.integer(prod(sizes))
}

# Conversion ----------------------------------------------------------------------------------

bridge_array <- function(x, generic) {
  bridge_check_session(x, "The tensor", NULL)
  if (inherits(x, bridge_symbols)) {
    bridge_abort(sprintf(
      "`%s()` needs the values of a tensor, and this one is symbolic: it has values only when the model is called. %s",
      generic, "Use operators and `op_*()` functions on it."
    ), NULL)
  }
  if (bridge_type(x) == "string") return(bridge_strings(x))
  if (bridge_type(x) == "bfloat16") x <- bridge_of_keras("cast")(x, "float32")
  bridge_python(bridge_of_keras("convert_to_numpy")(x), NULL)
}

bridge_type <- function(x) {
  type <- x$dtype
  if (bridge_is_python(type)) type <- if (reticulate::py_has_attr(type, "name")) type$name else as.character(type)
  sub("^torch[.]", "", type)
}

bridge_strings <- function(x) {
  numpy <- reticulate::import("numpy", convert = FALSE)
  bytes <- numpy$array(reticulate::r_to_py(x)$numpy(), dtype = "S")
  text <- reticulate::py_to_r(numpy$char$decode(bytes, "utf-8"))
  if (is.array(text)) text else array(text)
}

bridge_to_array <- function(x, ...) bridge_array(x, "as.array")

# The methods of R's generics that take the values of a tensor as an R array.
bridge_by_value <- function(generic) {
  force(generic)
  function(x, ...) {
    values <- bridge_array(x, generic)
    get(generic)(values, ...)
  }
}

bridge_converters <- c(
  "as.matrix", "as.vector", "as.double", "as.numeric", "as.integer", "as.logical", "as.character", "as.list",
  "as.data.frame", "anyNA", "median", "quantile", "summary", "unique"
)

# Truth values in R, where there are values.
bridge_is_na <- function(x) {
  if (inherits(x, bridge_symbols)) bridge_of_keras("isnan")(x) else is.na(bridge_array(x, "is.na"))
}

bridge_all_equal <- function(target, current, ...) {
  values <- function(x) if (bridge_is_tensor(x)) bridge_array(x, "all.equal") else x
  all.equal(values(target), values(current), ...)
}

# On one line, with R's sizes.
bridge_str <- function(object, ...) {
  cat(sprintf(" <%s: shape (%s), %s>\n", class(object)[1L], toString(bridge_dim(object)), bridge_type(object)))
}

# Order ---------------------------------------------------------------------------------------

bridge_transpose <- function(x) if (length(bridge_dim(x)) == 1L) x else bridge_of_keras("transpose")(x)

bridge_permute <- function(a, perm = NULL, ...) {
  bridge_of_keras("transpose")(a, if (!is.null(perm)) reticulate::tuple(as.list(as.integer(perm) - 1L)))
}

bridge_reverse <- function(x) {
  bridge_check_vector(x, "rev", "op_flip")
  bridge_of_keras("flip")(x)
}

# Along the last axis.
bridge_sort <- function(x, decreasing = FALSE, ...) {
  bridge_no_more("sort", list(...))
  sorted <- bridge_of_keras("sort")(x)
  if (decreasing) bridge_of_keras("flip")(sorted, axis = -1L) else sorted
}

bridge_repeat <- function(x, times = 1, ...) {
  bridge_check_vector(x, "rep", "op_tile")
  bridge_no_more("rep", list(...))
  bridge_of_keras("tile")(x, reticulate::tuple(as.integer(times)))
}

bridge_check_vector <- function(x, generic, instead) {
  rank <- length(bridge_dim(x))
  if (rank == 1L) return()
  bridge_abort(sprintf(
    "`%s()` takes a tensor with one axis; received one with %d. Use `%s()`.", generic, rank, instead
  ), NULL)
}

# Columns or rows side by side; a vector is one.
bridge_bind <- function(axis, generic) {
  function(..., deparse.level = 1) {
    parts <- list(...)
    tensors <- Filter(bridge_is_tensor, parts)
    parts <- lapply(parts, bridge_as_operand, tensors)
    ranks <- vapply(parts, function(part) if (bridge_is_tensor(part)) length(bridge_dim(part)) else 0L, 0L)
    if (all(ranks == 1L)) return(bridge_of_keras("stack")(unname(parts), axis = axis))
    if (all(ranks == 2L)) return(bridge_of_keras("concatenate")(unname(parts), axis = axis))
    bridge_abort(sprintf(
      "`%s()` takes tensors that have two axes each, or one each. Use `op_concatenate()` or `op_stack()`.", generic
    ), NULL)
  }
}

bridge_no_more <- function(generic, more) {
  if (!length(Filter(Negate(isFALSE), more))) return()
  bridge_abort(
    sprintf("`%s()` of a tensor takes no further arguments. Use an `op_*()` function.", generic), NULL
  )
}

# Changing ------------------------------------------------------------------------------------

bridge_no_assignment <- function(x, ..., value) {
  if (isNamespaceLoaded("keras3")) return(NextMethod())
  bridge_abort(paste(
    "A tensor cannot be changed in place. Make a new one: `op_where()` for a condition, `op_scatter_update()`",
    "for indices, `op_slice_update()` for a range; a variable has `$assign()`."
  ), NULL)
}

# By name it is an attribute of the Python object.
bridge_no_element <- function(x, i, ..., value) {
  if (is.character(i) || isNamespaceLoaded("keras3")) NextMethod() else bridge_no_assignment(x, i, ..., value = value)
}

# The methods for tensors, by generic ---------------------------------------------------------

bridge_tensor_methods <- function() {
  c(
    list(
      "[" = bridge_subset, "[[" = bridge_element, "[<-" = bridge_no_assignment, "[[<-" = bridge_no_element,
      dim = bridge_dim_of_tensor, length = bridge_length_of_tensor, as.array = bridge_to_array, is.na = bridge_is_na,
      is.nan = function(x) bridge_of_keras("isnan")(x), is.finite = function(x) bridge_of_keras("isfinite")(x),
      is.infinite = function(x) bridge_of_keras("isinf")(x), all.equal = bridge_all_equal, str = bridge_str,
      t = bridge_transpose, aperm = bridge_permute, rev = bridge_reverse, sort = bridge_sort, rep = bridge_repeat,
      cbind = bridge_bind(1L, "cbind"), rbind = bridge_bind(0L, "rbind"),
      Math = bridge_of_tensor, Summary = bridge_of_tensor, mean = bridge_of_tensor, Complex = bridge_complex,
      Ops = bridge_arithmetic
    ),
    sapply(bridge_converters, bridge_by_value),
    if (getRversion() >= "4.3") list(matrixOps = bridge_product)
  )
}
