# What a generated function stands for in Python, and what is known of one call of it.

bridge_args <- function(...) list(...)

# Makes a generated function of its arguments and one bridge_call(). What it stands for is in an environment of its
# own, where the call finds it; its class is for reticulate, which sends it as the Python object.
bridge_function <- function(fn, module, name, ...) {
  home <- new.env(parent = environment(fn))
  home$bridge_own_target <- bridge_target(module, name, formals(fn), ...)
  environment(fn) <- home
  structure(fn, class = c("bridge_function", "function"))
}

# - module, name: where Python has it. A method has no module: it is of the object that the first argument is. A class
#   and a function that does the same have both names, and `name` may have dots, as in `Backbone.from_preset`;
# - arguments: those of the R function, with their defaults;
# - composes: the row of bridge_composers that it is called by;
# - kinds, names: of the arguments, how an R value reaches Python, and the names there that differ;
# - inputs: what Python takes by position, or what the call of a layer takes;
# - sent: the arguments whose default R sends, as Python's own is another;
# - make(args, target): calls Python, where R takes or returns something else than that: a row of the rules names it.
#
# What follows from these, of the arguments but for `...`:
# - labels, defaults: their names, and what stands for those that are not given;
# - asks_missing, asks_written: code that finds in a call's frame which are missing, and what was written for each;
# - required: the names of those without a default;
# - takes_dots: whether there is `...`;
# - self: the name of the argument that is a method's object;
# - kept: what was found in Python.
#
# What a call adds:
# - call: as the user wrote it, for messages; composer: the row itself;
# - object: whose method is called;
# - by_position: the arguments that have no names in Python's call;
# - from_zero: whether the user counts from 0, as Python does.
bridge_target <- function(
  module, name, arguments, composes = "layer", kinds = list(), names = list(), inputs = NULL, sent = NULL,
  make = bridge_make
) {
  labels <- setdiff(as.character(names(arguments)), "...")
  symbols <- lapply(labels, as.name)
  defaults <- unname(as.list(arguments[labels]))
  list(
    module = module, name = name, arguments = arguments, composes = composes, kinds = kinds, names = names,
    inputs = inputs, sent = sent, make = make,
    labels = labels, defaults = defaults,
    asks_missing = as.call(c(list(c, logical()), lapply(symbols, function(symbol) as.call(list(missing, symbol))))),
    asks_written = as.call(list(substitute, as.call(c(list(list), symbols)))),
    required = labels[vapply(seq_along(labels), function(i) identical(defaults[i], bridge_nothing), NA)],
    takes_dots = "..." %in% names(arguments),
    self = if (is.null(module)) labels[1L], kept = new.env(parent = emptyenv()),
    call = NULL, composer = NULL, object = NULL, by_position = character(), from_zero = FALSE
  )
}

# NULL of any function that was not generated.
bridge_target_of <- function(fn) {
  home <- environment(fn)
  if (!is.null(home)) home[["bridge_own_target"]]
}

# What is called, as it was at the first call; of a method, what the object has.
bridge_found <- function(target) {
  if (is.null(target$module)) return(bridge_part(target$object, target$name))
  callable <- target$kept[[target$name]]
  if (is.null(callable) || reticulate::py_is_null_xptr(callable)) {
    callable <- bridge_part(bridge_import(target$module, target$call), target$name)
    assign(target$name, callable, target$kept)
  }
  callable
}

bridge_part <- function(of, name) {
  for (part in strsplit(name, ".", fixed = TRUE)[[1L]]) of <- of[[part]]
  of
}

# As an argument -----------------------------------------------------------------------------

# A function that represents a Python object is sent as that object: a generated one, or one of keras3, which resolves
# its own.
bridge_stands_for <- function(fn, call) {
  target <- bridge_target_of(fn)
  if (!is.null(target)) return(bridge_represented(fn, target, call))
  if (!bridge_is_of_keras3(fn)) return(fn)
  get("resolve_py_obj", asNamespace("keras3"))(fn)
}

# Where R counts or computes otherwise than Python, the function itself is sent; a class is the class, whatever R makes
# of it. Of a class and its function, Python is to call the function.
bridge_represented <- function(fn, target, call) {
  of_r <- target$composes == "function" && !identical(target$make, bridge_make)
  if (of_r || !bridge_composers[[target$composes]]$represents) return(fn)
  target$name <- target$name[length(target$name)]
  target$call <- call
  bridge_found(target)
}

# What reticulate sends, also where keras3 or a user's own code calls Python. A class to derive from is the class.
bridge_function_to_python <- function(x, convert = FALSE) {
  stands_for <- bridge_stands_for(x, NULL)
  reticulate::r_to_py(if (bridge_is_python(stands_for)) stands_for else unclass(x), convert)
}

bridge_is_of_keras3 <- function(fn) {
  isNamespaceLoaded("keras3") && !is.primitive(fn) &&
    identical(topenv(environment(fn)), asNamespace("keras3"))
}

bridge_print_function <- function(x, ...) {
  target <- bridge_target_of(x)
  cat("# ", paste(c(target$module, target$name[1L]), collapse = "."), " in Python\n", sep = "")
  writeLines(utils::head(deparse(args(x)), -1L))
  invisible(x)
}
