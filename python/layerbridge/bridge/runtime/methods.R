# Methods of Python objects as S3 methods, and those of Keras's models.

# The first argument is the object. Python's *args take what has no name.
bridge_aim_method <- function(arguments, target) {
  target$object <- arguments[[target$self]]
  bridge_check_session(target$object, sprintf("`%s`", target$self), target$call)
  if ("..." %in% target$inputs) target$by_position <- "..."
  target
}

# A method that returns nothing is called for what it does: the pipe goes on with the object.
bridge_returned <- function(value, target) {
  if (is.null(value)) invisible(target$object) else value
}

# Models --------------------------------------------------------------------------------------

# Of an input layer, the tensor with which a functional model begins.
bridge_make_input <- function(args, target) bridge_make(args, target)$output

# A Sequential model that begins with an input layer, which the arguments `input_*` describe.
bridge_make_sequential <- function(args, target) {
  of_input <- startsWith(as.character(names(args)), "input_")
  if (!any(of_input)) return(bridge_make(args, target))
  if (bridge_any(args[["input_shape"]], bridge_is_python)) {
    bridge_abort(sprintf(
      "`input_shape` must be the shape of one input, such as `c(28, 28, 1)`; received %s. %s",
      bridge_describe(args[["input_shape"]]), "Give layers by name: `layers = list(...)`."
    ), target$call)
  }
  inputs <- names(args)[of_input]
  names <- as.list(sub("^input_", "", inputs))
  names(names) <- inputs
  of_layer <- bridge_target("keras.layers", "InputLayer", target$arguments[inputs], kinds = target$kinds, names = names)
  of_layer$call <- target$call
  layers <- c(list(bridge_make(args[of_input], of_layer)), bridge_as_inputs(args[["layers"]]))
  bridge_make(c(args[!of_input & names(args) != "layers"], list(layers = layers)), target)
}

# A call that fails leaves behind functions that Keras had partly compiled, which would make the next
# call fail too, however correct it is.
bridge_make_trained <- function(args, target) {
  done <- FALSE
  on.exit(if (!done) bridge_forget(target$object))
  generators <- bridge_with_generators(args, target$name)
  on.exit(generators$end(), add = TRUE)
  value <- bridge_make(generators$args, target)
  done <- TRUE
  value
}

bridge_forget <- function(model) {
  for (compiled in c("train_function", "test_function", "predict_function")) {
    if (reticulate::py_has_attr(model, compiled)) reticulate::py_set_attr(model, compiled, NULL)
  }
}

# What is wrong with data whatever the model.
bridge_take_samples <- function(arguments, target) {
  no_viewer <- intersect("view_metrics", names(target$arguments)) # of fit() alone
  arguments <- arguments[!names(arguments) %in% no_viewer]
  for (name in intersect(c("x", "y"), names(arguments))) {
    if (is.array(arguments[[name]]) && nrow(arguments[[name]]) == 0L) {
      bridge_abort(sprintf("`%s` must have at least one sample; received none.", name), target$call)
    }
  }
  pair <- arguments[["validation_data"]]
  if (is.null(pair) || is.function(pair) || bridge_is_python(pair)) return(arguments)
  if (bridge_is_plain_list(pair) && length(pair) %in% 2:3 && is.null(names(pair))) return(arguments)
  bridge_abort(sprintf(
    "`validation_data` must be `list(x, y)`, without names; received %s.", bridge_describe(pair)
  ), target$call)
}

bridge_result_trained <- function(value, target) {
  if (inherits(value, "keras.src.callbacks.history.History")) bridge_history(value) else bridge_returned(value, target)
}

# A picture of the model's layers, which Python writes to a file, and R shows where the user names none.
bridge_make_plot <- function(args, target) {
  shows <- is.null(args[["to_file"]])
  if (shows) args[["to_file"]] <- tempfile(fileext = ".png")
  target$module <- "keras.utils"
  bridge_make(c(list(model = target$object), args), target)
  if (shows) bridge_draw(png::readPNG(args[["to_file"]], native = TRUE))
}

bridge_draw <- function(picture) {
  old <- graphics::par(mar = rep(0, 4L))
  on.exit(graphics::par(old))
  graphics::plot.new()
  graphics::plot.window(c(0, ncol(picture)), c(0, nrow(picture)), asp = 1)
  graphics::rasterImage(picture, 0, 0, ncol(picture), nrow(picture))
}

# As keras3 prints it.
bridge_print_model <- function(x, ...) {
  bridge_check_session(x, "The model", NULL)
  x$summary(line_length = min(getOption("width"), 180L), print_fn = function(line, ...) writeLines(line))
  invisible(x)
}

bridge_str_of_layer <- function(object, ...) cat("", strsplit(reticulate::py_repr(object), "\n")[[1L]][1L], "\n")

