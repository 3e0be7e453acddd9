# The file that the generator's own tests read as well.
layers <- jsonlite::fromJSON(test_path("..", "fixtures", "spec.json"), simplifyVector = FALSE)

test_that("the exported layer functions are those of the specification", {
  exported <- grep("^layer_", getNamespaceExports("layerbridge"), value = TRUE)
  expect_setequal(exported, vapply(layers, `[[`, "", "r_name"))
})

test_that("each function has the arguments and the defaults of the specification", {
  for (layer in layers) {
    defaults <- lapply(layer$params, function(param) {
      if (is.null(param$r_default)) quote(expr = ) else str2lang(param$r_default) # nolint: spaces_inside_linter.
    })
    names(defaults) <- vapply(layer$params, `[[`, "", "r_name")
    given <- formals(getExportedValue("layerbridge", layer$r_name))
    expect_identical(as.list(given)[names(defaults)], defaults, info = layer$r_name)
    expect_setequal(names(given), c("object", names(defaults), if (layer$accepts_dots) "..."))
  }
})
