dropblock <- function(rate, ...) layer_dropblock_2d(rate = rate, block_size = 3, ...)

maps <- array(1:36, c(3, 4, 3))

# What a picture of base graphics consists of: its pixels, its words, its lines.
drawn <- function(code) {
  skip_on_cran() # how R records a picture may change
  grDevices::pdf(NULL)
  on.exit(grDevices::dev.off())
  grDevices::dev.control("enable")
  force(code)
  calls <- lapply(grDevices::recordPlot()[[1]], `[[`, 2)
  routine <- vapply(calls, function(call) call[[1]]$name, "")
  first <- function(name) lapply(calls[routine == name], `[[`, 2)
  list(
    rasters = lapply(first("C_raster"), as.matrix),
    titles = unlist(first("C_title")),
    labels = Filter(function(label) !grepl("dropped in", label), vapply(first("C_mtext"), identity, "")),
    curves = lapply(first("C_plotXY"), function(xy) xy$y)
  )
}

test_that("plot_masks() gives each layer a row of masks, frequencies and rates", {
  skip_if_no_keras()
  layers <- list(
    "dropout" = keras()$layers$Dropout(0.5),
    "DropBlock" = dropblock(schedule_linear_ramp(0, 0.5, 4)),
    "spatial dropout" = layer_spatial_dropout_2d(rate = 0.5, data_format = "channels_first")
  )
  picture <- drawn(
    shares <- plot_masks(layers, array(rnorm(9 * 11 * 6), c(9, 11, 6)), channels = 2, draws = 400)
  )
  expect_named(shares, names(layers))
  expect_equal(unname(shares), c(0.5, 0.5, 0.5), tolerance = 0.1)
  expect_identical(picture$labels, names(layers))
  expect_length(picture$rasters, 9)
  expect_identical(unique(lapply(picture$rasters, dim)), list(c(9L, 11L)))
  for (channel in picture$rasters[7:8]) expect_true(mean(channel == dropped_colour) %in% c(0, 1))
  expect_identical(picture$titles[1:2], c("channel 1", "channel 2"))
  expect_equal(picture$curves, list(c(0, 0.5 / 3, 1 / 3, 0.5, 0.5, 0.5)), tolerance = 1e-6)
})

test_that("plot() draws one layer into a file", {
  skip_if_no_keras()
  layer <- dropblock(0.5, name = "mine")
  expect_identical(drawn(plot(layer, draws = 5))$labels, "mine")

  sizes <- vapply(list(function() graphics::plot.new(), function() plot(layer, draws = 5)), function(draw) {
    file <- withr::local_tempfile(fileext = ".png")
    grDevices::png(file, 900, 300)
    draw()
    grDevices::dev.off()
    file.size(file)
  }, 0)
  expect_gt(sizes[2], 2 * sizes[1])
})

test_that("layers of every rank are drawn, and one that drops nothing says so", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  layers <- list(
    layer_dropblock_1d(rate = 0.3, block_size = 7), dropblock(0.3), layer_dropblock_3d(rate = 0.3, block_size = 3)
  )
  sizes <- list(c(1L, 56L), c(14L, 14L), c(14L, 14L))
  for (i in seq_along(layers)) {
    picture <- drawn(share <- plot(layers[[i]], draws = 20))
    expect_length(picture$rasters, 5)
    expect_identical(unique(lapply(picture$rasters, dim)), sizes[i])
    expect_equal(unname(share), 0.3, tolerance = 0.5)
    cells <- ggplot2::layer_data(ggplot2::autoplot(layers[[i]], "frequency", draws = 20))
    expect_identical(nrow(cells), prod(sizes[[i]]) |> as.integer())
  }
  expect_identical(drawn(plot(dropblock(0), draws = 5))$titles[5], "drops nothing")
  expect_error(plot_masks(layers), "of one rank; received layers of 1D and 2D and 3D")
})

