# Functions that scripts for the R package keras3 use, and that stand for no function of Keras: wrap_library("keras")
# returns them beside those that are generated. `keras` are the generated ones.
script_functions <- function(keras) {
  functions <- c(
    script_methods(),
    script_classes(),
    list(
      as_tensor = function(x, dtype = NULL, ..., shape = NULL) {
        x <- keras$op_convert_to_tensor(x, dtype = dtype)
        if (is.null(shape)) return(x)
        if (length(bridge_dim(x)) == 0L) return(bridge_of_keras("full")(bridge_as(shape, "shape", "shape", NULL), x))
        keras$op_reshape(x, shape)
      },
      bidirectional = keras$layer_bidirectional,
      time_distributed = keras$layer_time_distributed,
      custom_metric = function(name, metric_fn) structure(metric_fn, py_function_name = name, name = name),
      image_array_save = function(img, path, data_format = NULL, file_format = NULL, scale = TRUE) {
        keras$save_img(path, img, data_format = data_format, file_format = file_format, scale = scale)
      },
      op_convert_to_array = function(x) as.array(x),
      op_subset = function(x, ...) x[...],
      set_random_seed = function(seed) {
        keras$set_random_seed(seed)
        set.seed(seed)
        invisible(reticulate::py_set_seed(as.integer(seed)))
      },
      shape = shape_of
    )
  )
  functions <- Map(script_function, functions, names(functions))
  c(functions, list(newaxis = structure(script_function(function() NULL, "newaxis"), newaxis = TRUE)))
}

# What scripts use of other packages, and what keras3 alone has.
script_packages <- list(
  magrittr = c("%>%", "%<>%"),
  zeallot = "%<-%",
  reticulate = c(
    "array_reshape", "as_iterator", "import", "iter_next", "iterate", "np_array", "py_help", "py_require", "py_to_r",
    "r_to_py", "tuple", "use_condaenv", "use_python", "use_virtualenv"
  ),
  tensorflow = c("all_dims", "export_savedmodel", "tensorboard", "tf"),
  tfruns = c("flags", "flag_boolean", "flag_integer", "flag_numeric", "flag_string", "run_dir", "training_run"),
  keras3 = c(
    "%<-active%", "active_property", "application_decode_predictions", "application_preprocess_inputs",
    "from_config", "install_keras", "load_model_config", "mark_active", "named_list",
    "quantize_weights", "register_keras_serializable", "save_model_config", "use_backend", "zip_lists"
  )
)

script_package_of <- function(name) {
  package <- names(Filter(function(names) name %in% names, script_packages))
  if (length(package)) sprintf("`%s()` is in the R package %s.", name, package)
}

script_function <- function(fn, name) {
  if (inherits(fn, "layerbridge_function")) return(fn)
  usage <- sub("^function *", name, deparse1(args(fn)))
  structure(
    fn,
    usage = trimws(sub(" *NULL$", "", usage)), family = "Of R", classes = character(),
    help = function() sprintf("\\name{%1$s}\\title{%1$s}\\description{As in the R package keras3.}", name),
    class = c("layerbridge_function", "function")
  )
}

# Methods of Python's objects.
script_methods <- function() {
  data <- function(x) if (!is.null(x)) bridge_as(x, "samples", "x", NULL)
  called <- function(object, method, ...) {
    call <- sys.call(-1L)
    bridge_check_session(object, "`object`", call)
    bridge_python(object[[method]](...), call)
  }
  on_batch <- function(object, method, ...) {
    numbers <- called(object, method, ..., return_dict = TRUE)
    if (length(numbers) == 1L) numbers[[1L]] else numbers
  }
  list(
    adapt = function(object, data, ..., batch_size = NULL, steps = NULL) {
      given <- list(batch_size = batch_size, steps = steps)
      given <- lapply(Filter(Negate(is.null), given), as.integer)
      if (is.factor(data)) data <- as.character(data)
      do.call(called, c(list(object, "adapt", bridge_as(data, "samples", "data", NULL)), given), quote = TRUE)
      invisible(object)
    },
    count_params = function(object) called(object, "count_params"),
    freeze_weights = function(object, from = NULL, to = NULL, which = NULL) {
      set_trainable(object, from, to, which, FALSE)
    },
    unfreeze_weights = function(object, from = NULL, to = NULL, which = NULL) {
      set_trainable(object, from, to, which, TRUE)
    },
    get_config = function(object) called(object, "get_config"),
    get_layer = function(object, name = NULL, index = NULL) {
      index <- if (!is.null(index)) bridge_as(index, "axis", "index", sys.call())
      called(object, "get_layer", name = name, index = index)
    },
    get_vocabulary = function(object, include_special_tokens = TRUE) {
      called(object, "get_vocabulary", include_special_tokens = include_special_tokens)
    },
    get_weights = function(object, trainable = NA) {
      if (is.na(trainable)) return(called(object, "get_weights"))
      lapply(if (trainable) object$trainable_weights else object$non_trainable_weights, as.array)
    },
    pop_layer = function(object) invisible(called(object, "pop")),
    predict_on_batch = function(object, x) called(object, "predict_on_batch", data(x)),
    reset_state = function(object) invisible(called(object, "reset_state")),
    set_weights = function(object, weights) {
      called(object, "set_weights", lapply(weights, function(x) if (bridge_is_python(x)) x else as.array(x)))
      invisible(object)
    },
    set_vocabulary = function(object, vocabulary, ...) {
      called(object, "set_vocabulary", as.list(vocabulary), ...)
      invisible(object)
    },
    test_on_batch = function(object, x, y = NULL, sample_weight = NULL) {
      on_batch(object, "test_on_batch", data(x), data(y), data(sample_weight))
    },
    train_on_batch = function(object, x, y = NULL, sample_weight = NULL, class_weight = NULL) {
      weights <- if (!is.null(class_weight)) bridge_as(class_weight, "int_dict", "class_weight", sys.call())
      on_batch(object, "train_on_batch", data(x), data(y), data(sample_weight), class_weight = weights)
    }
  )
}

