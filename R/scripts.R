# Functions that scripts for the R package keras3 use, and that stand for no function of Keras: wrap_library("keras")
# returns them beside those that are generated. `keras` are the generated ones.
script_functions <- function(keras) {
  functions <- c(
    script_methods(),
    script_configs(),
    script_files(keras),
    script_classes(),
    lapply(script_aliases, function(name) keras[[name]]),
    list(
      application_preprocess_inputs = function(model, x, ..., data_format = NULL) {
        preprocess <- keras[[paste0(script_application(model, keras), "_preprocess_input")]]
        if (missing(x)) function(x) preprocess(x, data_format, ...) else preprocess(x, data_format, ...)
      },
      application_decode_predictions = function(model, preds, top = 5L, ...) {
        decode <- keras[[paste0(script_application(model, keras), "_decode_predictions")]]
        decoded <- function(preds) lapply(decode(preds, top = top, ...), script_ranking)
        if (missing(preds)) decoded else decoded(preds)
      },
      as_tensor = function(x, dtype = NULL, ..., shape = NULL, name = NULL) {
        x <- keras$op_convert_to_tensor(x, dtype = dtype)
        if (is.null(shape)) return(x)
        if (length(bridge_dim(x)) == 0L) return(bridge_of_keras("full")(bridge_as(shape, "shape", "shape", NULL), x))
        keras$op_reshape(x, shape)
      },
      custom_metric = function(name, metric_fn) structure(metric_fn, py_function_name = name, name = name),
      image_array_save = function(x, path, data_format = NULL, file_format = NULL, scale = TRUE, ...) {
        keras$save_img(path, x, data_format = data_format, file_format = file_format, scale = scale, ...)
        invisible(x)
      },
      image_smart_resize = function(
        x, size, interpolation = "bilinear", data_format = "channels_last", backend_module = NULL
      ) {
        keras$smart_resize(x, size, interpolation, data_format, backend_module = backend_module)
      },
      named_list = function(...) {
        values <- list(...)
        unnamed <- !bridge_is_named(values)
        names(values)[unnamed] <- vapply(as.list(substitute(list(...)))[-1L][unnamed], deparse1, "")
        values
      },
      op_convert_to_array = function(x) as.array(x),
      op_subset = function(x, ...) x[...],
      set_random_seed = function(seed) {
        keras$set_random_seed(seed)
        set.seed(seed)
        invisible(reticulate::py_set_seed(as.integer(seed)))
      },
      set_custom_objects = function(objects = list(), clear = TRUE) {
        registered <- reticulate::import("keras.src.saving.object_registration", convert = FALSE)
        before <- reticulate::py_to_r(registered$GLOBAL_CUSTOM_OBJECTS)
        if (clear) {
          registered$GLOBAL_CUSTOM_OBJECTS$clear()
          registered$GLOBAL_CUSTOM_NAMES$clear()
        }
        objects <- custom_objects_of(objects, sys.call())
        registered$GLOBAL_CUSTOM_OBJECTS$update(objects)
        for (name in names(objects)) registered$GLOBAL_CUSTOM_NAMES$setdefault(objects[[name]], name)
        invisible(before)
      },
      shape = shape_of,
      use_backend = use_backend,
      with_custom_object_scope = function(objects, expr) {
        with(keras$custom_object_scope(custom_objects_of(objects, sys.call())), expr)
      },
      zip_lists = zip_lists
    )
  )
  functions <- Map(script_function, functions, names(functions))
  c(functions, list(newaxis = structure(script_function(function() NULL, "newaxis"), newaxis = TRUE)))
}

# Other names of the generated functions.
script_aliases <- list(
  activation_hard_swish = "activation_hard_silu",
  application_nasnetlarge = "application_nasnet_large",
  application_nasnetmobile = "application_nasnet_mobile",
  bidirectional = "layer_bidirectional",
  op_hard_swish = "op_hard_silu",
  op_pmax = "op_maximum",
  op_pmin = "op_minimum",
  time_distributed = "layer_time_distributed"
)

# What scripts use of other packages, and what keras3 alone has.
script_packages <- list(
  generics = "generate",
  magrittr = c("%>%", "%<>%"),
  zeallot = "%<-%",
  reticulate = c(
    "%as%", "array_reshape", "as_iterator", "import", "iter_next", "iterate", "np_array", "py_help", "py_require",
    "py_to_r", "r_to_py", "tuple", "use_condaenv", "use_python", "use_virtualenv"
  ),
  tensorflow = c("all_dims", "tensorboard", "tf"),
  tfruns = c("flags", "flag_boolean", "flag_integer", "flag_numeric", "flag_string", "run_dir", "training_run"),
  keras3 = c("install_keras", "op_subset<-", "op_subset_set")
)

