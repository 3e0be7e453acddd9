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
readme <- paste(readLines("README.md"), collapse = "\n")
used <- unique(regmatches(readme, gregexpr("(?<=hub\\$)\\w+", readme, perl = TRUE))[[1]])
stopifnot(length(used) > 0, used %in% names(guide$hub))
cat("The guide to KerasHub runs, and README names functions that there are.\n")