# Layers from one to another, or those that `which` names or counts, are trained or not.
set_trainable <- function(object, from, to, which, trainable) {
  bridge_check_session(object, "`object`", sys.call(-1L))
  layers <- object$layers
  place <- function(at, default) {
    if (is.null(at)) return(default)
    if (bridge_is_python(at)) at <- at$name
    if (is.numeric(at)) return(if (at < 0) length(layers) + 1 + at else at)
    match(at, vapply(layers, function(layer) layer$name, ""))
  }
  all <- is.null(from) && is.null(to) && is.null(which)
  object$trainable <- trainable || !all
  ends <- c(place(from, 1), place(to, length(layers)))
  chosen <- if (is.logical(which)) base::which(which) else vapply(as.list(which), place, 0)
  if (anyNA(c(ends, chosen))) {
    bridge_abort("`from`, `to` and `which` must be layers of the model, their names or places.", sys.call(-1L))
  }
  if (is.null(which)) chosen <- if (!all) seq(ends[1L], ends[2L])
  for (i in chosen) {
    layer <- layers[[i]]
    layer$trainable <- trainable
  }
  invisible(object)
}

# Sizes -------------------------------------------------------------------------------------------

# The sizes of tensors and arrays, and single sizes, where NULL, NA and -1 are not known.
shape_of <- function(...) {
  sizes <- function(x) {
    if (inherits(x, "layerbridge_shape")) return(unclass(x))
    if (bridge_is_tensor(x)) return(as.list(bridge_dim(x)))
    if (is.array(x)) return(as.list(dim(x)))
    if (is.null(x) || identical(x, -1) || identical(x, -1L)) return(list(NA_integer_))
    lapply(unname(as.list(x)), function(size) if (is.null(size)) NA_integer_ else as.integer(size))
  }
  structure(unlist(lapply(list(...), sizes), recursive = FALSE), class = "layerbridge_shape")
}

#' @exportS3Method reticulate::r_to_py layerbridge_shape
r_to_py.layerbridge_shape <- function(x, convert = FALSE) {
  reticulate::r_to_py(reticulate::tuple(lapply(unclass(x), function(size) if (!is.na(size)) size)), convert)
}

#' @export
`[.layerbridge_shape` <- function(x, ...) structure(unclass(x)[...], class = "layerbridge_shape")

#' @export
as.integer.layerbridge_shape <- function(x, ...) as.integer(unlist(x))

#' @export
as.double.layerbridge_shape <- function(x, ...) as.double(unlist(x))

#' @export
Summary.layerbridge_shape <- function(..., na.rm = FALSE) { # nolint: object_name_linter.
  do.call(.Generic, c(lapply(list(...), as.integer), na.rm = na.rm))
}

#' @export
format.layerbridge_shape <- function(x, ...) sprintf("shape(%s)", toString(unlist(x)))

#' @export
print.layerbridge_shape <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

# Classes -----------------------------------------------------------------------------------------

