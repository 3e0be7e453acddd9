# Prints what keras3's exported functions for the families of Keras are: its version, then
# name, Python objects, argument, default and coercion, separated by tabs, one argument a
# line; a function without arguments has one line.
#
# usage: Rscript tools/keras3_facts.R CHECKOUT >tools/keras3_facts.tsv

checkout <- commandArgs(TRUE)[1L]
families <- c(
  "activation", "application", "callback", "constraint", "initializer", "keras", "layer",
  "learning_rate_schedule", "loss", "metric", "op", "optimizer", "random", "regularizer",
  "rnn_cells?"
)
exports <- parseNamespaceFile(basename(checkout), dirname(checkout))$exports
exports <- grep(sprintf("^(%s)_", paste(families, collapse = "|")), exports, value = TRUE)

# Code ----------------------------------------------------------------------------------------

is_call_of <- function(code, names) {
  is.call(code) && is.name(code[[1L]]) && as.character(code[[1L]]) %in% names
}

# What `look` finds in the calls within code, outer ones first.
within_code <- function(code, look) {
  if (!is.call(code)) return(list())
  found <- look(code)
  c(if (length(found)) list(found), unlist(lapply(as.list(code), within_code, look), recursive = FALSE))
}

one_line <- function(code) gsub("\\s+", " ", paste(deparse(code), collapse = " "))

# What is assigned at the top of the files, by name.
read_definitions <- function(folder) {
  found <- list()
  for (file in list.files(folder, "[.]R$", full.names = TRUE)) {
    for (code in parse(file, keep.source = FALSE)) {
      if (is_call_of(code, "<-") && !is.call(code[[2L]])) {
        found[[as.character(code[[2L]])]] <- code[[3L]]
      }
    }
  }
  found
}

# The function that a name stands for: written out, wrapped in a call, or by another name.
function_of <- function(name, definitions) {
  code <- definitions[[name]]
  if (is.name(code)) return(function_of(as.character(code), definitions))
  within_code(code, function(call) if (is_call_of(call, "function")) call)[[1L]]
}

# Facts ---------------------------------------------------------------------------------------

# `keras$losses$Huber` and `ops$image$resize` as Python has them, NULL for anything else.
python_path <- function(code) {
  roots <- c(keras = "keras", ops = "keras.ops")
  if (is.name(code)) return(if (as.character(code) %in% names(roots)) roots[[as.character(code)]])
  if (is_call_of(code, "r_to_py")) return(python_path(code[[2L]]))
  if (!is_call_of(code, "$")) return()
  home <- python_path(code[[2L]])
  if (!is.null(home)) paste(home, as.character(code[[3L]]), sep = ".")
}

# A class and a function, where it depends on the arguments which of them is called; otherwise
# the last object that is called.
python_objects <- function(body) {
  either <- within_code(body, function(call) {
    if (is_call_of(call, "if") && length(call) == 4L) c(python_path(call[[3L]]), python_path(call[[4L]]))
  })
  if (length(either)) return(either[[1L]])
  called <- within_code(body, function(call) {
    callee <- if (is_call_of(call, c("do.call", "create_layer"))) call[[2L]] else call[[1L]]
    python_path(callee)
  })
  if (length(called)) called[[length(called)]]
}

# By argument: what `capture_args()` applies to it, or the function that is called on it.
coercions <- function(body, arguments) {
  captured <- within_code(body, function(call) if (is_call_of(call, "capture_args")) call)
  if (length(captured)) {
    given <- as.list(captured[[1L]])[-1L]
    return(if (length(given) && is_call_of(given[[1L]], "list")) as.list(given[[1L]])[-1L])
  }
  applied <- within_code(body, function(call) {
    converts <- is.name(call[[1L]]) && grepl("^as_", as.character(call[[1L]]))
    if (converts && length(call) == 2L && as.character(call[2L]) %in% arguments) call
  })
  names(applied) <- vapply(applied, function(call) as.character(call[[2L]]), "")
  lapply(applied, function(call) call[[1L]])
}

# The functions of keras3 that convert, in a function's name or in its code.
converters <- function(code) {
  paste(unique(grep("^(as[._]|normalize_|tuple$)", all.names(code), value = TRUE)), collapse = " ")
}

report <- function(name, code) {
  arguments <- as.list(code[[2L]])
  kinds <- coercions(code[[3L]], names(arguments))
  objects <- paste(python_objects(code[[3L]]), collapse = " ")
  if (!length(arguments)) cat(name, objects, "", "", "\n", sep = "\t")
  for (argument in names(arguments)) {
    required <- identical(arguments[[argument]], quote(expr = )) # nolint: spaces_inside_linter.
    default <- if (required) "" else one_line(arguments[[argument]])
    cat(name, objects, argument, default, converters(kinds[[argument]]), sep = "\t")
    cat("\n")
  }
}

cat(read.dcf(file.path(checkout, "DESCRIPTION"), "Version"), "\n", sep = "")
definitions <- read_definitions(file.path(checkout, "R"))
for (name in sort(exports, method = "radix")) report(name, function_of(name, definitions))
