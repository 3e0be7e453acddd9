# Prints how much of the R code its tests run, file by file. Fails below 90 % of the lines.

Sys.setenv(NOT_CRAN = "true") # what would take CRAN long is tested only where this is set
coverage <- covr::package_coverage(type = "none", code = sprintf('setwd("%s"); source("tools/coverage_tests.R")', getwd()))
print(coverage)
quit(status = as.integer(covr::percent_coverage(coverage, by = "line") < 90))
