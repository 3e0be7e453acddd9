# How a function composes what it makes: a row of bridge_composers.
# - aim(arguments, target) returns the target, where what is called depends on what the user gave;
# - take(arguments, target) splits what the user gave into `args`, for Python's constructor, and
#   `inputs`, a list, which is empty if the user wants the object itself;
# - result(value, target) is what the function returns of what Python makes, in that case;
# - compose(value, inputs, call) is what it returns otherwise. Unnamed inputs come first;
# - first names the arguments that the function has before those of Python;
# - represents tells whether the function, as an argument, stands for what it calls.

# One input, or a Sequential model.
bridge_take_object <- function(arguments, target) {
  object <- arguments[["object"]]
  further <- bridge_is_of_call(arguments, target)
  args <- arguments[!further & names(arguments) != "object"]
  if (is.null(object)) {
    if (any(further)) bridge_abort(bridge_no_call(names(arguments)[further]), target$call)
    return(list(args = args))
  }
  bridge_check_object(object, target, complete = !length(bridge_absent(args, target)))
  list(args = args, inputs = c(list(object), arguments[further]))
}

bridge_compose_object <- function(layer, inputs, call) {
  object <- if (length(inputs)) inputs[[1L]]
  if (!bridge_is_sequential(object)) {
    return(bridge_apply(layer, inputs, call, bridge_wrong_object(object)))
  }
  if (length(inputs) > 1L) {
    bridge_abort(paste0(
      "A layer that is added to a Sequential model takes no further arguments; received ",
      bridge_describe_argument(inputs[2L]), ". Give them where the model is called."
    ), call)
  }
  bridge_python(bridge_add(object, layer), call)
  invisible(object)
}

# A layer on which the model cannot be called does not stay in it.
bridge_add <- function(model, layer) {
  layers <- function() length(model[["_layers"]])
  before <- layers()
  on.exit(while (layers() > before) model$pop(rebuild = layers() > 1L))
  model$add(layer)
  before <- Inf
}

# Several inputs that the layer takes as one list: `inputs`, then the unnamed ones.
bridge_take_merged <- function(arguments, target) {
  unnamed <- !nzchar(names(arguments))
  inputs <- c(bridge_as_inputs(arguments[["inputs"]]), unname(arguments[unnamed]))
  list(
    args = arguments[!unnamed & names(arguments) != "inputs"],
    inputs = if (length(inputs)) list(inputs)
  )
}

bridge_compose_merged <- function(layer, inputs, call) {
  named <- bridge_is_named(inputs)
  merged <- unlist(lapply(unname(inputs[!named]), bridge_as_inputs), recursive = FALSE)
  merged <- lapply(unname(merged), bridge_as_input)
  bridge_apply(layer, c(if (length(merged)) list(merged), inputs[named]), call)
}

# Several inputs that are arguments of the layer's call: `inputs`, then those by name.
bridge_take_several <- function(arguments, target) {
  is_inputs <- names(arguments) %in% c("inputs", "object") # as keras3 names it for some layers
  inputs <- unname(Filter(Negate(is.null), arguments[is_inputs]))
  if (length(inputs) > 1L) bridge_abort("`inputs` was given more than once, also as `object`.", target$call)
  arguments <- arguments[!is_inputs]
  further <- bridge_is_of_call(arguments, target)
  stray <- Filter(bridge_is_symbolic, arguments[setdiff(names(target$arguments), c("inputs", "..."))])
  if (length(stray)) {
    bridge_abort(sprintf(
      "`%s` must not be a tensor. Pass several inputs as a list, `list(a, b)`, or by name: %s.",
      names(stray)[1L], bridge_ticked(target$inputs)
    ), target$call)
  }
  list(args = arguments[!further], inputs = c(inputs, arguments[further]))
}

# Which arguments are those of the layer's call, not of its class.
bridge_is_of_call <- function(arguments, target) {
  names(arguments) %in% setdiff(target$inputs, names(target$arguments))
}

bridge_compose_several <- function(layer, inputs, call) {
  named <- bridge_is_named(inputs)
  if (any(vapply(inputs, bridge_is_sequential, NA))) {
    bridge_abort(paste(
      "A layer that takes several inputs cannot be added to a Sequential model.",
      "Call it on a list of tensors or arrays."
    ), call)
  }
  bridge_apply(
    layer, c(unlist(lapply(inputs[!named], bridge_as_inputs), recursive = FALSE), inputs[named]), call
  )
}

# Never composed: the user gets what Python made.
bridge_take_all <- function(arguments, target) list(args = arguments)

# A vector is an array of one axis. A model is a layer, too, which a Sequential model takes.
bridge_compose_call <- function(object, inputs, call) {
  if (length(inputs) && bridge_is_sequential(inputs[[1L]]) && inherits(object, "keras.src.layers.layer.Layer")) {
    return(bridge_compose_object(object, inputs, call))
  }
  bridge_python(do.call(object, lapply(inputs, bridge_as_data), quote = TRUE), call)
}

# An initializer called on a shape.
bridge_compose_shape <- function(object, inputs, call) {
  inputs[[1L]] <- bridge_as(inputs[[1L]], "shape", "shape", call)
  bridge_python(do.call(object, inputs, quote = TRUE), call)
}

