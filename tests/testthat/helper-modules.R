# Makes the Python modules of the tests importable.
test_module <- function(name) {
  path <- reticulate::import("sys", convert = FALSE)$path
  folder <- normalizePath(test_path("modules"))
  if (!folder %in% reticulate::py_to_r(path)) path$append(folder)
  reticulate::import(name)
}