test_that("schedules are drawn, ours and those of Keras", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  ramp <- schedule_linear_ramp(0, 0.3, 4)
  expected <- c(0, 0.1, 0.2, 0.3, 0.3, 0.3)
  expect_equal(drawn(rates <- plot(ramp))$curves, list(expected), tolerance = 1e-6)
  expect_equal(rates, expected, tolerance = 1e-6)
  expect_equal(ggplot2::layer_data(ggplot2::autoplot(ramp))$y, expected, tolerance = 1e-6)
  steps <- keras()$optimizers$schedules$PiecewiseConstantDecay(list(2L), list(0.1, 0.2))
  expect_equal(drawn(plot(steps, steps = 4))$curves, list(c(0.1, 0.1, 0.1, 0.2)), tolerance = 1e-6)
  expect_equal(drawn(plot(ramp, col = "red", ylim = c(0, 1)))$curves, list(expected), tolerance = 1e-6)
  expect_error(plot(ramp, steps = 0), "`steps` must be an integer of at least 1")
})

test_that("layers without a label have their names", {
  skip_if_no_keras()
  layers <- list(dropblock(0.5, name = "a"), b = dropblock(0.5, name = "c"), dropblock(0.5, name = "a"))
  picture <- drawn(shares <- plot_masks(layers, draws = 5))
  expect_identical(picture$labels, c("a", "b", "a"))
  expect_named(shares, c("a", "b", "a"))
  expect_identical(drawn(plot_masks(unname(layers[1]), draws = 5))$labels, "a")
})

test_that("a model stands for its structured dropout layers", {
  skip_if_no_keras()
  model <- sequential(8, 8, 4) |> layer_dropblock_2d(rate = 0.5, block_size = 3, name = "a") |>
    layer_spatial_dropout_2d(rate = 0.5, name = "b")
  expect_identical(drawn(shares <- plot_masks(model, draws = 5))$labels, c("a", "b"))
  expect_named(shares, c("a", "b"))
})

test_that("maps of height, width or channel 1 are drawn", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  for (size in list(c(1, 6, 2), c(6, 1, 2), c(1, 1, 1))) {
    picture <- drawn(plot_masks(dropblock(0.5), array(1, size), draws = 5))
    expect_identical(unique(lapply(picture$rasters, dim)), list(as.integer(size[1:2])))
    cells <- ggplot2::layer_data(ggplot2::autoplot(dropblock(0.5), maps = array(1, size), draws = 5))
    expect_identical(nrow(cells), as.integer(prod(size)))
  }
})

test_that("where nothing drops, every unit has the colour of never", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  rasters <- drawn(plot_masks(dropblock(0), draws = 5))$rasters
  expect_identical(unique(c(rasters[[5]])), share_palette[1])
  frequency <- ggplot2::autoplot(dropblock(0), "frequency", draws = 5)
  expect_identical(unique(ggplot2::layer_data(frequency)$fill), share_palette[1])
})

test_that("what is no layer and what is no map says so", {
  skip_if_no_keras()
  for (layers in list(3, "dropblock", NULL, mean, list(), list(dropblock(0.5), 3))) {
    expect_error(plot_masks(layers), "must be a layer, several layers, a named list", class = "layerbridge_error")
  }
  expect_error(plot_masks(), "or a model; received NULL", class = "layerbridge_error")
  expect_error(plot_masks(list(dropblock(0.5), 3)), "received 3$")
  expect_error(plot_masks(dropblock(0.5), 1:3), "`maps` must be an array of shape [(]height, width, channels[)]")
  expect_error(plot(layer_dropblock_1d(rate = 0.5, block_size = 3), maps), "an array of shape [(]steps, channels[)]")
  model <- sequential(8, 8, 4)
  expect_error(plot_masks(model), "received the model '.*', which has none", class = "layerbridge_error")
  expect_error(plot_masks(list(model, model)), "received the model '.*' among others. Choose those of its layers")
  expect_error(plot_masks(keras()$layers$Dense(3L)), "received the Dense 'dense.*', which does not")
  expect_error(plot_masks(mtcars), "received 32 values", fixed = TRUE)
})

