# Runs R code in a process of its own, because what is tested is how a session begins.
run_r <- function(code, env = character(), timeout = 240) {
  script <- withr::local_tempfile(fileext = ".R", lines = code)
  settings <- c(
    paste0("R_LIBS=", shQuote(paste(.libPaths(), collapse = .Platform$path.sep))),
    "TF_CPP_MIN_LOG_LEVEL=3",
    quick_backend(),
    env
  )
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", shQuote(script)),
    stdout = TRUE, stderr = TRUE, env = settings, timeout = timeout
  ))
  list(output = paste(output, collapse = "\n"), status = attr(output, "status") %||% 0L)
}

# Keras starts soonest on JAX, where that is there.
quick_backend <- function() if (has_python_module("jax")) "KERAS_BACKEND=jax"

# For what takes long and is nearly tried elsewhere: `make test` says so, and `make check` runs all.
skip_unless_release <- function() skip_if(is_quick(), "Left to `make check`")

is_quick <- function() identical(Sys.getenv("LAYERBRIDGE_TESTS"), "quick")

`%||%` <- function(x, y) if (is.null(x)) y else x

has_python_module <- function(name) {
  layerbridge_available() && !is.null(reticulate::import("importlib.util")$find_spec(name))
}
