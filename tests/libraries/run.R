# Makes the layers of libraries that others wrote from R, as an R user would, and compares
# them with the same layers made in Python. Prints a table; fails where a layer differs.
#
# usage: Rscript tests/libraries/run.R [LIBRARY]...     by default each that has a TOML file
#
# RETICULATE_PYTHON names a Python that has the libraries.

libraries <- reticulate::import_from_path("libraries", "tests/libraries")
keras <- reticulate::import("keras")

install <- function(target, name) {
  source <- file.path(tempfile(), name)
  library <- tempfile("library")
  dir.create(library)
  libraries$generate(target, name, source)
  options <- c("CMD", "INSTALL", "--no-test-load", "--no-docs", "-l", library, source)
  log <- file.path(library, "log")
  if (system2(file.path(R.home("bin"), "R"), options, stdout = log, stderr = log) != 0L) {
    stop(paste(readLines(log), collapse = "\n"), call. = FALSE)
  }
  loadNamespace(name, lib.loc = library)
  file.path(source, "man")
}

# The call that makes the layer alone, and the call on the input, piped where a case has no other.
alone <- function(case) sprintf("%s(%s)", case$r_name, paste(c("NULL", case$r[nzchar(case$r)]), collapse = ", "))
called <- function(case) {
  call <- if (isTRUE(case$train)) "layer(x, training = TRUE)" else case$call_r
  if (is.null(call)) return(sprintf("x |> %s(%s)", case$r_name, case$r))
  sprintf("layer <- %s; %s", alone(case), call)
}

made_from_r <- function(case, namespace) {
  scope <- list2env(list(keras = keras, libraries = libraries), parent = namespace)
  evaluate <- function(code) {
    libraries$seed()
    eval(parse(text = code, keep.source = FALSE), scope)
  }
  layer <- evaluate(alone(case))
  if (is.null(case$x)) return(list(layer = layer))
  scope$x <- if (is.null(case$x_r)) libraries$value(case) else evaluate(case$x_r)
  list(layer = layer, output = function() evaluate(called(case)))
}

# What came of a case: `left` out, `made` with what `differs` (empty: equal).
run <- function(case, namespace) {
  if (!is.null(case$skip)) return(list(left = case$skip))
  wanted <- libraries$expected(case)
  if (is.null(wanted$layer)) return(list(left = paste("Python:", wanted$problem)))
  tryCatch(
    {
      ours <- made_from_r(case, namespace)
      output <- if (is.null(wanted$problem) && !is.null(ours$output)) ours$output()
      list(differs = libraries$differences(case, wanted, ours$layer, output), uncallable = wanted$problem)
    },
    error = function(problem) list(failed = conditionMessage(problem))
  )
}

report <- function(library) {
  suite <- libraries$read(library)
  man <- install(suite$target, suite$name)
  namespace <- asNamespace(suite$name)
  outcomes <- lapply(suite$cases, run, namespace)
  layers <- vapply(suite$cases, `[[`, "", "layer")
  of <- function(what) lengths(lapply(outcomes, `[[`, what)) > 0L
  count <- function(which, but = FALSE) length(setdiff(layers[which], layers[but]))
  wrong <- of("differs") | of("failed")
  undocumented <- libraries$undocumented(suite$target, man)
  numbers <- c(
    "layers" = count(TRUE), "cases" = length(layers), "made" = count(!of("left"), but = of("failed")),
    "equal" = count(!of("left"), but = wrong), "not callable in Python either" = count(of("uncallable")),
    "left out" = count(of("left")), "undocumented arguments" = sum(lengths(undocumented))
  )
  row <- function(cells) sprintf("| %s |\n", paste(cells, collapse = " | "))
  cat("\n## ", suite$target, "\n\n", row(names(numbers)), row(rep("---:", length(numbers))), row(numbers), sep = "")
  list_items <- function(title, which, text) {
    if (any(which)) cat("\n", title, "\n\n", sprintf("- `%s`: %s\n", layers[which], text[which]), sep = "")
  }
  text <- function(what) vapply(outcomes, function(outcome) paste(outcome[[what]], collapse = "; "), "")
  calls <- vapply(suite$cases, called, "")
  list_items("Differ:", of("differs"), sprintf("`%s`: %s", calls, text("differs")))
  list_items("Not made:", of("failed"), sprintf("`%s`: %s", calls, gsub("\\s*\n\\s*", " / ", text("failed"))))
  list_items("Not callable in Python either:", of("uncallable"), text("uncallable"))
  list_items("Left out:", of("left"), text("left"))
  if (length(undocumented)) {
    cat("\nDocumented in Python, and not in help:\n\n")
    cat(sprintf("- `%s`: %s\n", names(undocumented), vapply(undocumented, toString, "")), sep = "")
  }
  !any(wrong) && !length(undocumented)
}

chosen <- commandArgs(TRUE)
if (!length(chosen)) chosen <- sub("[.]toml$", "", list.files("tests/libraries", "[.]toml$"))
passed <- vapply(chosen, report, NA)
quit(status = as.integer(!all(passed)))
