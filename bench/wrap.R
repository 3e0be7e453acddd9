# Prints as JSON how many seconds wrap_layers() of a small module takes, Keras imported.

suppressWarnings(library(layerbridge))
keras <- reticulate::import("keras")
seconds <- vapply(1:5, function(i) {
  system.time(wrap_layers("layerbridge"))[["elapsed"]]
}, 0)
cat("\n[", paste(seconds, collapse = ", "), "]\n", sep = "")
