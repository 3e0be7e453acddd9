# Python classes whose methods are R's functions: Layer(), Model(), Callback() and others of scripts for keras3.

# In their methods, `self` and `super` are in sight.
script_classes <- function() {
  of <- function(base, makes, methods, call = "call") {
    class <- function(classname) NULL
    further <- alist(... = , public = list(), private = list(), inherit = NULL, parent_env = parent.frame()) # nolint
    formals(class) <- c(alist(classname = ), methods, further) # nolint
    body(class) <- bquote({
      given <- Filter(Negate(is.null), mget(.(names(methods)), environment()))
      members <- c(given, bridge_dots(environment()), public)
      members <- members[!duplicated(names(members), fromLast = TRUE)]
      names(members)[names(members) == "call"] <- .(call)
      parent <- if (is.null(inherit)) base() else bridge_as(inherit, "any", "inherit", sys.call())
      module <- script_module(parent_env)
      seen_from <- if (!missing(parent_env)) parent_env
      makes(script_class(classname, members, parent, module, private, seen_from))
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
    bridge_check_process(call)
    bridge_python(do.call(class, lapply(args, bridge_as, "any", "...", call), quote = TRUE), call)
  }
  object <- function(class) {
    fn <- function(...) bridge_callable(make(class, bridge_dots(environment()), sys.call()), bridge_compose_call)
    script_maker(fn, class)
  }
  layer <- function(class) {
    fn <- function(object, ...) {
      call <- sys.call()
      given <- if (!missing(object)) object
      made <- bridge_callable(make(class, bridge_dots(environment()), call), bridge_compose_object)
      if (is.null(given)) made else bridge_compose_object(made, list(given), call)
    }
    script_maker(fn, class)
  }
  keras <- function(name) function() bridge_import("keras")[[name]]
  list(
    Callback = of(function() bridge_import("keras.callbacks")$Callback, object, none(bridge_callback_methods)),
    Constraint = of(
      function() bridge_import("keras.constraints")$Constraint, object, none("call", "get_config"), "__call__"
    ),
    Layer = of(keras("Layer"), layer, none("initialize", "call", "build", "get_config")),
    LearningRateSchedule = of(
      function() bridge_import("keras.optimizers.schedules")$LearningRateSchedule, object,
      none("call", "initialize", "get_config"), "__call__"
    ),
    Loss = of(keras("Loss"), object, none("call")),
    Metric = of(keras("Metric"), object, none("initialize", "update_state", "result")),
    Model = of(keras("Model"), object, none(
      "initialize", "call", "train_step", "predict_step", "test_step", "compute_loss", "compute_metrics"
    )),
    "%py_class%" = script_py_class,
    "%<-active%" = function(sym, value) assign(as.character(substitute(sym)), script_active(value), parent.frame()),
    active_property = script_active,
    mark_active = script_active
  ) |> script_with_old_names()
}

script_with_old_names <- function(classes) {
  new <- classes[grep("^[A-Z]", names(classes))]
  names(new) <- sprintf("new%s_class", tolower(gsub("([A-Z])", "_\\1", names(new))))
  c(classes, new)
}

bridge_callback_methods <- c(
  "on_epoch_begin", "on_epoch_end", "on_train_begin", "on_train_end", "on_train_batch_begin", "on_train_batch_end",
  "on_test_begin", "on_test_end", "on_test_batch_begin", "on_test_batch_end", "on_predict_begin", "on_predict_end",
  "on_predict_batch_begin", "on_predict_batch_end"
)

# Makes objects of a class, and is sent to Python as the class.
script_maker <- function(fn, class) structure(fn, python = class, class = c("layerbridge_class", "function"))

#' @exportS3Method reticulate::r_to_py layerbridge_class
r_to_py.layerbridge_class <- function(x, convert = FALSE) reticulate::r_to_py(attr(x, "python"), convert)

# A method that is read like a field, and set like one if it takes a value.
script_active <- function(fn) structure(fn, active = TRUE)

# A class of Python's. Its methods see what R's functions see where they were written, or, where it is given, from
# `seen_from` on.
script_class <- function(classname, members, parent, module, private = list(), seen_from = NULL) {
  own <- new.env()
  own$private <- private
  own$of_objects <- new.env()
  own$gone <- reticulate::py_eval("[]", convert = FALSE)
  own$seen_from <- seen_from
  names(members)[names(members) == "initialize"] <- "__init__"
  is_method <- vapply(members, is.function, NA)
  members[is_method] <- Map(script_method, members[is_method], names(members)[is_method], list(own))
  namespace <- do.call(reticulate::dict, c(members, list("__module__" = module)), quote = TRUE)
  own$class <- reticulate::py_eval("lambda name, parent, members: type(name, (parent,), dict(members))")(
    classname, parent, namespace
  )
  own$class
}

# The name of the module of a class that R made there, as keras3 has it.
script_module <- function(env) {
  while (!nzchar(environmentName(env))) env <- parent.env(env)
  name <- environmentName(env)
  sprintf("<r-%s>", if (isNamespace(env)) paste0("namespace:", name) else sub("^R_GlobalEnv$", "globalenv", name))
}

# Python's function, which finds `self`, `super` and `private` where R's own looks for names; it may take `self`, as in
# Python. The places that callbacks get count from 1.
script_method <- function(fn, name, own) {
  if (bridge_is_python(fn)) return(fn)
  of_event <- startsWith(name, "on_")
  counts <- grepl("^on_(epoch|.*batch)_", name)
  first <- if (name == "from_config") "cls" else "self"
  arguments <- formals(args(fn))
  names_first <- first %in% names(arguments)
  arguments <- arguments[names(arguments) != first]
  method <- function(self, ...) {
    bound <- script_bound(fn, self, first, own)
    values <- list(...)
    if (counts && length(values)) values[[1L]] <- values[[1L]] + 1L
    if (names_first) values <- c(stats::setNames(list(self), first), values)
    returned <- if (of_event) bridge_called_with(bound, values) else do.call(bound, values, quote = TRUE)
    if (name %in% c("__init__", "build", "compile")) NULL else returned
  }
  if (of_event) return(bridge_adding_to_logs(method))
  property <- if (length(arguments)) script_set_property else script_property
  made <- reticulate::py_eval(if (isTRUE(attr(fn, "active"))) property else script_signature(arguments))(method)
  if (first == "cls") reticulate::import_builtins()$classmethod(made) else made
}

script_bound <- function(fn, self, first, own) {
  seen <- script_scope(fn, first, own)
  seen[[first]] <- self
  if (length(own$private) && first == "self") seen$private <- script_private(self, own)
  environment(fn) <- seen
  fn
}

# Where R's function looks for names: its object is put there later.
script_scope <- function(fn, first, own) {
  seen <- new.env(parent = if (is.null(own$seen_from)) environment(fn) else own$seen_from)
  seen$`__class__` <- own$class
  seen$super <- structure(function(...) seen$super, class = "layerbridge_super", parent = function(name) {
    reticulate::import_builtins()$super(own$class, seen[[first]])[[name]]
  })
  seen
}

# A private function is kept as long as its object, so it must not keep that in turn: it has a weak reference.
script_private_function <- function(fn, reference, private, own) {
  seen <- script_scope(fn, "self", own)
  makeActiveBinding("self", function(value) reference(), seen) # `self$x <<- 1` sets the object that it got
  seen$private <- private
  environment(fn) <- seen
  fn
}

# What an object has that Python does not see, kept while Python has the object.
script_private <- function(self, own) {
  while (length(own$gone)) rm(list = reticulate::py_to_r(own$gone$pop()), envir = own$of_objects)
  id <- as.character(reticulate::py_id(self))
  private <- own$of_objects[[id]]
  if (!is.null(private)) return(private)
  private <- new.env(parent = emptyenv())
  assign(id, private, own$of_objects)
  weakref <- reticulate::import("weakref")
  weakref$finalize(self, own$gone$append, id)
  reference <- weakref$ref(self)
  for (name in names(own$private)) {
    member <- own$private[[name]]
    if (is.function(member) && !bridge_is_python(member)) {
      member <- script_private_function(member, reference, private, own)
    }
    if (isTRUE(attr(member, "active"))) makeActiveBinding(name, member, private) else assign(name, member, private)
  }
  private
}

script_property <- "lambda method: property(lambda self: method(self))"
script_set_property <- "lambda method: property(lambda self: method(self), lambda self, value: method(self, value))"

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
  class <- script_class(name, mget(ls(members), members), bridge_as(parent, "any", "parent", NULL), script_module(env))
  made <- script_maker(function(...) {
    args <- lapply(list(...), bridge_as, "any", "...", sys.call())
    bridge_python(do.call(class, args, quote = TRUE), sys.call())
  }, class)
  assign(name, made, env)
  invisible(made)
}