script_package_of <- function(name) {
  package <- names(Filter(function(names) name %in% names, script_packages))
  if (length(package)) sprintf("`%s` is in the R package %s.", name, package)
}

# What keras3 has of other packages, to be attached: the function itself, or, where the package is not installed, one
# that names it, unless the user has something else of that name. tensorflow and keras3 are not loaded for this, since
# they bring methods of their own for tensors.
script_reexports <- function() {
  has <- function(package) {
    if (package %in% c("tensorflow", "keras3")) isNamespaceLoaded(package)
    else requireNamespace(package, quietly = TRUE)
  }
  of_package <- function(package) {
    names <- script_packages[[package]]
    if (has(package)) return(mget(intersect(names, getNamespaceExports(package)), asNamespace(package)))
    functions <- Filter(function(name) !exists(name, globalenv()), setdiff(names, "tf"))
    stats::setNames(lapply(functions, script_elsewhere), functions)
  }
  unlist(lapply(names(script_packages), of_package))
}

script_elsewhere <- function(name) function(...) bridge_abort(script_package_of(name), sys.call())

# What scripts for the older R package keras use, and what does the same now.
script_former <- c(
  evaluate_generator = "evaluate",
  fit_generator = "fit",
  fit_text_tokenizer = "adapt",
  flow_images_from_data = "fit",
  flow_images_from_directory = "image_dataset_from_directory",
  image_data_generator = "image_dataset_from_directory",
  keras_model_custom = "Model",
  layer_cudnn_gru = "layer_gru",
  layer_cudnn_lstm = "layer_lstm",
  layer_dense_features = "layer_feature_space",
  load_model_hdf5 = "load_model",
  load_model_tf = "load_model",
  load_model_weights_hdf5 = "load_model_weights",
  model_to_json = "save_model_config",
  predict_classes = "op_argmax",
  predict_generator = "predict",
  predict_proba = "predict",
  save_model_hdf5 = "save_model",
  save_model_tf = "save_model",
  save_model_weights_hdf5 = "save_model_weights",
  serialize_model = "save_model",
  text_tokenizer = "layer_text_vectorization",
  texts_to_matrix = "layer_text_vectorization",
  texts_to_sequences = "layer_text_vectorization",
  timeseries_generator = "timeseries_dataset_from_array",
  unserialize_model = "load_model"
)

script_former_of <- function(name, functions) {
  renamed <- if (startsWith(name, "k_")) paste0(c("op_", "", "config_"), substring(name, 3L))
  now <- c(script_former[names(script_former) == name], intersect(renamed, names(functions)))
  if (length(now)) sprintf("`%s()` is of the older R package keras. Use `%s()`.", name, now[[1L]])
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
  samples <- function(x) if (!is.null(x)) bridge_as(x, "samples", "x", NULL)
  called <- function(object, method, ...) {
    call <- sys.call(-1L)
    check_object(object, call)
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
    export_savedmodel = function(object, export_dir_base, ...) {
      called(object, "export", export_dir_base, ...)
      invisible(object)
    },
    freeze_weights = function(object, from = NULL, to = NULL, which = NULL) {
      set_trainable(object, from, to, which, FALSE)
    },
    unfreeze_weights = function(object, from = NULL, to = NULL, which = NULL) {
      set_trainable(object, from, to, which, TRUE)
    },
    get_layer = function(object, name = NULL, index = NULL) {
      index <- if (!is.null(index)) bridge_as(index, "axis", "index", sys.call())
      bridge_callable(called(object, "get_layer", name = name, index = index), bridge_compose_object)
    },
    get_state_tree = function(object, value_format = "backend_tensor") {
      called(object, "get_state_tree", if (value_format %in% c("r_array", "array")) "numpy_array" else value_format)
    },
    get_vocabulary = function(object, include_special_tokens = TRUE) {
      called(object, "get_vocabulary", include_special_tokens = include_special_tokens)
    },
    get_weights = function(object, trainable = NA) {
      if (is.na(trainable)) return(called(object, "get_weights"))
      lapply(if (trainable) object$trainable_weights else object$non_trainable_weights, as.array)
    },
    quantize_weights = function(object, mode, ...) invisible(called(object, "quantize", mode, ...)),
    pop_layer = function(object, rebuild = TRUE) invisible(called(object, "pop", rebuild = rebuild)),
    predict_on_batch = function(object, x) called(object, "predict_on_batch", samples(x)),
    reset_state = function(object) {
      called(object, "reset_state")
      invisible(object)
    },
    set_weights = function(object, weights) {
      called(object, "set_weights", lapply(weights, function(x) if (bridge_is_python(x)) x else as.array(x)))
      invisible(object)
    },
    set_state_tree = function(object, state_tree) invisible(called(object, "set_state_tree", state_tree)),
    set_vocabulary = function(object, vocabulary, idf_weights = NULL, ...) {
      called(object, "set_vocabulary", as.list(vocabulary), idf_weights = idf_weights, ...)
      invisible(object)
    },
    test_on_batch = function(object, x, y = NULL, sample_weight = NULL, ...) {
      on_batch(object, "test_on_batch", samples(x), samples(y), samples(sample_weight), ...)
    },
    train_on_batch = function(object, x, y = NULL, sample_weight = NULL, class_weight = NULL) {
      weights <- if (!is.null(class_weight)) bridge_as(class_weight, "int_dict", "class_weight", sys.call())
      on_batch(object, "train_on_batch", samples(x), samples(y), samples(sample_weight), class_weight = weights)
    }
  )
}