# A schedule called on steps gives its rates as numbers, whatever the backend.
bridge_compose_numbers <- function(object, inputs, call) {
  if (!length(inputs) || !bridge_is_vector(inputs[[1L]])) return(bridge_compose_call(object, inputs, call))
  bridge_check_value(inputs[[1L]], "float", "step", call)
  numbers <- bridge_import("keras", call)$ops$convert_to_numpy
  rate_at <- function(step) as.numeric(numbers(bridge_compose_call(object, list(bridge_as_int(step)), call)))
  vapply(inputs[[1L]], rate_at, 0)
}

# Calls a layer. Values that do not become arrays, such as strings, are sent as they are.
bridge_apply <- function(layer, inputs, call, wrong = bridge_wrong_inputs(inputs)) {
  named <- bridge_is_named(inputs)
  if (inherits(layer, bridge_of_text)) inputs <- lapply(inputs, bridge_labels)
  inputs <- lapply(inputs, bridge_as_input)
  inputs[named] <- lapply(inputs[named], bridge_as_option)
  bridge_python(
    do.call(layer, inputs, quote = TRUE), call,
    function(text) if (bridge_takes(layer, inputs[!named])) bridge_call_refusal(text, layer, inputs) else wrong
  )
}

# By position, only some of Keras's layers take anything but tensors.
bridge_takes <- function(layer, inputs) {
  isTRUE(layer[["_allow_non_tensor_positional_args"]]) || all(vapply(inputs, bridge_is_data, NA))
}

# A number by itself, text, a function or a layer is no tensor, nor will it be one.
bridge_is_data <- function(x) {
  if (bridge_is_list(x)) return(all(vapply(bridge_as_inputs(x), bridge_is_data, NA)))
  if (bridge_is_python(x)) return(!inherits(x, "keras.src.layers.layer.Layer"))
  !is.function(x) && !bridge_is_vector(x)
}

# Inputs --------------------------------------------------------------------------------------

# Layers that take the labels of a factor, not their numbers.
bridge_of_text <- paste0("keras.src.layers.preprocessing.", c(
  "hashing.Hashing", "string_lookup.StringLookup", "text_vectorization.TextVectorization"
))

bridge_labels <- function(x) if (is.factor(x)) as.character(x) else x

# A vector of numbers is an array of one axis, and a list of vectors is one of rows, which may
# differ in length.
bridge_as_input <- function(x) {
  if (bridge_is_plain_list(x)) {
    ragged <- all(vapply(x, bridge_is_vector, NA)) && any(lengths(x) > 1L)
    return(lapply(x, if (ragged) as.list else bridge_as_input))
  }
  if (is.factor(x)) return(bridge_data_of_object(x))
  if (bridge_is_vector(x) && !is.character(x) && length(x) > 1L) as.array(x) else x
}

# A number by itself, given by name, is a setting rather than a tensor.
bridge_as_option <- function(x) if (bridge_is_vector(x)) bridge_as_any(x) else x

# The elements of a list, in R or in Python; of anything else, a list.
bridge_as_inputs <- function(x) {
  if (is.null(x)) return(list())
  if (!bridge_is_list(x)) return(list(x))
  as.list(if (bridge_is_python(x)) reticulate::py_to_r(x) else x)
}

bridge_is_named <- function(x) if (is.null(names(x))) logical(length(x)) else nzchar(names(x))

bridge_is_python <- function(x) inherits(x, "python.builtin.object")

bridge_is_symbolic <- function(x) inherits(x, "keras.src.backend.common.keras_tensor.KerasTensor")

bridge_is_plain_list <- function(x) is.list(x) && !is.object(x)

bridge_is_list <- function(x) {
  bridge_is_plain_list(x) || inherits(x, c("python.builtin.list", "python.builtin.tuple"))
}

# Numbers, strings or truth values without a shape.
bridge_is_vector <- function(x) is.atomic(x) && !is.object(x) && !is.array(x) && length(x) > 0L

bridge_is_keras_2 <- function(x) {
  any(grepl("^tf_keras[.]|^keras[.](src[.])?engine[.]", class(x)))
}

# Keras 3 names the class keras.src.models.sequential.Sequential.
bridge_is_sequential <- function(x) {
  bridge_is_python(x) && any(grepl("keras.*[.]Sequential$", class(x)))
}

# Whether a layer may be called on it, as far as R can check.
bridge_is_input <- function(x) {
  if (bridge_is_python(x)) {
    return(bridge_is_list(x) || inherits(x, "python.builtin.dict") ||
      (reticulate::py_has_attr(x, "shape") && reticulate::py_has_attr(x, "dtype")))
  }
  if (bridge_is_plain_list(x)) return(length(x) > 0L && all(vapply(x, bridge_is_input, NA)))
  bridge_is_vector(x) || is.factor(x) || (is.array(x) && is.atomic(x))
}

# If a required argument is missing, a vector given as `object` was meant for that argument.
bridge_check_object <- function(object, target, complete) {
  if (bridge_is_keras_2(object)) bridge_abort(bridge_legacy_keras("`object`"), target$call)
  bridge_check_session(object, "`object`", target$call)
  if (bridge_is_sequential(object)) return()
  if (bridge_is_input(object) && (complete || !bridge_is_vector(object))) return()
  bridge_abort(bridge_wrong_object(object), target$call)
}

bridge_check_session <- function(x, what, call) {
  if (!bridge_is_python(x) || !reticulate::py_is_null_xptr(x)) return()
  bridge_abort(paste(
    what, "comes from an earlier R session; Python objects cannot be restored.",
    "Save models with `model$save(\"file.keras\")`, or by `saveRDS(bundle::bundle(model), \"file.rds\")`."
  ), call)
}
