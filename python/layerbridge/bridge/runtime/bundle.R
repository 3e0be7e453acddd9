# A model in an R object that can be saved, by the package bundle.

bridge_bundle <- function(x, ...) {
  bridge_check_session(x, "The model", sys.call())
  file <- tempfile(fileext = ".keras")
  on.exit(unlink(file))
  bridge_python(x$save(file), sys.call())
  bundle <- asNamespace("bundle") # which is loaded, as it called this: no package needs it
  bundle$bundle_constr(
    object = list(file = readBin(file, "raw", file.size(file)), libraries = bridge_libraries_of(x)),
    situate = bundle$situate_constr(function(object) {
      # an R package that brings its Python library
      for (package in intersect("layerbridge", object$libraries)) requireNamespace(package, quietly = TRUE)
      for (library in object$libraries) reticulate::import(library)
      file <- tempfile(fileext = ".keras")
      on.exit(unlink(file))
      writeBin(object$file, file)
      load_model <- reticulate::import("keras")$models$load_model
      tryCatch(load_model(file), error = function(e) {
        model <- load_model(file, compile = FALSE)
        warning("The model is restored as if it was never compiled, because of: ", conditionMessage(e), call. = FALSE)
        model
      })
    }),
    desc_class = "keras3"
  )
}

# Those whose classes the model is made of. Keras finds a class once its library is imported.
bridge_libraries_of <- function(model) {
  text <- model$to_json()
  modules <- unlist(regmatches(text, gregexpr("\"module\": \"[^\".]+", text)))
  setdiff(sub(".*\"", "", modules), c("builtins", "keras", "__main__"))
}
