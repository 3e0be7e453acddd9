# Runs R's tests where tools/coverage.R counts the lines that run. covr counts in the functions of the namespace alone.
# So the tables of the runtime, whose functions were copied before, are filled anew; and the copy of the runtime that
# wrap_library() evaluates for each library is replaced by the functions of the namespace.

namespace <- asNamespace("layerbridge")

is_table <- function(expression) is.call(expression[[3L]]) && !identical(expression[[3L]][[1L]], as.name("function"))
tables <- Filter(is_table, unlist(lapply(Sys.glob("R/runtime-*.R"), function(file) as.list(parse(file)))))
fill_tables <- function(env) for (table in tables) eval(table, env)

counted_functions <- function(env) {
  for (name in intersect(ls(env), ls(namespace, pattern = "^bridge_"))) {
    counted <- namespace[[name]]
    if (!is.function(counted)) next
    environment(counted) <- env
    assign(name, counted, env)
  }
}

register_methods <- namespace$bridge_register_methods
for (name in ls(namespace)) unlockBinding(name, namespace)
fill_tables(namespace)
namespace$bridge_register_methods <- function(env) {
  counted_functions(env)
  fill_tables(env)
  register_methods(env)
}

testthat::test_dir("tests/testthat", package = "layerbridge", load_package = "installed", stop_on_failure = TRUE)
