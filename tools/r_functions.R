# Prints what R's own packages export, and the generics of the package generics: package, name
# and, for an S3 generic, its arguments, separated by tabs.
#
# usage: Rscript tools/r_functions.R >python/layerbridge/bridge/decide/r_functions.tsv

packages <- c("base", "generics", "graphics", "grDevices", "methods", "stats", "utils")

is_generic <- function(x) {
  is.function(x) && !is.primitive(x) && "UseMethod" %in% all.names(body(x))
}

# Methods of plot() need not have its `y`, as R's own check has it.
arguments <- function(name, generic) {
  setdiff(names(formals(generic)), if (name == "plot") "y")
}

for (package in packages) {
  namespace <- asNamespace(package)
  exports <- if (package == "base") ls(namespace) else getNamespaceExports(package)
  for (name in sort(grep("^[A-Za-z][A-Za-z0-9._]*$", exports, value = TRUE), method = "radix")) {
    found <- get0(name, namespace)
    if (package == "generics" && !is_generic(found)) next
    cat(package, name, if (is_generic(found)) paste(arguments(name, found), collapse = " ") else "", sep = "\t")
    cat("\n")
  }
}
