# Why Python refused a call, where its own message does not explain it. A row applies to arguments
# of a kind, and of a name, if it has one, where Python's message matches `says` and `holds` is true
# of the value; `words` says in R's terms what was expected, what was received, and what to do.
# A row without a kind depends on the message alone. Python's own last line follows these words in any case.
# Messages are read because nothing else tells: Keras and its backends raise ValueError, TypeError or their own
# catch-all for these, and whether a value is refused depends on the model, so that no check before the call knows.

bridge_reason <- function(kind = NULL, holds = NULL, words, says = "", name = NULL) {
  list(kind = kind, holds = holds, words = words, says = says, name = name)
}

# The first reason that holds, or NULL.
bridge_why <- function(text, args, target) {
  if (isTRUE(attr(text, "of_compiler"))) return(bridge_not_compiled)
  for (row in bridge_reasons) {
    if (isTRUE(attr(text, "of_layer")) && identical(row$says, bridge_no_targets)) next
    if (!grepl(row$says, text)) next
    if (is.null(row$kind)) return(row$words(text))
    about <- names(target$kinds)[target$kinds == row$kind]
    if (!is.null(row$name)) about <- intersect(about, row$name)
    for (name in about) if (row$holds(args[[name]])) return(row$words(name, args[[name]], args, text))
  }
}

# A model that was compiled on JAX and saved asks PyTorch for the same.
bridge_not_compiled <- paste(
  "PyTorch's compiler failed. The model uses it because of `jit_compile = TRUE`, which models saved on JAX have.",
  "Go without: `compile(model, ..., jit_compile = FALSE)`; or, to predict only, `load_model(file, compile = FALSE)`."
)

# What Keras says where a loss got nothing to compare with; a layer may say the same of its own inputs.
bridge_no_targets <- "None values not supported|NoneType|[Rr]eceived None|dtype: object"

bridge_is_text <- function(x) bridge_any(x, is.character)

bridge_is_not_int <- function(x) {
  !is.null(x) && !bridge_is_python(x) && !(bridge_is_scalar(x) && bridge_is_whole(x))
}

bridge_is_schedule <- function(x) {
  inherits(x, "keras.src.optimizers.schedules.learning_rate_schedule.LearningRateSchedule")
}

bridge_is_not_callback <- function(x) {
  !all(vapply(bridge_as_inputs(x), inherits, NA, "keras.src.callbacks.callback.Callback"))
}

bridge_is_row <- function(x) bridge_is_vector(x) && length(x) > 1L

bridge_is_empty <- function(x) !bridge_is_python(x) && length(x) == 0L && !is.array(x)

bridge_is_arrays <- function(x) length(x) > 0L && all(vapply(bridge_as_inputs(x), is.atomic, NA))

bridge_has_names <- function(x) bridge_is_plain_list(x) && !is.null(names(x))

# The first text in nested lists.
bridge_first_text <- function(x) {
  bridge_describe(rapply(list(x), identity, classes = "character", how = "unlist")[[1L]])
}

# Labels for a loss that counts them from 0.
bridge_wrong_label <- function(name, value, args, text) {
  parts <- regmatches(text, regexec("label value of (-?[0-9]+).*\\[0, ([0-9]+)\\)", text))[[1L]]
  sprintf(
    "`%s` must have labels from 0 to %d, one for each output of the model; received %s. %s",
    name, as.integer(parts[3L]) - 1L, parts[2L],
    if (is.factor(value)) "Give the last layer an output for each level." else "The levels of a factor count from 0."
  )
}

# An optimizer that was not made.
bridge_not_made <- function(text) {
  parts <- regmatches(text, regexec("interpret (\\w+) identifier: <class '.*?(\\w+)'>", text))[[1L]]
  sprintf("`%s` must be an object; received the class %s. Call it to make one: add `()`.", parts[2L], parts[3L])
}

