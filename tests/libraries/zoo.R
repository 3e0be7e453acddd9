# Makes the R packages of whole libraries, runs an example of each in R and in Python, and checks the packages.
# Fails where a package does not pass, or an example gives something else than in Python.
#
# usage: Rscript tests/libraries/zoo.R [--examples] [LIBRARY]...     by default all of zoo.toml
#
# RETICULATE_PYTHON names a Python that has the libraries. --examples leaves out the checks, which take minutes.

zoo <- reticulate::import_from_path("zoo", "tests/libraries")
libraries <- reticulate::import_from_path("libraries", "tests/libraries")

r_cmd <- function(..., folder) {
  here <- setwd(folder)
  on.exit(setwd(here))
  log <- file.path(folder, "log")
  if (system2(file.path(R.home("bin"), "R"), c("CMD", ...), stdout = log, stderr = log) != 0L) {
    stop(paste(utils::tail(readLines(log), 3L), collapse = " / "), call. = FALSE)
  }
}

example <- function(library, name, folder) {
  home <- file.path(folder, "library")
  r_cmd("INSTALL", "--no-test-load", "--no-docs", "--no-byte-compile", "-l", home, name, folder = folder)
  suppressMessages(library(name, lib.loc = home, character.only = TRUE))
  on.exit(detach(paste0("package:", name), character.only = TRUE, unload = TRUE))
  libraries$seed()
  scope <- new.env(parent = globalenv())
  eval(parse(text = zoo$told()[[library]]$r, keep.source = FALSE), scope)
  zoo$differences(library, scope$result)
}

said <- function(code) {
  tryCatch(code, error = function(e) paste("failed:", gsub("\\s*\n\\s*", " / ", conditionMessage(e))))
}

visit <- function(library) {
  folder <- tempfile()
  dir.create(file.path(folder, "library"), recursive = TRUE)
  on.exit(unlink(folder, recursive = TRUE))
  made <- zoo$make(library, folder)
  well <- zoo$record(library, made)
  if (is.null(made$problem)) {
    well <- zoo$record(library, list(example = said(example(library, made$name, folder))))
    if (checked) {
      r_cmd("build", "--no-build-vignettes", made$name, folder = folder)
      for (kind in c("without_python", "with_python")) {
        status <- said(zoo$check(made$name, folder, kind))
        well <- zoo$record(library, stats::setNames(list(status), kind))
      }
    }
  }
  cat(library, if (well) "is well" else "is not well", "\n")
  well
}

chosen <- commandArgs(TRUE)
checked <- !"--examples" %in% chosen
chosen <- setdiff(chosen, "--examples")
if (!length(chosen)) chosen <- names(zoo$told())
well <- vapply(chosen, visit, NA)
quit(status = as.integer(!all(well)))
