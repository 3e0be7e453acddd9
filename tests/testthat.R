library(testthat)
library(layerbridge)

test_check("layerbridge")
