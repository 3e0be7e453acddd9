#' Plot what layers drop
#'
#' `plot_masks()` and `plot()` give each layer a row: the first channels of one sample
#' with the units that drop in one training step; how often each unit of the map drops;
#' and, if a rate follows a schedule, the rate over the steps of training. Masks are drawn
#' at the schedule's highest rate. `autoplot()` draws one of these plots with ggplot2.
#'
#' @param layers A layer, or a list of layers. Each is labelled with its name in the list,
#'   or else with the layer's own name. Any Keras layer that drops will do, but layers of
#'   layerbridge must be 2D.
#' @param maps One sample's feature maps, an array of height, width and channels. The
#'   default has 4 channels.
#' @param channels The number of channels to draw.
#' @param draws The number of training steps over which drops are counted.
#' @param x,object A structured dropout layer.
#' @param type What to draw: `"masks"` for those of the first channels; `"frequency"` for
#'   how often each unit of the map drops; or `"rate"` for the schedule of the layer's
#'   rate, over the steps.
#' @param ... Further arguments of `plot_masks()`.
#' @returns `plot_masks()` and `plot()` return the fraction of units that each layer
#'   dropped, invisibly. `autoplot()` returns a ggplot.
#' @family pictures and figures
#' @export
#' @examplesIf layerbridge_available()
#' plot_masks(list(
#'   "dropout" = layer_dropblock_2d(rate = 0.2, block_size = 1),
#'   "DropBlock" = layer_dropblock_2d(rate = 0.2, block_size = 5),
#'   "spatial dropout" = layer_spatial_dropout_2d(rate = 0.2)
#' ))
plot_masks <- function(layers, maps = array(1, c(14, 14, 4)), channels = 4, draws = 1000) {
  check_count(channels, "channels", sys.call())
  masks <- drawn_masks(layers, maps, draws, sys.call())
  scheduled <- !all(vapply(masks, function(mask) is.null(mask$rates), NA))
  channels <- seq_len(min(channels, dim(maps)[3L]))
  most <- max(vapply(masks, function(mask) max(mask$share), 0))
  cells <- c(length(masks), length(channels) + 1L + scheduled)
  old <- graphics::par(mfrow = cells, mar = c(1, 2, 2, 0.5))
  on.exit(graphics::par(old))
  for (row in seq_along(masks)) {
    mask <- masks[[row]]
    for (channel in channels) {
      draw_raster(map_colours(maps[, , channel, drop = FALSE], mask$dropped[, , channel]))
      graphics::title(paste("channel", channel), font.main = 1)
      if (channel == 1L) graphics::mtext(names(masks)[row], side = 2, line = 0.5)
    }
    draw_raster(share_colours(mask$share, most))
    graphics::title(sprintf("%.1f %% drop", 100 * mean(mask$share)), font.main = 1)
    if (scheduled) draw_rates(mask$rates)
  }
  invisible(vapply(masks, function(mask) mean(mask$share), 0))
}

#' @rdname plot_masks
#' @export
plot.layerbridge.StructuredDropout <- function(x, ...) plot_masks(x, ...)

#' @rdname plot_masks
#' @exportS3Method ggplot2::autoplot
autoplot.layerbridge.StructuredDropout <- function(
  object,
  type = "masks",
  maps = array(1, c(14, 14, 4)),
  channels = 4,
  draws = 1000,
  ...
) {
  call <- replace(sys.call(), 1L, list(quote(autoplot))) # not the method's name
  if (!is.character(type) || length(type) != 1L || !type %in% c("masks", "frequency", "rate")) {
    bridge_abort(sprintf(
      "`type` must be \"masks\", \"frequency\" or \"rate\"; received %s.", bridge_describe(type)
    ), call)
  }
  check_count(channels, "channels", call)
  mask <- drawn_masks(object, maps, draws, call)[[1L]]
  switch(type,
    masks = ggplot_masks(mask, maps, seq_len(min(channels, dim(maps)[3L]))),
    frequency = ggplot_frequency(mask),
    rate = ggplot_rates(mask, call)
  )
}

dropped_colour <- "#d55e00"

utils::globalVariables(".data")

# For each layer, by its label: one mask, how often each unit drops, and the rates of its
# schedule.
drawn_masks <- function(layers, maps, draws, call) {
  if (length(dim(maps)) != 3L) {
    bridge_abort(sprintf(
      "`maps` must be an array of height, width and channels; received %s.",
      bridge_describe(maps)
    ), call)
  }
  check_count(draws, "draws", call)
  layers <- labelled(layers, call)
  plots <- bridge_import("layerbridge.plots", call)
  lapply(layers, function(layer) {
    masks <- bridge_python(
      plots$drawn_masks(layer, do.call(reticulate::tuple, as.list(dim(maps))), as.integer(draws)),
      call
    )
    list(
      dropped = array(masks[1L, , , ], dim(maps)),
      share = apply(masks, c(2L, 3L), mean),
      rates = plots$rates_of(layer)
    )
  })
}