bridge_reasons <- list(
  bridge_reason(says = "interpret \\w+ identifier: <class", words = bridge_not_made),
  bridge_reason(says = "must have rank \\(ndim\\) `target.ndim - 1`", words = function(...) {
    paste(
      "The loss takes one label for each sample, and `y` has a column for each class.",
      "Use the loss \"categorical_crossentropy\", or give the labels themselves."
    )
  }),
  bridge_reason(says = "`target` and `output` must have the same rank", words = function(...) {
    paste(
      "The loss takes a column for each class, and `y` has one label for each sample.",
      "Use the loss \"sparse_categorical_crossentropy\", or give `y` a column for each class."
    )
  }),
  bridge_reason(says = "has type \\w+ that does not match type \\w+", words = function(text) {
    parts <- regmatches(text, regexec("has type (\\w+) that does not match type (\\w+)", text))[[1L]]
    sprintf(
      "Arithmetic on tensors needs one dtype; received %s and %s. Use Keras's operations, such as `op_subtract()`.",
      parts[2L], parts[3L]
    )
  }),
  bridge_reason(says = "^Could not locate (function|class) '", words = function(text) {
    parts <- regmatches(text, regexec("locate (\\w+) '([^']+)'", text))[[1L]]
    sprintf(
      "The file needs the %s `%s`, which Keras does not know. Pass it as %s, or set `compile = FALSE`.",
      parts[2L], parts[3L], sprintf("`custom_objects = list(%s = ...)`", parts[3L])
    )
  }),
  bridge_reason(says = "install pydot", words = function(...) {
    sprintf(
      "plot() of a model needs the Python package pydot. Run `%s -m pip install pydot`, then restart R.",
      reticulate::py_config()$python
    )
  }),
  bridge_reason(says = "install graphviz", words = function(...) {
    paste(
      "plot() of a model needs Graphviz, whose program `dot` was not found.",
      "Install it: with `apt-get install graphviz` on Debian and Ubuntu, or from https://graphviz.org/download/."
    )
  }),
  bridge_reason(
    "int", bridge_is_not_int, says = "interpreted as an integer|Expected int32|unsupported operand",
    words = function(name, value, ...) {
      sprintf("`%s` must be a whole number; received %s.", name, bridge_describe(value))
    }
  ),
  bridge_reason(
    "float", bridge_is_schedule, says = "^'<=' not supported", name = "rate",
    words = function(name, value, ...) {
      sprintf(
        "`%s` must be a number; received %s. The layers of layerbridge follow schedules, such as %s.",
        name, bridge_describe(value), "`layerbridge::layer_spatial_dropout_2d()`"
      )
    }
  ),
  bridge_reason("callbacks", bridge_is_not_callback, says = "set_model", words = function(name, value, ...) {
    wrong <- Filter(bridge_is_not_callback, bridge_as_inputs(value))[[1L]]
    sprintf(
      "`%s` must be a list of callbacks, such as `callback_early_stopping()`; received %s.%s", name,
      bridge_describe(wrong), if (is.function(wrong)) " Call it to make the callback: add `()`." else ""
    )
  }),
  bridge_reason("samples", bridge_is_empty, says = "pop from an empty set", name = "x", words = function(...) {
    "`x` must be given: an array, a list of arrays, or a dataset."
  }),
  bridge_reason("samples", is.null, says = bridge_no_targets, name = "y", words = function(name, value, args, ...) {
    if (bridge_is_python(args[["x"]])) return("`x` must have targets too, or `y` must be given; received inputs alone.")
    "`y` must be given: the loss compares it with what the model predicts."
  }),
  bridge_reason("samples", bridge_is_text, name = "y", words = function(name, value, ...) {
    sprintf(
      "`%s` must be numbers or a factor; received text, such as %s. Use `factor(%1$s)`, whose levels count from 0.",
      name, bridge_first_text(value)
    )
  }),
  bridge_reason("samples", bridge_is_text, says = "str|Cast|dtype", words = function(name, value, ...) {
    sprintf(paste(
      "`%s` must be numbers for this model; received text, such as %s.",
      "`layer_text_vectorization()` turns text into numbers."
    ), name, bridge_first_text(value))
  }),
  bridge_reason("samples", bridge_is_row, says = "shape|ndim", name = "x", words = function(name, value, ...) {
    sprintf(
      "`%s` must have samples along its first axis; received a vector of %d. Keep the axes: `%1$s[1, , drop = FALSE]`.",
      name, length(value)
    )
  }),
  bridge_reason(
    "samples", bridge_is_arrays, says = "unknown (rank|TensorShape)", name = "x",
    words = function(name, value, ...) {
      sizes <- vapply(bridge_as_inputs(value), function(x) paste(dim(as.array(x)), collapse = " x "), "")
      sprintf(
        "`%s` must have the axes of the model's inputs, in their order, after that of the samples; received %s.%s",
        name, paste(sizes, collapse = " and "), " `drop = FALSE` keeps axes of length 1."
      )
    }
  ),
  bridge_reason(
    "samples", bridge_has_names, says = "of type 'str'|string to float", name = "y",
    words = function(name, value, ...) {
      sprintf("`%s` must have the names of the model's outputs; received %s.", name, bridge_ticked(names(value)))
    }
  ),
  bridge_reason("samples", Negate(is.null), says = "^Received a label value", name = "y", words = bridge_wrong_label),
  bridge_reason("samples", is.data.frame, says = "structure|string|str'|ndim", words = function(name, ...) {
    sprintf(paste(
      "`%1$s` is a data frame, which Keras receives as a list of its columns, by name.",
      "For a model with one input or output, use `as.matrix(%1$s)`."
    ), name)
  })
)