# The lists of Keras's objects, whose changes Keras follows; R has its own, as with keras3.
bridge_tracked <- c(
  "keras.src.utils.tracking.TrackedDict" = "dict",
  "keras.src.utils.tracking.TrackedList" = "list",
  "keras.src.utils.tracking.TrackedSet" = "list"
)

bridge_untracked <- function(x) reticulate::import_builtins()[[bridge_tracked[[class(x)[1L]]]]](x)

bridge_image_array <- function(x, ...) bridge_import("keras.utils")$img_to_array(x, ...)

# `self$model$stop_training <- TRUE` also sets the model in the callback, to what it is.
bridge_set_in_callback <- function(x, name, value) {
  if (name == "model" && bridge_is_python(value) && reticulate::py_id(x[["model"]]) == reticulate::py_id(value)) x
  else NextMethod()
}

# Registering -----------------------------------------------------------------------------

# Called when a package is loaded, by wrap_library(), and at the end of a file of functions.
# Several may have a method for one class, such as those of Keras's models: the first one stays.
bridge_register_methods <- function(env) {
  methods <- bridge_methods(env)
  generics <- sub("[.].*", "", names(methods))
  classes <- substring(names(methods), nchar(generics) + 2L)
  for (i in seq_along(methods)) bridge_register(generics[i], classes[i], methods[[i]], env)
  for (class in c("numpy.ndarray", "python.builtin.object")) bridge_register("Ops", class, bridge_arithmetic, env)
  of_tensors <- bridge_tensor_methods()
  for (class in bridge_tensors) {
    for (generic in names(of_tensors)) bridge_register(generic, class, of_tensors[[generic]], env)
  }
  bridge_register("print", "keras.src.trainers.trainer.Trainer", bridge_print_model, env)
  bridge_register("str", "keras.src.layers.layer.Layer", bridge_str_of_layer, env)
  bridge_register("$<-", "keras.src.callbacks.callback.Callback", bridge_set_in_callback, env)
  bridge_register("as.array", "PIL.Image.Image", bridge_image_array, env)
  bridge_register("print", "bridge_function", bridge_print_function, env)
  bridge_once_loaded("reticulate", function(...) {
    bridge_register("r_to_py", "bridge_function", bridge_function_to_python, env)
    for (class in names(bridge_tracked)) bridge_register("py_to_r", class, bridge_untracked, env)
  })
  bridge_once_loaded("bundle", function(...) {
    bridge_register("bundle", "keras.src.models.model.Model", bridge_bundle, env)
  })
  bridge_register("print", "bridge_history", bridge_print_history, env)
  bridge_register("plot", "bridge_history", bridge_plot_history, env)
  bridge_register("as.data.frame", "bridge_history", bridge_history_table, env)
  of_models <- generics[startsWith(classes, "keras.src.trainers.")]
  if (!length(of_models)) return()
  prefer_keras3 <- function(...) bridge_prefer_keras3(of_models, env)
  if (isNamespaceLoaded("keras3")) prefer_keras3()
  setHook(packageEvent("keras3", "onLoad"), prefer_keras3)
}

# R looks for a method where its generic is; for primitives and for those of a group, in base.
bridge_register <- function(generic, class, method, env, again = FALSE) {
  name <- paste0(generic, ".", class)
  home <- bridge_home_of_methods(generic, env)
  if (is.null(home[[".__S3MethodsTable__."]])) home[[".__S3MethodsTable__."]] <- new.env()
  registered <- home[[".__S3MethodsTable__."]]
  if (again || is.null(registered[[name]])) assign(name, method, registered)
}

bridge_home_of_methods <- function(generic, env) {
  if (generic %in% c("Ops", "Math", "Summary", "Complex", "matrixOps")) return(baseenv())
  fn <- get0(generic, env, mode = "function")
  for (package in Filter(isNamespaceLoaded, c("utils", "stats", "reticulate", "bundle"))) { # which need not be attached
    if (is.null(fn)) fn <- get0(generic, getNamespace(package), mode = "function")
  }
  if (is.primitive(fn)) baseenv() else topenv(environment(fn))
}

bridge_methods <- function(env) {
  functions <- mget(grep("[.]", ls(env), value = TRUE), env, mode = "function", ifnotfound = list(NULL))
  Filter(function(fn) is.function(fn) && length(bridge_target_of(fn)$self), functions)
}

# Keras's methods for models are for a class that is farther than keras3's, whose methods
# therefore come first; also for a generic that keras3 does not know.
bridge_prefer_keras3 <- function(generics, env) {
  model <- "keras.src.models.model.Model"
  for (generic in generics) {
    method <- get0(paste0(generic, ".", model), asNamespace("keras3"), inherits = FALSE)
    if (!is.null(method)) bridge_register(generic, model, method, env, again = TRUE)
  }
}
