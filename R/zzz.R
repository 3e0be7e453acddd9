# What happens when the package is loaded, when reticulate is, when Python starts, and
# when Keras is imported. Loading the package neither loads reticulate, starts Python nor
# imports Keras.

.onLoad <- function(libname, pkgname) {
  bridge_register_methods(topenv())
  bridge_once_loaded("reticulate", when_reticulate_loads)
}

when_reticulate_loads <- function(...) {
  declare_python_needs()
  setHook("reticulate::keras::load", register_layers)
  if (reticulate::py_available()) {
    when_python_starts()
  } else {
    setHook("reticulate.onPyInit", when_python_starts)
  }
}

# Keras may have been imported before reticulate attached to this Python, as with rpy2.
when_python_starts <- function(...) {
  bridge_check_process(NULL)
  add_bundled_layers(reticulate::import("sys", convert = FALSE)$path)
  if (reticulate::py_eval("'keras' in __import__('sys').modules")) {
    register_layers()
  }
}

# At the end of the path, so that a layerbridge installed in Python comes first.
add_bundled_layers <- function(path) {
  bundled <- system.file("python", package = "layerbridge")
  if (!bundled %in% reticulate::py_to_r(path)) {
    path$append(bundled)
  }
}

# Importing the module registers its layers, which lets Keras load models that contain
# them. If the import fails, making the first layer reports why.
register_layers <- function(...) {
  tryCatch(bridge_import("layerbridge"), error = function(e) NULL)
}

# What pyproject.toml requires.
python_requirements <- function() {
  listed <- readLines(system.file("python", "layerbridge", "requirements.txt", package = "layerbridge"))
  listed[!startsWith(listed, "#")]
}

# For the environment that newer versions of reticulate create by themselves. Where
# keras3 is loaded, it chooses the backend.
declare_python_needs <- function() {
  if (!"py_require" %in% getNamespaceExports("reticulate")) {
    return(invisible())
  }
  py_require <- getExportedValue("reticulate", "py_require")
  py_require(python_requirements())
  if (!isNamespaceLoaded("keras3")) {
    py_require(Sys.getenv("KERAS_BACKEND", "tensorflow"))
  }
}