# Python's objects live in one process of R.
check_object <- function(object, call) {
  bridge_check_process(call)
  bridge_check_session(object, "`object`", call)
}

# Layers from one to another, or those that `which` chooses, are trained or not, and the others the other way round.
set_trainable <- function(object, from, to, which, trainable) {
  check_object(object, sys.call(-1L))
  if (is.null(from) && is.null(to) && is.null(which)) {
    object$trainable <- trainable
    return(invisible(object))
  }
  layers <- object$layers
  place <- function(at) {
    if (bridge_is_python(at)) at <- at$name
    if (is.numeric(at)) return(if (at < 0) length(layers) + 1 + at else at)
    match(at, vapply(layers, function(layer) layer$name, ""))
  }
  if (bridge_is_python(which)) which <- list(which)
  if (is.function(which)) which <- vapply(layers, which, NA)
  if (is.logical(which)) which <- base::which(which)
  chosen <- if (is.null(which)) {
    ends <- c(place(if (is.null(from)) 1 else from), place(if (is.null(to)) -1 else to))
    if (anyNA(ends)) NA else seq(ends[1L], ends[2L])
  } else {
    vapply(as.list(which), place, 0)
  }
  if (anyNA(chosen)) {
    bridge_abort("`from`, `to` and `which` must be layers of the model, their names or places.", sys.call(-1L))
  }
  object$trainable <- TRUE
  for (i in seq_along(layers)) {
    layer <- layers[[i]]
    layer$trainable <- (i %in% chosen) == trainable
  }
  invisible(object)
}

# Sizes -------------------------------------------------------------------------------------------

# The sizes of tensors and arrays, and single sizes. Those that are not known, NULL, NA and -1, are NULL. A size that
# comes later, in TensorFlow's graphs, is a tensor.
shape_of <- function(...) {
  size <- function(x) {
    if (bridge_is_python(x)) x else if (!is.null(x) && !is.na(x) && x != -1) as.integer(x)
  }
  sizes <- function(x) {
    if (inherits(x, "layerbridge_shape")) return(unclass(x))
    if (bridge_is_tensor(x)) {
      of_tensor <- lapply(reticulate::import_builtins()$list(bridge_of_keras("shape")(x)), size)
      return(if (length(of_tensor)) of_tensor else list(x))
    }
    if (is.array(x)) return(as.list(dim(x)))
    if (is.null(x)) list(NULL) else lapply(unname(as.list(x)), size)
  }
  structure(do.call(c, lapply(list(...), sizes)), class = "layerbridge_shape")
}

#' @exportS3Method reticulate::r_to_py layerbridge_shape
r_to_py.layerbridge_shape <- function(x, convert = FALSE) {
  reticulate::r_to_py(reticulate::tuple(unclass(x)), convert)
}

#' @export
`[.layerbridge_shape` <- function(x, ...) structure(unclass(x)[...], class = "layerbridge_shape")

#' @export
as.list.layerbridge_shape <- function(x, ...) unclass(x)

