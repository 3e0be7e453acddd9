# Prints pip's constraints: the versions that the installed R and reticulate can work with.

if (packageVersion("reticulate") < "1.38") {
  cat("numpy<2\n")
}
if (getRversion() < "4.5") {
  cat("rpy2-rinterface==3.6.5\n")
}
