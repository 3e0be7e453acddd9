# Prints the functions of R's own packages and the generics of the package generics: package,
# name and, for an S3 generic, its arguments, separated by tabs.
#
# usage: Rscript tools/r_functions.R >python/layerbridge/bridge/r_functions.tsv

packages <- c("base", "generics", "graphics", "grDevices", "methods", "stats", "utils")

is_generic <- function(fn) !is.primitive(fn) && "UseMethod" %in% all.names(body(fn))

for (package in packages) {
  namespace <- asNamespace(package)
  exports <- if (package == "base") ls(namespace) else getNamespaceExports(package)
  for (name in sort(grep("^[A-Za-z][A-Za-z0-9._]*$", exports, value = TRUE), method = "radix")) {
    fn <- get0(name, namespace, mode = "function")
    if (is.null(fn) || (package == "generics" && !is_generic(fn))) next
    cat(package, name, if (is_generic(fn)) paste(names(formals(fn)), collapse = " ") else "", sep = "\t")
    cat("\n")
  }
}
