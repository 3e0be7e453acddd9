# The table of what a function may do with what it makes, which compose.R describes.

bridge_composer <- function(
  take = bridge_take_all,
  compose = bridge_compose_call,
  aim = function(arguments, target) target,
  result = function(value, target) bridge_callable(value, compose),
  first = character(),
  represents = TRUE
) {
  list(aim = aim, take = take, result = result, compose = compose, first = first, represents = represents)
}

bridge_index <- function(...) bridge_composer(take = bridge_take_index, aim = bridge_aim_index, represents = FALSE, ...)

bridge_method <- function(take = function(arguments, target) arguments, ...) {
  bridge_composer(
    take = function(arguments, target) list(args = take(arguments[names(arguments) != target$self], target)),
    aim = bridge_aim_method, represents = FALSE, ...
  )
}

bridge_composers <- list(
  layer = bridge_composer(bridge_take_object, bridge_compose_object, first = "object"),
  merge = bridge_composer(bridge_take_merged, bridge_compose_merged, first = "inputs"),
  inputs = bridge_composer(bridge_take_several, bridge_compose_several, first = "inputs"),
  none = bridge_composer(),
  initializer = bridge_composer(compose = bridge_compose_shape),
  schedule = bridge_composer(compose = bridge_compose_numbers),
  "function" = bridge_composer(bridge_take_positions, aim = bridge_aim_positions, result = bridge_result_function),
  dataset = bridge_composer(bridge_take_dataset, aim = bridge_aim_dataset, result = bridge_result_dataset),
  twin = bridge_composer(bridge_take_twin, aim = bridge_aim_twin, first = bridge_compared),
  indexing = bridge_index(),
  indexed = bridge_index(result = bridge_result_index),
  method = bridge_method(result = bridge_returned),
  trained = bridge_method(bridge_take_samples, result = bridge_result_trained)
)
