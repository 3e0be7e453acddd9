# Runs the code of the guide to KerasHub, which is shown without its output where KerasHub is not.
#
# usage: Rscript tests/libraries/guide.R
#
# RETICULATE_PYTHON names a Python that has the libraries.

knitr::opts_chunk$set(error = FALSE)
page <- tempfile(fileext = ".md")
guide <- new.env()
invisible(knitr::knit("vignettes/kerashub.Rmd", page, envir = guide, quiet = TRUE))
said <- readLines(page)

stopifnot(
  guide$here, guide$tuner_here, guide$pieces_here,
  all(vapply(guide$lines, function(line) any(grepl(paste0("\"", line, "\""), said, fixed = TRUE)), NA)),
  guide$history$metrics$loss[5] < guide$history$metrics$loss[1]
)
cat("The guide to KerasHub runs.\n")
