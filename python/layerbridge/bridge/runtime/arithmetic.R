# Operators and mathematics with Python objects, such as the tensors that a loss in R gets.

bridge_operators <- c(
  "+" = "add", "-" = "sub", "*" = "mul", "/" = "truediv", "^" = "pow", "%%" = "mod", "%/%" = "floordiv",
  "<" = "lt", "<=" = "le", ">" = "gt", ">=" = "ge", "==" = "eq", "!=" = "ne", "&" = "and_", "|" = "or_"
)

bridge_unary_operators <- c("-" = "neg", "!" = "invert")

# Where Python's operators do not ask for each element: symbolic tensors compare as objects, and
# numbers have no truth.
bridge_of_elements <- c(
  "==" = "equal", "!=" = "not_equal", "&" = "logical_and", "|" = "logical_or", "!" = "logical_not"
)

bridge_arithmetic <- function(e1, e2) {
  if (missing(e2) && .Generic == "+") return(e1)
  operands <- if (missing(e2)) list(e1) else bridge_with_fractions(list(e1, e2))
  tensors <- Filter(bridge_is_tensor, operands)
  operands <- lapply(operands, bridge_as_operand, tensors)
  do.call(bridge_operation(.Generic, operands, length(tensors) > 0L), operands, quote = TRUE)
}

bridge_operation <- function(operator, operands, of_tensors) {
  if (of_tensors && operator %in% names(bridge_of_elements)) return(bridge_of_keras(bridge_of_elements[[operator]]))
  names <- if (length(operands) > 1L) bridge_operators else bridge_unary_operators
  bridge_import("operator")[[names[[operator]]]]
}

# Beside a number with a fraction, whole numbers become such, which TensorFlow refuses and R does not.
bridge_with_fractions <- function(operands) {
  fractions <- Filter(function(x) is.double(x) && any(x != trunc(x), na.rm = TRUE), operands)
  if (!length(fractions)) return(operands)
  lapply(operands, function(x) {
    whole <- bridge_is_tensor(x) && grepl("int", bridge_type(x))
    if (whole) bridge_of_keras("cast")(x, bridge_import("keras.config")$floatx()) else x
  })
}

# A number by itself takes the type of the tensor beside it in Python, and an array does so here, unless that would
# cut it off.
bridge_as_operand <- function(x, tensors) {
  if (!is.atomic(x) || is.character(x)) return(x)
  if (is.null(dim(x)) && length(x) == 1L) return(bridge_as_any(x))
  if (!length(tensors)) return(bridge_as_data(x))
  type <- bridge_type(tensors[[1L]])
  fits <- is.numeric(x) && (grepl("float", type) || (grepl("int", type) && bridge_is_whole(x)))
  bridge_of_keras("convert_to_tensor")(as.array(x), if (fits) type)
}

bridge_product <- function(x, y) {
  tensors <- Filter(bridge_is_tensor, list(x, y))
  bridge_of_keras("matmul")(bridge_as_operand(x, tensors), bridge_as_operand(y, tensors))
}

# R's functions in the groups Math and Summary, by those of keras.ops, and mean().
bridge_math <- c(
  abs = "abs", sign = "sign", sqrt = "sqrt", floor = "floor", ceiling = "ceil", trunc = "trunc", round = "round",
  exp = "exp", expm1 = "expm1", log = "log", log1p = "log1p", log2 = "log2", log10 = "log10",
  cos = "cos", sin = "sin", tan = "tan", acos = "arccos", asin = "arcsin", atan = "arctan",
  cosh = "cosh", sinh = "sinh", tanh = "tanh", acosh = "arccosh", asinh = "arcsinh", atanh = "arctanh",
  sum = "sum", prod = "prod", max = "max", min = "min", all = "all", any = "any", mean = "mean"
)

bridge_reductions <- c("sum", "prod", "max", "min", "all", "any", "mean")

bridge_of_tensor <- function(x, ...) {
  generic <- .Generic
  more <- list(...)
  if (isFALSE(more$na.rm)) more$na.rm <- NULL
  if (generic == "range") return(bridge_extremes(x, more))
  if (generic %in% c("round", "log")) return(bridge_of_two(generic, x, more))
  if (!generic %in% names(bridge_math)) {
    bridge_abort(sprintf("`%s()` does not take a tensor. Use an `op_*()` function.", generic), NULL)
  }
  if (generic %in% bridge_reductions) return(bridge_reduced(generic, x, more))
  bridge_no_more(generic, more)
  bridge_of_keras(bridge_math[[generic]])(x)
}

# R's functions in the group Complex.
bridge_complex <- function(z) {
  bridge_of_keras(c(Re = "real", Im = "imag", Mod = "abs", Arg = "angle", Conj = "conj")[[.Generic]])(z)
}

# Of one tensor along axes, or of all that is in several.
bridge_reduced <- function(generic, x, more) {
  named <- bridge_is_named(more)
  bridge_no_more(generic, more[named & !names(more) %in% c("axis", "keepdims")])
  reduce <- bridge_of_keras(generic)
  if (!all(named) && generic != "mean") {
    each <- lapply(unname(c(list(x), more[!named])), function(part) reduce(bridge_as_operand(part, list(x))))
    x <- bridge_of_keras("stack")(each)
    more <- more[named]
  }
  bridge_no_more(generic, more[!bridge_is_named(more)])
  do.call(reduce, c(list(x), bridge_along(more)), quote = TRUE)
}

# Axes count from 1.
bridge_along <- function(more) {
  if (!is.null(more$axis)) more$axis <- bridge_as(more$axis, "axis", "axis", NULL)
  more
}

bridge_extremes <- function(x, more) {
  bridge_no_more("range", more)
  bridge_of_keras("stack")(list(bridge_of_keras("min")(x), bridge_of_keras("max")(x)))
}

# round() to digits, and log() to a base.
bridge_of_two <- function(generic, x, more) {
  if (!length(more)) return(bridge_of_keras(generic)(x))
  bridge_no_more(generic, more[-1L])
  if (generic == "round") bridge_of_keras("round")(x, as.integer(more[[1L]]))
  else bridge_of_keras("log")(x) / log(more[[1L]])
}
