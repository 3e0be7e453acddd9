# A model in an R object that can be saved, by the package bundle. What restores it stands alone.

#' @exportS3Method bundle::bundle keras.src.models.model.Model
bundle.keras.src.models.model.Model <- function(x, ...) { # nolint: object_name_linter.
  bridge_check_session(x, "The model", sys.call())
  file <- tempfile(fileext = ".keras")
  on.exit(unlink(file))
  bridge_python(x$save(file), sys.call())
  bundle::bundle_constr(
    object = readBin(file, "raw", file.size(file)),
    situate = bundle::situate_constr(function(object) {
      requireNamespace("layerbridge", quietly = TRUE)
      keras <- reticulate::import("keras")
      file <- tempfile(fileext = ".keras")
      on.exit(unlink(file))
      writeBin(object, file)
      keras$models$load_model(file)
    }),
    desc_class = "keras3"
  )
}