#' @export
as.integer.layerbridge_shape <- function(x, ...) {
  vapply(unclass(x), function(size) if (is.null(size)) NA_integer_ else as.integer(size), 0L)
}

#' @export
as.double.layerbridge_shape <- function(x, ...) as.double(as.integer(x))

#' @export
Ops.layerbridge_shape <- function(e1, e2) { # nolint: object_name_linter.
  same <- function(e1, e2) identical(unclass(shape_of(e1)), unclass(shape_of(e2)))
  sizes <- function(e) if (inherits(e, "layerbridge_shape")) as.integer(e) else e
  if (missing(e2)) return(get(.Generic)(sizes(e1)))
  switch(.Generic, "==" = same(e1, e2), "!=" = !same(e1, e2), get(.Generic)(sizes(e1), sizes(e2)))
}

#' @export
Summary.layerbridge_shape <- function(..., na.rm = FALSE) { # nolint: object_name_linter.
  do.call(.Generic, c(lapply(list(...), as.integer), na.rm = na.rm))
}

#' @export
format.layerbridge_shape <- function(x, ...) sprintf("shape(%s)", toString(as.integer(x)))

#' @export
print.layerbridge_shape <- function(x, ...) {
  cat(format(x), "\n", sep = "")
  invisible(x)
}

# Elements of the same place, or of the same name, together.
zip_lists <- function(...) {
  lists <- list(...)
  if (length(lists) == 1L) lists <- lists[[1L]]
  names <- names(lists[[1L]])
  same <- vapply(lists, function(x) setequal(names, names(x)) && length(x) == length(lists[[1L]]), NA)
  if (!all(same) || anyDuplicated(names)) {
    bridge_abort("Lists must have the same length, and the same names, or none. Use `unname()`.", sys.call())
  }
  if (!is.null(names)) lists <- lapply(lists, `[`, names)
  zipped <- do.call(Map, c(list(list), lapply(lists, unname)), quote = TRUE)
  names(zipped) <- names
  zipped
}

# Which backend Keras is to use, once it is imported.
use_backend <- function(backend, gpu = NA) {
  if (reticulate::py_available() && reticulate::py_eval("'keras' in __import__('sys').modules")) {
    active <- bridge_import("keras")$config$backend()
    if (active == backend) return(invisible(backend))
    bridge_abort(sprintf(
      "Keras has started with the backend \"%s\". Restart R, and call `use_backend(\"%s\")` first.", active, backend
    ), sys.call())
  }
  Sys.setenv(KERAS_BACKEND = backend)
  if (reticulate::py_available()) reticulate::import("os")$environ$update(list(KERAS_BACKEND = backend))
  invisible(backend)
}

# Applications ------------------------------------------------------------------------------------

# The module of keras.applications that a model is from, which its name begins with: "resnet_v2" of "resnet50v2".
script_application <- function(model, keras) {
  plain <- function(name) gsub("[^a-z0-9]", "", tolower(name))
  modules <- sub("_preprocess_input$", "", grep("_preprocess_input$", names(keras), value = TRUE))
  name <- sub("^resnet[0-9]+", "resnet", plain(model$name))
  fits <- modules[startsWith(name, plain(modules))]
  if (length(fits)) return(fits[which.max(nchar(fits))])
  bridge_abort(sprintf(
    "`model` must be made by an `application_*()` function, with its own name; received one of the name %s.", model$name
  ), sys.call(-1L))
}

script_ranking <- function(decoded) {
  part <- function(i) vapply(decoded, function(class) as.character(class[[i]]), "")
  data.frame(class_name = part(1L), class_description = part(2L), score = as.numeric(part(3L)))
}

# Configurations ----------------------------------------------------------------------------------

# What get_config() returns knows its class.
script_configs <- function() {
  list(
    from_config = function(config, custom_objects = NULL) {
      class <- attr(config, "__class__", exact = TRUE)
      if (is.null(class)) bridge_abort("`config` must be what `get_config()` returned.", sys.call())
      bridge_check_process(sys.call())
      bridge_check_session(class, "`config`", sys.call())
      custom_objects <- custom_objects_of(custom_objects, sys.call())
      args <- c(list(config), if (length(custom_objects)) list(custom_objects = custom_objects))
      bridge_python(do.call(class$from_config, args, quote = TRUE), sys.call())
    },
    get_config = function(object) {
      check_object(object, sys.call())
      structure(bridge_python(object$get_config(), sys.call()), "__class__" = object[["__class__"]])
    },
    load_model_config = function(filepath, custom_objects = NULL) {
      json <- paste(readLines(script_path(filepath, sys.call()), warn = FALSE), collapse = "\n")
      custom_objects <- custom_objects_of(custom_objects, sys.call())
      bridge_python(bridge_import("keras.models")$model_from_json(json, custom_objects), sys.call())
    },
    register_keras_serializable = function(object, name = NULL, package = NULL) {
      register <- bridge_import("keras.saving")$register_keras_serializable
      if (is.null(package)) package <- "Custom"
      registered <- register(package, name)(bridge_as(object, "any", "object", NULL))
      invisible(if (inherits(object, "layerbridge_class")) object else registered)
    }
  )
}

