# Prints how much of the R code its tests run, file by file. Fails below 90 % of the lines.

Sys.setenv(NOT_CRAN = "true") # what would take CRAN long is tested only where this is set
tests <- sprintf('setwd("%s"); source("tools/coverage_tests.R")', getwd())
coverage <- covr::package_coverage(type = "none", code = tests)
print(coverage)
quit(status = as.integer(covr::percent_coverage(coverage, by = "line") < 90))