# Python classes whose methods are R's functions, with `self` and `super` in their sight.
script_classes <- function() {
  of <- function(base, makes, methods) {
    class <- function(classname) NULL
    formals(class) <- c(alist(classname = ), methods, alist(... = , public = list(), inherit = NULL)) # nolint
    body(class) <- bquote({
      given <- Filter(Negate(is.null), mget(.(names(methods)), environment()))
      members <- c(given, list(...), public)
      parent <- if (is.null(inherit)) base() else bridge_as(inherit, "any", "inherit", sys.call())
      makes(script_class(classname, members, parent))
    })
    class
  }
  none <- function(...) {
    names <- c(...)
    methods <- rep(list(NULL), length(names))
    names(methods) <- names
    methods
  }
  make <- function(class, args, call) {
    bridge_python(do.call(class, lapply(args, bridge_as, "any", "...", call), quote = TRUE), call)
  }
  object <- function(class) function(...) make(class, list(...), sys.call())
  layer <- function(class) {
    function(object, ...) {
      call <- sys.call()
      given <- if (!missing(object)) object
      made <- bridge_callable(make(class, list(...), call), bridge_compose_object)
      if (is.null(given)) made else bridge_compose_object(made, list(given), call)
    }
  }
  keras <- function(name) function() bridge_import("keras")[[name]]
  list(
    Callback = of(function() bridge_import("keras.callbacks")$Callback, object, none(bridge_callback_methods)),
    Layer = of(keras("Layer"), layer, none("initialize", "call", "build", "get_config")),
    Loss = of(keras("Loss"), object, none("call")),
    Metric = of(keras("Metric"), object, none("initialize", "update_state", "result")),
    Model = of(keras("Model"), object, none("initialize", "call", "train_step", "predict_step", "test_step")),
    "%py_class%" = script_py_class
  ) |> script_with_old_names()
}

script_with_old_names <- function(classes) {
  new <- classes[setdiff(names(classes), "%py_class%")]
  names(new) <- sprintf("new_%s_class", tolower(names(new)))
  c(classes, new)
}

bridge_callback_methods <- c(
  "on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin", "on_train_batch_end",
  "on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end", "on_predict_begin", "on_predict_end",
  "on_predict_batch_begin", "on_predict_batch_end"
)

script_class <- function(classname, members, parent) {
  builtins <- reticulate::import_builtins()
  own <- new.env()
  names(members)[names(members) == "initialize"] <- "__init__"
  is_method <- vapply(members, is.function, NA)
  members[is_method] <- Map(script_method, members[is_method], names(members)[is_method], list(own))
  namespace <- do.call(reticulate::dict, c(members, list("__module__" = "__main__")))
  own$class <- reticulate::py_eval("lambda name, parent, members: type(name, (parent,), dict(members))")(
    classname, parent, namespace
  )
  own$class
}

# Python's function, which finds `self` and `super` where R's own looks for names. The places that callbacks get count
# from 1.
script_method <- function(fn, name, own) {
  counts <- grepl("^on_(epoch|.*batch)_", name)
  method <- function(self, ...) {
    seen <- new.env(parent = environment(fn))
    seen$self <- self
    seen$super <- structure(function(...) seen$super, class = "layerbridge_super", parent = function(name) {
      reticulate::import_builtins()$super(own$class, self)[[name]]
    })
    bound <- fn
    environment(bound) <- seen
    values <- list(...)
    if (counts && length(values)) values[[1L]] <- values[[1L]] + 1L
    returned <- if (startsWith(name, "on_")) bridge_called_with(bound, values) else do.call(bound, values, quote = TRUE)
    if (name %in% c("__init__", "build")) NULL else returned
  }
  reticulate::py_eval(script_signature(formals(args(fn))))(method)
}

# Python's function with these arguments, which Keras looks at. One that is None is left to R's default.
script_signature <- function(arguments) {
  names <- setdiff(names(arguments), "...")
  required <- vapply(arguments[names], function(x) is.name(x) && !nzchar(x), NA)
  takes <- c("self", names[required], sprintf("%s=None", names[!required]))
  sent <- c("self", names[required])
  if ("..." %in% names(arguments)) {
    takes <- c(takes, "*args", "**kwargs")
    sent <- c(sent, "*args", "**kwargs")
  }
  others <- toString(sprintf("%1$s=%1$s", names[!required]))
  given <- sprintf("**{k: v for k, v in dict(%s).items() if v is not None}", others)
  sprintf("lambda method: lambda %s: method(%s)", toString(takes), toString(c(sent, if (any(!required)) given)))
}

#' @export
`$.layerbridge_super` <- function(x, name) {
  attr(x, "parent")(if (name == "initialize") "__init__" else name)
}

# The class that stands on the left, of its parent, with the methods that the code on the right assigns.
script_py_class <- function(spec, body) {
  spec <- substitute(spec)
  env <- parent.frame()
  name <- as.character(if (is.call(spec)) spec[[1L]] else spec)
  parent <- if (is.call(spec)) eval(spec[[2L]], env) else reticulate::import_builtins()$object
  members <- new.env(parent = env)
  eval(substitute(body), members)
  class <- script_class(name, mget(ls(members), members), bridge_as(parent, "any", "parent", NULL))
  made <- function(...) {
    args <- lapply(list(...), bridge_as, "any", "...", sys.call())
    bridge_python(do.call(class, args, quote = TRUE), sys.call())
  }
  assign(name, structure(made, python = class), env)
  invisible(made)
}
