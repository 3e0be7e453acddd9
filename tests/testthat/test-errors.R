# The wording is part of what is promised, so each message is a snapshot: of the text
# alone, because versions of testthat print conditions differently.
said <- function(...) {
  env <- parent.frame()
  for (call in as.list(substitute(list(...)))[-1]) {
    outcome <- tryCatch(
      {
        eval(call, env)
        "no error"
      },
      layerbridge_error = conditionMessage
    )
    cat(deparse1(call), "\n  ", outcome, "\n", sep = "")
  }
}

test_that("`object` may be a model, a tensor or an array, and nothing else", {
  skip_if_no_keras()
  for (object in list("a string", 5, TRUE, list(), mtcars, mean, keras()$layers$Flatten())) {
    expect_error(
      layer_dropblock_2d(object, rate = 0.1, block_size = 3),
      class = "layerbridge_error"
    )
  }
  expect_snapshot_output(said(
    layer_dropblock_2d("a string", rate = 0.1, block_size = 3),
    layer_dropblock_2d(5, rate = 0.1, block_size = 3),
    layer_dropblock_2d(mtcars, rate = 0.1, block_size = 3),
    layer_dropblock_2d(mean, rate = 0.1, block_size = 3),
    layer_dropblock_2d(keras()$layers$Flatten(), rate = 0.1, block_size = 3)
  ))
})

test_that("a number where `object` belongs is told before what is missing", {
  skip_if_no_keras()
  expect_snapshot_output(said(
    layer_dropblock_2d(0.1, 7),
    layer_spatial_dropout_2d(0.1)
  ))
})

test_that("a Functional model says that its output is what goes on", {
  skip_if_no_keras()
  input <- symbolic(8, 8, 2)
  model <- keras()$Model(input, layer_spatial_dropout_2d(input, rate = 0.1))
  expect_snapshot_output(said(layer_spatial_dropout_2d(model, rate = 0.1)))
})

test_that("a model of a session that has ended says so", {
  skip_if_no_keras()
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(keras()$Sequential(), file)
  stale <- readRDS(file)
  expect_snapshot_output(said(layer_spatial_dropout_2d(stale, rate = 0.1)))
  expect_error(bridge_as(stale, "any", "model", NULL), "^`model` comes from an earlier R session")
  expect_error(bridge_bundle(stale), "^The model comes from an earlier R session")
})

test_that("a layer that was read from a file says so, called or drawn", {
  skip_if_no_keras()
  file <- withr::local_tempfile(fileext = ".rds")
  saveRDS(layer_spatial_dropout_2d(rate = 0.1), file)
  stale <- readRDS(file)
  expect_snapshot_output(said(stale(array(1, c(1, 3, 3, 1))), plot(stale), plot_masks(list(stale))))
})

test_that("wrong values say what was expected and what was received", {
  skip_if_no_keras()
  expect_snapshot_output(said(
    layer_dropblock_2d(rate = 1.5, block_size = 3),
    layer_dropblock_2d(rate = -0.1, block_size = 3),
    layer_dropblock_2d(rate = NA, block_size = 3),
    layer_dropblock_2d(rate = NULL, block_size = 3),
    layer_dropblock_2d(rate = numeric(), block_size = 3),
    layer_dropblock_2d(rate = c(0.1, 0.2), block_size = 3),
    layer_dropblock_2d(rate = "0.1", block_size = 3),
    layer_dropblock_2d(rate = NaN, block_size = 3),
    layer_dropblock_2d(rate = 0.1, block_size = 2.5),
    layer_dropblock_2d(rate = 0.1, block_size = 0),
    layer_dropblock_2d(rate = 0.1, block_size = NA),
    layer_dropblock_2d(rate = 0.1, block_size = integer()),
    layer_dropblock_2d(rate = 0.1, block_size = "7"),
    layer_dropblock_2d(rate = 0.1, block_size = c(1, 2, 3)),
    layer_dropblock_2d(rate = 0.1, block_size = 3, data_format = "channels_middle"),
    layer_dropblock_2d(rate = 0.1, block_size = 3, normalize = "all"),
    layer_dropblock_2d(rate = 0.1, block_size = 3, per_channel = NA),
    layer_dropblock_2d(rate = 0.1, block_size = 3, seed = 1.5),
    layer_spatial_dropout_2d(rate = Inf)
  ))
})

test_that("missing arguments are R's own errors", {
  expect_error(layer_dropblock_2d(block_size = 3), "rate")
  expect_error(layer_dropblock_2d(rate = 0.1), "block_size")
  expect_error(layer_spatial_dropout_1d(), "rate")
})

test_that("an unknown argument gets a suggestion", {
  skip_if_no_keras()
  expect_snapshot_output(said(
    layer_dropblock_2d(rate = 0.1, block_sizes = 3, block_size = 3),
    layer_spatial_dropout_2d(rate = 0.1, trainble = FALSE),
    layer_spatial_dropout_2d(rate = 0.1, something_else = FALSE),
    layer_dropblock_2d(rate = 0.1, blocksize = 3),
    layer_dropblock_2d(rate = 0.1, something_else = 3)
  ))
})

test_that("a map with too few axes says so", {
  skip_if_no_keras()
  expect_snapshot_output(said(
    layer_dropblock_2d(symbolic(8, 3), rate = 0.1, block_size = 3),
    layer_spatial_dropout_1d(array(1, c(2, 3)), rate = 0.1)
  ))
})

test_that("the condition carries the user's call", {
  skip_if_no_keras()
  mine <- function() layer_dropblock_2d(rate = 2, block_size = 3)
  condition <- expect_error(mine(), class = "layerbridge_error")
  expect_identical(conditionCall(condition)[[1]], quote(layer_dropblock_2d))
  expect_no_match(conditionMessage(condition), "Traceback|py_last_error")
})

test_that("an error of a layer that is called later is as readable", {
  skip_if_no_keras()
  drop <- layer_dropblock_2d(rate = 0.1, block_size = 3)
  condition <- expect_error(drop(array(1, c(2, 3))), class = "layerbridge_error")
  expect_match(conditionMessage(condition), "^DropBlock2D must be called on a tensor of 4 axes")
  expect_identical(conditionCall(condition)[[1]], quote(drop))
  expect_error(drop(stop("of the user")), "^of the user$")
})

test_that("arguments of other libraries are said to be what they are here", {
  skip_if_no_keras()
  expect_snapshot_output(said(
    layer_dropblock_2d(drop_prob = 0.1),
    layer_dropblock_2d(keep_prob = 0.9, block_size = 7),
    layer_dropblock_2d(rate = 0.1, size = 7),
    layer_dropblock_2d(rate = 0.1, block_size = 7, couple_channels = TRUE),
    layer_dropblock_2d(rate = 0.1, block_size = 7, warmup_iters = 100),
    layer_drop_path(rate = 0.1, scale_by_keep = TRUE)
  ))
})
