# Runs tools/verify_examples.py, which has R run the examples of help pages, too.
# usage: Rscript tools/verify_examples.R PYTHON LIBRARY...
arguments <- commandArgs(TRUE)
Sys.setenv(RETICULATE_PYTHON = file.path(normalizePath(dirname(arguments[1])), basename(arguments[1])))
sys <- reticulate::import("sys")
sys$path <- c(normalizePath("python"), sys$path)

functions <- new.env()
page <- new.env()
run <- function(what, code, path) {
  switch(what,
    library = {
      functions <<- new.env()
      eval(parse(text = code, keep.source = FALSE), functions)
    },
    begin = page <<- new.env(parent = functions),
    module = assign(code, reticulate::import(path, convert = path != "numpy"), page),
    line = {
      value <- NULL
      utils::capture.output(value <- eval(parse(text = code, keep.source = FALSE), page))
      return(value)
    }
  )
  invisible(NULL)
}
verify <- reticulate::import_from_path("verify_examples", "tools")
verify$main(as.list(arguments[-1]), run)
