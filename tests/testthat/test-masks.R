drop <- function(layer, x) {
  as_r(layer(x, training = TRUE))
}

test_that("a dropped block is whole, in both data formats", {
  skip_if_no_keras()
  x <- array(1, c(4, 12, 12, 3))
  last <- drop(layer_dropblock_2d(
    rate = 0.3, block_size = 4, seed = 3, data_format = "channels_last"
  ), x)
  first <- drop(layer_dropblock_2d(
    rate = 0.3, block_size = 4, seed = 3, data_format = "channels_first"
  ), aperm(x, c(1, 4, 2, 3)))
  for (map in list(last[1, , , 1], first[1, 1, , ])) {
    expect_true(any(map == 0))
    expect_true(any(map != 0))
    expect_true(union_of_blocks(map == 0, 4))
  }
  expect_identical(last, aperm(first, c(1, 3, 4, 2)))
})

test_that("spatial dropout drops whole channels", {
  skip_if_no_keras()
  y <- drop(layer_spatial_dropout_2d(rate = 0.5, seed = 1), array(1, c(8, 5, 5, 16)))
  planes <- apply(y == 0, c(1, 4), mean)
  expect_setequal(planes, c(0, 1))
})

test_that("`per_channel = FALSE` drops the same cells of every channel", {
  skip_if_no_keras()
  y <- drop(
    layer_dropblock_2d(rate = 0.3, block_size = 3, per_channel = FALSE, seed = 1),
    array(1, c(2, 9, 9, 4))
  )
  for (channel in 2:4) expect_identical(y[, , , channel], y[, , , 1])
})

test_that("inference is the identity, and a seed repeats", {
  skip_if_no_keras()
  x <- array(rnorm(2 * 9 * 9 * 4), c(2, 9, 9, 4))
  layer <- layer_dropblock_2d(rate = 0.3, block_size = 3, dtype = "float64")
  expect_identical(as_r(layer(x)), x)

  again <- function() drop(layer_dropblock_2d(rate = 0.3, block_size = 3, seed = 5), x)
  expect_identical(again(), again())
})