# Objects by the names that a saved model has for them: what has no name here has that of Python's object.
custom_objects_of <- function(objects, call) {
  if (bridge_is_python(objects) && !is.function(objects)) return(objects)
  objects <- if (is.list(objects)) objects else c(objects)
  unnamed <- !bridge_is_named(objects)
  names(objects)[unnamed] <- vapply(objects[unnamed], custom_object_name, "", call)
  lapply(objects, function(object) {
    if (inherits(object, "layerbridge_class")) attr(object, "python")
    else bridge_as(object, "any", "custom_objects", call)
  })
}

custom_object_name <- function(object, call) {
  if (inherits(object, "layerbridge_class")) object <- attr(object, "python")
  name <- if (bridge_is_python(object)) reticulate::py_get_attr(object, "__name__", silent = TRUE)
  name <- if (is.null(name)) attr(object, "py_function_name") else reticulate::py_to_r(name)
  if (!is.null(name)) return(name)
  bridge_abort("R functions in `custom_objects` need names, such as `list(my_activation = my_activation)`.", call)
}

# Files -------------------------------------------------------------------------------------------

script_files <- function(keras) {
  list(
    deserialize_keras_object = function(config, custom_objects = NULL, safe_mode = TRUE, ...) {
      custom_objects <- custom_objects_of(custom_objects, sys.call())
      as_called(sys.call(), keras$deserialize_keras_object(
        config,
        custom_objects = custom_objects, safe_mode = safe_mode, ...
      ))
    },
    load_model = function(model, custom_objects = NULL, compile = TRUE, safe_mode = TRUE) {
      if (is.raw(model)) {
        bytes <- model
        model <- tempfile(fileext = ".keras")
        on.exit(unlink(model))
        writeBin(bytes, model)
      }
      custom_objects <- custom_objects_of(custom_objects, sys.call())
      as_called(sys.call(), keras$load_model(
        model,
        custom_objects = custom_objects, compile = compile, safe_mode = safe_mode
      ))
    },
    save_model = function(model, filepath = NULL, overwrite = FALSE, zipped = NULL, ...) {
      in_memory <- is.null(filepath)
      if (in_memory) {
        filepath <- tempfile(fileext = ".keras")
        on.exit(unlink(filepath))
      }
      bridge_check_overwrite(filepath, overwrite, sys.call())
      as_called(sys.call(), keras$save_model(model, filepath, overwrite = TRUE, zipped = zipped, ...))
      if (in_memory) readBin(filepath, "raw", file.size(filepath)) else invisible(model)
    },
    save_model_config = function(model, filepath = NULL, overwrite = FALSE) {
      bridge_check_overwrite(filepath, overwrite, sys.call())
      writeLines(model$to_json(), script_path(filepath, sys.call()))
      invisible(model)
    },
    save_model_weights = function(model, filepath = NULL, overwrite = FALSE, max_shard_size = NULL) {
      bridge_check_overwrite(filepath, overwrite, sys.call())
      shards <- if (!is.null(max_shard_size)) list(max_shard_size = max_shard_size)
      saved <- c(list(model, filepath, overwrite = TRUE), shards)
      as_called(sys.call(), do.call(keras$save_model_weights, saved, quote = TRUE))
      invisible(model)
    }
  )
}

# A path of a file that R itself reads or writes.
script_path <- function(filepath, call) {
  path <- bridge_path(filepath)
  if (bridge_is_string(path)) return(path)
  bridge_abort(sprintf("`filepath` must be the path of a file; received %s.", bridge_describe(filepath)), call)
}

# An error of a generated function that is called here is one of the user's call.
as_called <- function(call, expr) {
  tryCatch(expr, layerbridge_error = function(e) {
    e$call <- call
    stop(e)
  })
}
