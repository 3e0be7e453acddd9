# Runs R code in a process of its own, because what is tested is how a session begins.
run_r <- function(code, env = character(), timeout = 240) {
  script <- withr::local_tempfile(fileext = ".R", lines = code)
  settings <- c(
    paste0("R_LIBS=", shQuote(paste(.libPaths(), collapse = .Platform$path.sep))),
    "TF_CPP_MIN_LOG_LEVEL=3",
    env
  )
  output <- suppressWarnings(system2(
    file.path(R.home("bin"), "Rscript"),
    c("--vanilla", shQuote(script)),
    stdout = TRUE, stderr = TRUE, env = settings, timeout = timeout
  ))
  list(output = paste(output, collapse = "\n"), status = attr(output, "status") %||% 0L)
}

`%||%` <- function(x, y) if (is.null(x)) y else x
