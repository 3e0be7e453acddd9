# The file that the generator's own tests read as well.
wrappers <- jsonlite::fromJSON(test_path("..", "fixtures", "spec.json"), simplifyVector = FALSE)

# A method is no export, and has the name of its class.
names(wrappers) <- vapply(wrappers, function(wrapper) {
  if (is.null(wrapper$generic)) wrapper$r_name else paste0(wrapper$generic, ".", wrapper$class_in_r)
}, "")

test_that("the functions that call Python are those of the specification", {
  functions <- Filter(is.function, as.list(asNamespace("layerbridge")))
  wrapping <- Filter(function(fn) !is.null(bridge_target_of(fn)), functions)
  expect_setequal(names(wrapping), names(wrappers))
  methods <- Filter(function(wrapper) !is.null(wrapper$generic), wrappers)
  exported <- getNamespaceExports("layerbridge")
  expect_true(all(setdiff(names(wrappers), names(methods)) %in% exported))
  expect_true(all(setdiff(vapply(methods, `[[`, "", "generic"), "summary") %in% exported))
})

test_that("each function has the arguments and the defaults of the specification", {
  for (name in names(wrappers)) {
    wrapper <- wrappers[[name]]
    defaults <- lapply(wrapper$params, function(param) {
      if (is.null(param$r_default)) quote(expr = ) else str2lang(param$r_default) # nolint: spaces_inside_linter.
    })
    names(defaults) <- vapply(wrapper$params, `[[`, "", "r_name")
    given <- formals(get(name, asNamespace("layerbridge")))
    expect_identical(as.list(given)[names(defaults)], defaults, info = name)
    first <- c("object", if (!is.null(wrapper$generic)) names(given)[1L])
    expect_setequal(
      setdiff(names(given), setdiff(first, names(defaults))), c(names(defaults), if (wrapper$accepts_dots) "...")
    )
  }
})
