#' Report on the set-up: R, Python and Keras
#'
#' Prints the versions and paths of R, reticulate, Python and Keras, then each
#' problem with its remedy: what the layers lack, what [wrap_layers()] and
#' [wrap_library()] lack, and whether Python loads a build of layerbridge that differs
#' from this R package. Starts Python if it is not running.
#'
#' @returns A character vector of the problems, invisibly; empty if there are none.
#' @family setting up
#' @export
#' @examplesIf layerbridge_available()
#' layerbridge_sitrep()
layerbridge_sitrep <- function() {
  problems <- setup_problems()
  facts <- c(r_facts(), python_facts())
  cat(sprintf("%-21s %s\n", names(facts), facts), sep = "")
  cat("\n", if (length(problems)) paste0("* ", problems, "\n") else "No problems found.\n", sep = "")
  invisible(problems)
}

#' Check whether the layers can be used
#'
#' Checks whether Python, Keras 3 and the layers are installed and work. A Python without
#' Keras is not started. [layerbridge_sitrep()] reports what is missing.
#'
#' @param wrap_layers Whether to check also for the Python packages that [wrap_layers()]
#'   and [wrap_library()] need.
#' @returns `TRUE` or `FALSE`.
#' @family setting up
#' @export
#' @examples
#' layerbridge_available()
layerbridge_available <- function(wrap_layers = FALSE) {
  (reticulate::py_available() || keras_is_installed()) &&
    is.null(bridge_problem("layerbridge")) &&
    !(wrap_layers && length(absent_packages()))
}

# Asks about the Python that reticulate would start, without starting or downloading one.
keras_is_installed <- function() {
  managed <- Sys.getenv("RETICULATE_USE_MANAGED_VENV", unset = NA)
  Sys.setenv(RETICULATE_USE_MANAGED_VENV = "no")
  on.exit(
    if (is.na(managed)) {
      Sys.unsetenv("RETICULATE_USE_MANAGED_VENV")
    } else {
      Sys.setenv(RETICULATE_USE_MANAGED_VENV = managed)
    }
  )
  config <- tryCatch(reticulate::py_discover_config("keras"), error = function(e) NULL)
  !is.null(config$required_module_path)
}

# `tf$keras` can be Keras 2 although the Keras beside it is Keras 3.
setup_problems <- function() {
  legacy <- Sys.getenv("TF_USE_LEGACY_KERAS") %in% c("1", "true", "True")
  c(
    bridge_problem("layerbridge"),
    if (legacy) bridge_legacy_keras("`tf$keras`"),
    if (reticulate::py_available()) absence_problem(),
    if (reticulate::py_available()) build_problem()
  )
}

# The functions here and the layers in Python must be of the same build. A layerbridge that is
# installed in Python takes precedence over the one that this package brings.
build_problem <- function() {
  bundled <- system.file("python", "layerbridge", package = "layerbridge")
  sources <- list.files(bundled, recursive = TRUE)
  sources <- sources[!grepl("__pycache__", sources, fixed = TRUE)]
  loaded <- module_folder("layerbridge")
  sums <- lapply(c(bundled, loaded), function(folder) unname(tools::md5sum(file.path(folder, sources))))
  if (!dir.exists(loaded) || identical(sums[[1L]], sums[[2L]])) return()
  sprintf(paste0(
    "layerbridge %s in R and layerbridge %s in Python, in %s, are different builds.\n",
    "Install both from the same sources; or, to use the one that comes with R, run ",
    "`%s -m pip uninstall layerbridge`. Then restart R."
  ), utils::packageVersion("layerbridge"), python_build(), loaded, reticulate::py_config()$python)
}

python_build <- function() {
  tryCatch(reticulate::import("layerbridge")$`__version__`, error = function(e) "of unknown version")
}

r_facts <- function() {
  c(
    "R" = as.character(getRversion()),
    "layerbridge" = r_package("layerbridge"),
    "reticulate" = r_package("reticulate"),
    "keras3" = r_package("keras3")
  )
}

python_facts <- function() {
  if (!reticulate::py_available()) return(c("Python" = "not started"))
  config <- reticulate::py_config()
  c(
    "Python" = paste0(config$version, ", ", config$python),
    "NumPy" = python_package("numpy"),
    "Keras" = python_package("keras"),
    "Keras backend" = keras_backend(),
    "layerbridge in Python" = paste0(python_build(), ", ", module_folder("layerbridge"))
  )
}

r_package <- function(package) {
  path <- system.file(package = package)
  if (!nzchar(path)) return("not installed")
  paste0(utils::packageVersion(package), ", ", path)
}

python_package <- function(package) {
  version <- bridge_version(package)
  if (is.null(version)) return("not installed")
  paste0(version, ", ", module_folder(package))
}

keras_backend <- function() {
  tryCatch({
    backend <- reticulate::import("keras")$config$backend()
    paste(backend, bridge_version(backend))
  }, error = function(e) "cannot be imported")
}

module_folder <- function(module) {
  tryCatch(
    dirname(reticulate::import("importlib.util")$find_spec(module)$origin),
    error = function(e) "not found"
  )
}