test_that("what is no number of channels or of steps says so", {
  skip_if_no_keras()
  for (none in list(0, -1, 2.5, c(1, 2), "4", NULL)) {
    expected <- "must be an integer of at least 1; received"
    expect_error(plot_masks(dropblock(0.5), draws = none), paste("`draws`", expected), class = "layerbridge_error")
    expect_error(plot_masks(dropblock(0.5), channels = none), paste("`channels`", expected))
  }
  expect_error(plot_masks(dropblock(0.5), draws = NA), "`draws` must not be NA")
  condition <- expect_error(plot_masks(dropblock(0.5), draws = "4"), "received \"4\"")
  expect_identical(conditionCall(condition)[[1L]], quote(plot_masks))
})

test_that("autoplot() shows the dropped units of each channel as missing", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  dropped <- ggplot2::autoplot(dropblock(1), maps = maps, channels = 2, draws = 1)
  expect_s3_class(dropped, "ggplot")
  expect_identical(nrow(dropped$data), 24L)
  expect_identical(unique(ggplot2::layer_data(dropped)$fill), dropped_colour)

  kept <- ggplot2::autoplot(dropblock(0), maps = maps, draws = 1)
  expect_equal(kept$data$value, 1:36)
  expect_identical(kept$data$row[2], 2L)
  expect_identical(kept$data$column[4], 2L)
  expect_identical(ggplot2::ggplot_build(kept)$layout$layout$channel, 1:3)
  many <- ggplot2::autoplot(dropblock(0), maps = array(1, c(1, 1, 12)), channels = 12, draws = 1)
  expect_identical(ggplot2::ggplot_build(many)$layout$layout$channel, 1:12)
})

test_that("autoplot() shows how often each unit drops", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  picture <- ggplot2::autoplot(dropblock(0.3), "frequency", maps = array(1, c(7, 9, 4)), draws = 400)
  share <- matrix(picture$data$value, 7, 9)
  expect_equal(mean(share), 0.3, tolerance = 0.1)
  expect_gt(share[4, 5], 2 * share[1, 1])
  expect_gt(length(unique(ggplot2::layer_data(picture)$fill)), 5)
  expect_match(picture$labels$title, "[23][0-9][.][0-9]% drop")
})

test_that("autoplot() shows the rate of a schedule", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  picture <- ggplot2::autoplot(dropblock(schedule_linear_ramp(0, 0.5, 4)), "rate", draws = 1)
  line <- ggplot2::layer_data(picture)
  expect_equal(line$x, 0:5)
  expect_equal(line$y, c(0, 0.5 / 3, 1 / 3, 0.5, 0.5, 0.5), tolerance = 1e-6)

  fixed <- dropblock(0.5)
  condition <- expect_error(ggplot2::autoplot(fixed, "rate"), "one with a fixed rate", class = "layerbridge_error")
  expect_identical(conditionCall(condition), quote(autoplot(fixed, "rate")))
})

test_that("the methods are found from outside the package", {
  skip_if_not_installed("ggplot2")
  class <- "layerbridge.StructuredDropout"
  expect_type(utils::getS3method("plot", class, envir = globalenv()), "closure")
  expect_type(utils::getS3method("autoplot", class, envir = asNamespace("ggplot2")), "closure")
})

test_that("autoplot() names the types that there are", {
  skip_if_no_keras()
  skip_if_not_installed("ggplot2")
  for (type in list("freq", c("masks", "rate"), 3, NULL)) {
    expect_error(
      ggplot2::autoplot(dropblock(0.1), type = type),
      '`type` must be "masks", "frequency" or "rate"; received',
      class = "layerbridge_error"
    )
  }
})
