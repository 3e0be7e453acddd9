# Operators and mathematics with Python objects, such as the tensors that a loss in R gets.

bridge_operators <- c(
  "+" = "add", "-" = "sub", "*" = "mul", "/" = "truediv", "^" = "pow", "%%" = "mod", "%/%" = "floordiv",
  "<" = "lt", "<=" = "le", ">" = "gt", ">=" = "ge", "==" = "eq", "!=" = "ne", "&" = "and_", "|" = "or_"
)

bridge_unary_operators <- c("+" = "pos", "-" = "neg", "!" = "invert")

bridge_arithmetic <- function(e1, e2) {
  operators <- reticulate::import("operator")
  if (missing(e2)) return(operators[[bridge_unary_operators[[.Generic]]]](e1))
  operators[[bridge_operators[[.Generic]]]](bridge_as_operand(e1), bridge_as_operand(e2))
}

# A whole number may be added to tensors of any type.
bridge_as_operand <- function(x) if (is.null(dim(x))) bridge_as_any(bridge_as_data(x)) else x

# Tensors, by the class that those of a backend share. reticulate has methods for operators with
# all Python objects, which R takes before that of the group for the same class, and which, in
# old versions, compare tensors as if they were single values.
bridge_tensors <- c(
  "keras.src.backend.common.keras_tensor.KerasTensor", "keras.src.backend.common.variables.Variable",
  "tensorflow.python.types.core.Tensor", "jax.Array", "torch.Tensor"
)

# R's functions in the groups Math and Summary, by those of keras.ops, and mean().
bridge_math <- c(
  abs = "abs", sign = "sign", sqrt = "sqrt", floor = "floor", ceiling = "ceil", trunc = "trunc", round = "round",
  exp = "exp", expm1 = "expm1", log = "log", log1p = "log1p", log2 = "log2", log10 = "log10",
  cos = "cos", sin = "sin", tan = "tan", acos = "arccos", asin = "arcsin", atan = "arctan",
  cosh = "cosh", sinh = "sinh", tanh = "tanh", acosh = "arccosh", asinh = "arcsinh", atanh = "arctanh",
  sum = "sum", prod = "prod", max = "max", min = "min", all = "all", any = "any", mean = "mean"
)

bridge_of_tensor <- function(x, ...) {
  if (!.Generic %in% names(bridge_math)) {
    bridge_abort(sprintf("`%s()` does not take a tensor. Use a function of `keras.ops`.", .Generic), NULL)
  }
  if (length(Filter(Negate(isFALSE), list(...)))) {
    bridge_abort(
      sprintf("`%s()` of a tensor takes no further arguments. Use a function of `keras.ops`.", .Generic), NULL
    )
  }
  bridge_import("keras.ops")[[bridge_math[[.Generic]]]](x)
}
