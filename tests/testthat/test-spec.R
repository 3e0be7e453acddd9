# The file that the generator's own tests read as well.
wrappers <- jsonlite::fromJSON(test_path("..", "fixtures", "spec.json"), simplifyVector = FALSE)

test_that("the functions that call Python are those of the specification", {
  functions <- Filter(is.function, mget(getNamespaceExports("layerbridge"), asNamespace("layerbridge")))
  wrapping <- Filter(function(fn) "bridge_call" %in% all.names(body(fn)), functions)
  expect_setequal(names(wrapping), vapply(wrappers, `[[`, "", "r_name"))
})

test_that("each function has the arguments and the defaults of the specification", {
  for (wrapper in wrappers) {
    defaults <- lapply(wrapper$params, function(param) {
      if (is.null(param$r_default)) quote(expr = ) else str2lang(param$r_default) # nolint: spaces_inside_linter.
    })
    names(defaults) <- vapply(wrapper$params, `[[`, "", "r_name")
    given <- formals(getExportedValue("layerbridge", wrapper$r_name))
    expect_identical(as.list(given)[names(defaults)], defaults, info = wrapper$r_name)
    expect_setequal(
      setdiff(names(given), "object"), c(names(defaults), if (wrapper$accepts_dots) "...")
    )
  }
})
