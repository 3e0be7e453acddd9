# Prints what keras3's exported wrappers of layers are: its version, then name, Python
# class, arguments, defaults and coercions, one argument a line, separated by tabs.
#
# usage: Rscript tools/keras3_facts.R CHECKOUT >tools/keras3_facts.tsv

checkout <- commandArgs(TRUE)[1L]
cat(read.dcf(file.path(checkout, "DESCRIPTION"), "Version"), "\n", sep = "")
exports <- parseNamespaceFile(basename(checkout), dirname(checkout))$exports

find_calls <- function(code, name) {
  if (!is.call(code)) return(list())
  here <- if (identical(code[[1L]], as.name(name))) list(code)
  c(here, unlist(lapply(as.list(code), find_calls, name), recursive = FALSE))
}

python_class <- function(body) {
  layers <- quote(keras$layers)
  found <- find_calls(body, "$")
  found <- Filter(function(call) identical(call[[2L]], layers), found)
  if (length(found)) as.character(found[[1L]][[3L]])
}

coercions <- function(body) {
  call <- find_calls(body, "capture_args")
  if (!length(call) || length(call[[1L]]) < 2L) return(list())
  given <- call[[1L]][[2L]]
  if (is.call(given) && identical(given[[1L]], quote(list))) as.list(given)[-1L]
}

one_line <- function(code) gsub("\\s+", " ", paste(deparse(code), collapse = " "))

report <- function(name, fn) {
  class <- python_class(fn[[3L]])
  if (is.null(class)) return()
  arguments <- as.list(fn[[2L]])
  kinds <- coercions(fn[[3L]])
  for (argument in names(arguments)) {
    required <- identical(arguments[[argument]], quote(expr = )) # nolint: spaces_inside_linter.
    default <- if (required) "" else one_line(arguments[[argument]])
    kind <- if (is.null(kinds[[argument]])) "" else one_line(kinds[[argument]])
    cat(name, class, argument, default, kind, sep = "\t")
    cat("\n")
  }
}

for (file in list.files(file.path(checkout, "R"), "[.]R$", full.names = TRUE)) {
  for (code in parse(file, keep.source = FALSE)) {
    is_function <- is.call(code) && identical(code[[1L]], quote(`<-`)) &&
      is.name(code[[2L]]) && is.call(code[[3L]]) &&
      identical(code[[3L]][[1L]], quote(`function`))
    if (is_function && as.character(code[[2L]]) %in% exports) {
      report(as.character(code[[2L]]), code[[3L]])
    }
  }
}
