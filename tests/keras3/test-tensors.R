# Where keras3 is loaded, its methods for tensors hold, in whatever order the packages are attached. On JAX and PyTorch,
# and for symbolic tensors, it leaves `[`, dim() and length() to Python, and so does layerbridge, with a message once.
lines <- c("x[1, ]", "x[, 1:2]", "length(x)", "dim(x)", "{x[1, ]; x[0, ]}")

run <- function(backend, packages) {
  file <- withr::local_tempfile(fileext = ".R", lines = c(
    sprintf("suppressPackageStartupMessages(library(%s))", packages),
    "x <- op_convert_to_tensor(matrix(c(1, 2, 3, 4, 5, 6), 2), dtype = 'float32')",
    "said <- 0",
    "show <- function(expr) {",
    "  value <- tryCatch(expr, error = function(e) 'error')",
    "  if (inherits(value, 'python.builtin.object')) value <- as.array(value)",
    "  cat('>', deparse1(value), '\n')",
    "}",
    "withCallingHandlers({",
    sprintf("  show(%s)", lines),
    "}, message = function(m) said <<- said + 1)",
    "cat('>', said, '\n')"
  ))
  out <- system2(
    file.path(R.home("bin"), "Rscript"), shQuote(file),
    stdout = TRUE, stderr = FALSE, env = paste0("KERAS_BACKEND=", backend)
  )
  trimws(sub("^>", "", grep("^>", out, value = TRUE)))
}

orders <- list(c("keras3", "layerbridge"), c("layerbridge", "keras3"))

for (backend in c("tensorflow", "jax", "torch")) {
  test_that(paste("tensors are keras3's, and that they are Python's is said once for each use:", backend), {
    alone <- run(backend, "keras3")
    expect_length(alone, length(lines) + 1L)
    expect_identical(alone[length(alone)], "0")
    for (packages in orders) {
      both <- run(backend, packages)
      expect_identical(both[seq_along(lines)], alone[seq_along(lines)], info = toString(packages))
      expect_identical(both[length(both)], if (backend == "tensorflow") "0" else "3", info = toString(packages))
    }
  })
}
