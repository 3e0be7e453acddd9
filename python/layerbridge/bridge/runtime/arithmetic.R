# Arithmetic with Python objects, such as the tensors that a loss in R gets. Newer versions of
# reticulate have a method for each operator, which R takes before that of the group.

bridge_operators <- c(
  "+" = "add", "-" = "sub", "*" = "mul", "/" = "truediv", "^" = "pow", "%%" = "mod", "%/%" = "floordiv",
  "<" = "lt", "<=" = "le", ">" = "gt", ">=" = "ge", "==" = "eq", "!=" = "ne", "&" = "and_", "|" = "or_"
)

bridge_unary_operators <- c("+" = "pos", "-" = "neg", "!" = "invert")

bridge_arithmetic <- function(e1, e2) {
  operators <- reticulate::import("operator")
  if (missing(e2)) return(operators[[bridge_unary_operators[[.Generic]]]](e1))
  operators[[bridge_operators[[.Generic]]]](bridge_as_data(e1), bridge_as_data(e2))
}