check_count <- function(x, name, call) {
  if (is.numeric(x) && length(x) == 1L && is.finite(x) && x >= 1 && x == trunc(x)) return()
  bridge_abort(sprintf(
    "`%s` must be a whole number of at least 1; received %s.", name, bridge_describe(x)
  ), call)
}

# A list of layers; each one without a name in the list gets the layer's own.
labelled <- function(layers, call) {
  if (!is.list(layers)) layers <- list(layers)
  other <- Filter(function(layer) !inherits(layer, "keras.src.layers.layer.Layer"), layers)
  if (!length(layers) || length(other)) {
    bridge_abort(sprintf(
      "`layers` must be a layer, or a list of layers; received %s.",
      bridge_describe(if (length(other)) other[[1L]] else layers)
    ), call)
  }
  for (layer in layers) bridge_check_session(layer, "`layers`", call)
  if (is.null(names(layers))) names(layers) <- rep("", length(layers))
  unnamed <- !nzchar(names(layers))
  names(layers)[unnamed] <- vapply(layers[unnamed], function(layer) layer$name, "")
  layers
}

draw_raster <- function(colours) {
  graphics::plot.new()
  graphics::plot.window(c(0, ncol(colours)), c(0, nrow(colours)), asp = 1, xaxs = "i", yaxs = "i")
  graphics::rasterImage(
    grDevices::as.raster(colours), 0, 0, ncol(colours), nrow(colours), interpolate = FALSE
  )
}

map_colours <- function(map, dropped) {
  span <- range(map)
  level <- if (diff(span) > 0) (map - span[1L]) / diff(span) else map * 0 + 0.8
  colours <- grDevices::gray(level)
  colours[dropped] <- dropped_colour
  matrix(colours, nrow(map))
}

share_colours <- function(share, most) {
  level <- if (most > 0) share / most else share
  matrix(share_palette[1L + round(100 * level)], nrow(share))
}

share_palette <- grDevices::hcl.colors(101L, "Cividis")

draw_rates <- function(rates) {
  if (is.null(rates)) {
    graphics::plot.new()
  } else {
    graphics::par(mar = c(2, 3.5, 2, 0.5))
    on.exit(graphics::par(mar = c(1, 2, 2, 0.5)))
    steps <- seq_along(rates) - 1L
    graphics::plot(
      steps, rates,
      type = "l", ylim = c(0, max(rates)), col = dropped_colour, ann = FALSE, las = 1
    )
    graphics::title("rate by step", font.main = 1)
  }
}

ggplot_masks <- function(mask, maps, channels) {
  shown <- replace(maps, mask$dropped, NA)[, , channels, drop = FALSE]
  cells <- transform(cells_of(shown), channel = c(slice.index(shown, 3L)))
  ggplot_raster(cells, mask) +
    ggplot2::facet_wrap("channel", labeller = ggplot2::label_both) +
    ggplot2::scale_fill_gradient(
      low = "black", high = "white", na.value = dropped_colour, guide = "none"
    )
}

ggplot_frequency <- function(mask) {
  ggplot_raster(cells_of(mask$share), mask) +
    ggplot2::scale_fill_gradientn(
      "fraction of\nsteps dropped",
      colours = share_palette, limits = c(0, if (any(mask$share > 0)) NA else 1)
    )
}

ggplot_rates <- function(mask, call) {
  if (is.null(mask$rates)) {
    bridge_abort(paste(
      "`type = \"rate\"` needs a layer whose rate follows a schedule; received one with a fixed rate.",
      "Make the layer with a schedule, such as `schedule_linear_ramp(0, 0.1, 1000)`."
    ), call)
  }
  steps <- data.frame(step = seq_along(mask$rates) - 1L, rate = mask$rates)
  ggplot2::ggplot(steps, ggplot2::aes(.data$step, .data$rate)) +
    ggplot2::geom_line(colour = dropped_colour) +
    ggplot2::expand_limits(y = 0) +
    ggplot2::labs(x = "step", y = "rate")
}

cells_of <- function(values) {
  data.frame(
    row = c(slice.index(values, 1L)), column = c(slice.index(values, 2L)), value = c(values)
  )
}

ggplot_raster <- function(cells, mask) {
  ggplot2::ggplot(cells, ggplot2::aes(.data$column, .data$row, fill = .data$value)) +
    ggplot2::geom_raster() +
    ggplot2::scale_y_reverse() +
    ggplot2::coord_fixed(expand = FALSE) +
    ggplot2::labs(title = sprintf("%.1f %% drop", 100 * mean(mask$share)), x = NULL, y = NULL)
}
