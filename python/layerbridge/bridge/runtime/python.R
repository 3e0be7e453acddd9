# Python, its modules, and problems with them.

# The oldest supported versions.
bridge_needs <- list(keras = "3.5", reticulate_for_numpy_2 = "1.38")

# Calls a function once a package is loaded, now if it is already: reticulate takes R most of a
# second to load, so library() leaves that to the first call.
bridge_once_loaded <- function(package, then) {
  if (isNamespaceLoaded(package)) then() else setHook(packageEvent(package, "onLoad"), then)
}

# The modules that work, and the process that imported them.
bridge_modules <- new.env(parent = emptyenv())

bridge_import <- function(module, call = NULL) {
  bridge_check_process(call)
  if (is.null(bridge_modules[[module]])) {
    problem <- bridge_problem(module)
    if (!is.null(problem)) bridge_abort(problem, call)
    bridge_modules[[module]] <- reticulate::import(module)
  }
  bridge_modules[[module]]
}

# In a fork of the process that started Keras, whatever uses it waits for threads that are not there.
bridge_check_process <- function(call) {
  process <- bridge_modules[["of process"]]
  if (is.null(process)) bridge_modules[["of process"]] <- process <- Sys.getpid()
  if (process == Sys.getpid()) return()
  bridge_abort(paste(
    "Keras does not work in a fork of the R process that started it.",
    "Use separate processes: `parallel::makeCluster()` in place of",
    "`parallel::mclapply()`, or `callr::r()`."
  ), call)
}

# The first problem that keeps a module of Keras layers from being used, with its remedy, or
# NULL. Starts Python.
bridge_problem <- function(module) {
  problem <- bridge_version_problem()
  if (!is.null(problem)) return(problem)
  for (name in c("keras", module)) {
    absent <- NULL
    failure <- bridge_failure(absent <- bridge_ask("absent_module", name))
    if (!is.null(absent)) return(bridge_not_installed(absent, reticulate::py_config()$python))
    if (!is.null(failure)) return(sprintf("Python module '%s' could not be imported: %s", name, failure))
  }
}

# What a class of errors and a signature tell, so that no message is read: the module that is not there when one is
# imported, itself or one that it needs; what has no default, and a call does not give; and whether a name may be given.
bridge_questions <- "
def absent_module(name):
    import importlib
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as problem:
        if problem.name is None:
            raise
        return problem.name

def absent_parameters(function, positions, names):
    import inspect
    parameters = list(inspect.signature(function).parameters.values())[positions:]
    any_number = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    required = (p for p in parameters if p.default is p.empty and p.kind not in any_number)
    return [p.name for p in required if p.name not in names]

def takes(function, name):
    import inspect
    try:
        parameters = inspect.signature(function).parameters
    except ValueError:
        return True
    return name in parameters or any(p.kind is p.VAR_KEYWORD for p in parameters.values())
"

bridge_ask <- function(question, ...) {
  reticulate::py_run_string(bridge_questions, local = TRUE)[[question]](...)
}

# What can be told before Keras is imported.
bridge_version_problem <- function() {
  failure <- bridge_failure(reticulate::py_config())
  if (!is.null(failure)) return(bridge_no_python(failure))
  python <- reticulate::py_config()$python
  keras <- bridge_version("keras")
  numpy <- bridge_version("numpy")
  reticulate <- utils::packageVersion("reticulate")
  if (is.null(keras)) return(bridge_not_installed("keras", python))
  if (keras < bridge_needs$keras) {
    return(sprintf(paste0(
      "Keras %s or newer is needed; received Keras %s, in %s.\n",
      "Run `%s -m pip install --upgrade keras`, then restart R."
    ), bridge_needs$keras, keras, python, python))
  }
  if (!is.null(numpy) && numpy >= "2" && reticulate < bridge_needs$reticulate_for_numpy_2) {
    return(sprintf(paste0(
      "NumPy %s needs reticulate %s or newer; received reticulate %s.\n",
      "Run `install.packages(\"reticulate\")`, or `%s -m pip install \"numpy<2\"`, ",
      "then restart R."
    ), numpy, bridge_needs$reticulate_for_numpy_2, reticulate, python))
  }
}

bridge_no_python <- function(failure) {
  paste0(
    "Keras layers need Python, which could not be started: ", failure, "\n",
    "Install Python 3.10 or newer, and Keras in it with ",
    "`python -m pip install keras tensorflow`.\n",
    "Then set the environment variable RETICULATE_PYTHON to the path of that Python, ",
    "and restart R."
  )
}

# R can start only one Python, so a Python that lacks a module cannot be replaced.
bridge_not_installed <- function(module, python) {
  package <- sub("[.].*", "", module)
  needed <- if (package == "keras") "keras tensorflow" else package
  sprintf(paste0(
    "Python module '%s' was not found in the Python that R started, %s.\n",
    "Run `%s -m pip install %s`, then restart R.\n",
    "To use another Python, restart R and set RETICULATE_PYTHON to its path before ",
    "anything starts Python."
  ), module, python, python, needed)
}

bridge_failure <- function(expr) {
  reticulate::py_clear_last_error()
  tryCatch({
    expr
    NULL
  }, error = bridge_python_message)
}

# The version of an installed Python package, without any suffix after its numbers, found
# without importing it.
bridge_version <- function(package) {
  metadata <- reticulate::import("importlib.metadata")
  version <- tryCatch(metadata$version(package), error = function(e) NULL)
  if (is.null(version)) return(NULL)
  numbers <- regmatches(version, regexpr("^[0-9]+([.][0-9]+)*", version))
  numeric_version(numbers)
}

bridge_legacy_keras <- function(what) {
  paste0(
    what, " is Keras 2, but Keras 3 is needed.\n",
    "Run `Sys.unsetenv(\"TF_USE_LEGACY_KERAS\")` before anything starts Python, or use ",
    "`reticulate::import(\"keras\")` in place of `tf$keras`."
  )
}
