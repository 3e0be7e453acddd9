#' Plot what layers drop
#'
#' `plot_masks()` and `plot()` give each layer a row: the first channels of one sample
#' with the units that drop in one training step; how often each unit of the map drops;
#' and, if a rate follows a schedule, the rate over the steps of training. Masks are drawn
#' at the schedule's highest rate. Of a volume, the middle slice is shown. `autoplot()`
#' draws one of these plots with ggplot2. Both also draw the rates of a schedule.
#'
#' @param layers A layer; a list of layers, each of which is labelled with its name in the
#'   list, or else with its own name; or a model, which stands for its structured dropout
#'   layers. Any Keras layer that drops will do. All must have the same rank.
#' @param maps One sample's maps: an array of height, width and channels; of steps and
#'   channels for 1D layers; of depth, height, width and channels for 3D layers. `NULL` is
#'   an array of ones, with 4 channels of 14 units along each axis, or of 56 steps.
#' @param channels The number of channels to draw.
#' @param draws The number of training steps over which drops are counted.
#' @param steps The number of steps over which schedules are drawn. `NULL` draws a linear
#'   ramp until shortly after it ends, and any other schedule for 1000 steps.
#' @param x,object A structured dropout layer, or a schedule of its rate.
#' @param type What to draw: `"masks"` for those of the first channels; `"frequency"` for
#'   how often each unit of the map drops; or `"rate"` for the layer's rate over the
#'   steps, if it follows a schedule.
#' @param ... Further arguments of `plot_masks()`; for a schedule, of [plot.default()].
#' @returns `plot_masks()` and `plot()` return the fraction of units that each layer
#'   dropped, invisibly; `plot()` of a schedule, its rates. `autoplot()` returns a ggplot.
#' @family plots and rates
#' @export
#' @examplesIf layerbridge_available()
#' plot_masks(list(
#'   "dropout" = layer_dropblock_2d(rate = 0.2, block_size = 1, seed = 1),
#'   "DropBlock" = layer_dropblock_2d(rate = 0.2, block_size = 5, seed = 1),
#'   "spatial dropout" = layer_spatial_dropout_2d(rate = 0.2, seed = 3)
#' ))
#' plot(schedule_linear_ramp(0, 0.2, steps = 1000))
plot_masks <- function(layers, maps = NULL, channels = 4, draws = 1000, steps = NULL) {
  check_count(channels, "channels", sys.call())
  masks <- drawn_masks(if (!missing(layers)) layers, maps, draws, steps, sys.call())
  scheduled <- !all(vapply(masks, function(mask) is.null(mask$rates), NA))
  channels <- seq_len(min(channels, dim(masks[[1L]]$features)[3L]))
  most <- max(vapply(masks, function(mask) max(mask$frequency), 0))
  panels <- length(channels) + 1L + scheduled
  old <- graphics::par(
    mfrow = if (length(masks) > 1L) c(length(masks), panels) else c(2L, ceiling(panels / 2)),
    mar = c(0.5, 1.5, 2, 0.5), oma = c(1.5, 0, 0, 0),
    pty = if (nrow(masks[[1L]]$frequency) > 1L) "s" else "m"
  )
  on.exit(graphics::par(old))
  for (row in seq_along(masks)) {
    mask <- masks[[row]]
    for (channel in channels) {
      draw_raster(map_colours(mask$features[, , channel, drop = FALSE], mask$dropped[, , channel]))
      graphics::title(paste("channel", channel), font.main = 1)
      if (channel == 1L) graphics::mtext(names(masks)[row], side = 2, line = 0.3, cex = 0.8)
    }
    draw_raster(share_colours(mask$frequency, most))
    graphics::title(mask$label, font.main = 1)
    if (scheduled) draw_rates(mask$rates)
  }
  legend_below(most, draws)
  invisible(vapply(masks, function(mask) mask$share, 0))
}

#' @rdname plot_masks
#' @export
plot.layerbridge.StructuredDropout <- function(x, ...) plot_masks(x, ...)

# nolint start: object_length_linter. Keras names the class.

#' @rdname plot_masks
#' @usage NULL
#' @export
plot.keras.src.optimizers.schedules.learning_rate_schedule.LearningRateSchedule <- function(
  x,
  steps = NULL,
  ...
) {
  rates <- rates_of(x, steps, replace(sys.call(), 1L, list(quote(plot))))
  drawn <- list(type = "l", ylim = c(0, max(rates)), col = dropped_colour, xlab = "step", ylab = "rate", las = 1)
  do.call(graphics::plot, c(list(seq_along(rates) - 1L, rates), utils::modifyList(drawn, list(...))))
  invisible(rates)
}

#' @rdname plot_masks
#' @exportS3Method ggplot2::autoplot
autoplot.layerbridge.StructuredDropout <- function(
  object,
  type = "masks",
  maps = NULL,
  channels = 4,
  draws = 1000,
  steps = NULL,
  ...
) {
  call <- replace(sys.call(), 1L, list(quote(autoplot))) # not the method's name
  if (!is.character(type) || length(type) != 1L || !type %in% c("masks", "frequency", "rate")) {
    bridge_abort(sprintf(
      "`type` must be \"masks\", \"frequency\" or \"rate\"; received %s.", bridge_describe(type)
    ), call)
  }
  check_count(channels, "channels", call)
  mask <- drawn_masks(object, maps, draws, steps, call)[[1L]]
  switch(type,
    masks = ggplot_masks(mask, seq_len(min(channels, dim(mask$features)[3L]))),
    frequency = ggplot_frequency(mask),
    rate = ggplot_rates(mask$rates, call)
  )
}

#' @rdname plot_masks
#' @usage NULL
#' @exportS3Method ggplot2::autoplot
autoplot.keras.src.optimizers.schedules.learning_rate_schedule.LearningRateSchedule <- function(
  object,
  steps = NULL,
  ...
) {
  call <- replace(sys.call(), 1L, list(quote(autoplot)))
  ggplot_rates(rates_of(object, steps, call), call)
}

# nolint end

dropped_colour <- "#d55e00"

utils::globalVariables(".data")

# For each layer, by its label: the maps as pictures, one mask, how often each unit drops, and
# the rates of its schedule.
drawn_masks <- function(layers, maps, draws, steps, call) {
  check_count(draws, "draws", call)
  layers <- labelled(layers, call)
  plots <- bridge_import("layerbridge.plots", call)
  rank <- bridge_python(plots$rank_of(unname(layers)), call)
  if (is.null(maps)) maps <- array(1, unlist(plots$map_shape(rank)))
  if (length(dim(maps)) != rank + 1L) {
    bridge_abort(sprintf(
      "`maps` must be an array of %s and channels; received %s.",
      c("steps", "height, width", "depth, height, width")[rank], bridge_describe(maps)
    ), call)
  }
  shape <- do.call(reticulate::tuple, as.list(dim(maps)))
  lapply(layers, function(layer) {
    masks <- bridge_python(plots$drawn_masks(layer, shape, as.integer(draws)), call)
    picture <- c(dim(masks$frequency), dim(maps)[rank + 1L])
    list(
      features = as_picture(maps),
      dropped = array(masks$dropped, picture),
      frequency = array(masks$frequency, picture[1:2]),
      share = masks$share,
      label = plots$share_shown(masks$share),
      rates = if (!is.null(plots$rates_of(layer, 1L))) rates_of(layer, steps, call)
    )
  })
}

# Maps as height, width and channels: of a volume, the middle slice.
as_picture <- function(maps) {
  size <- dim(maps)
  if (length(size) == 2L) return(array(maps, c(1L, size)))
  if (length(size) == 4L) return(array(maps[size[1L] %/% 2L + 1L, , , ], size[-1L]))
  maps
}

rates_of <- function(scheduled, steps, call) {
  if (!is.null(steps)) {
    check_count(steps, "steps", call)
    steps <- as.integer(steps)
  }
  bridge_check_session(scheduled, "The schedule", call)
  plots <- bridge_import("layerbridge.plots", call)
  as.numeric(bridge_python(plots$rates_of(scheduled, steps), call))
}

check_count <- function(x, name, call) {
  if (is.numeric(x) && length(x) == 1L && is.finite(x) && x >= 1 && x == trunc(x)) return()
  bridge_abort(sprintf(
    "`%s` must be a whole number of at least 1; received %s.", name, bridge_describe(x)
  ), call)
}

# A list of layers, of a model too; each one without a name in the list gets the layer's own.
labelled <- function(layers, call) {
  if (inherits(layers, "keras.src.models.model.Model")) {
    bridge_check_session(layers, "`layers`", call)
    layers <- bridge_python(bridge_import("layerbridge.plots", call)$layers_in(layers), call)
  }
  if (!is.null(layers) && !bridge_is_plain_list(layers)) layers <- list(layers)
  other <- Filter(function(layer) !inherits(layer, "keras.src.layers.layer.Layer"), layers)
  if (!length(layers) || length(other)) {
    bridge_abort(sprintf(
      "`layers` must be a layer, or a list of layers, or a model; received %s.",
      if (is.null(layers)) "nothing" else bridge_describe(if (length(other)) other[[1L]] else layers)
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
  graphics::plot.window(
    c(0, ncol(colours)), c(0, nrow(colours)),
    asp = if (nrow(colours) > 1L) 1 else NA, xaxs = "i", yaxs = "i"
  )
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
    old <- graphics::par(mar = c(2, 3, 2, 0.5), mgp = c(2, 0.5, 0), tcl = -0.3)
    on.exit(graphics::par(old))
    graphics::plot(
      seq_along(rates) - 1L, rates,
      type = "l", ylim = c(0, max(rates)), col = dropped_colour, ann = FALSE, las = 1
    )
    graphics::title("rate by step", font.main = 1)
  }
}

legend_below <- function(most, draws) {
  graphics::mtext("orange: dropped in one step", side = 1, adj = 0, cex = 0.7, outer = TRUE, col = dropped_colour)
  if (most == 0) return()
  often <- sprintf("dropped in 0 (blue) to %.0f %% (yellow) of %d steps", 100 * most, as.integer(draws))
  graphics::mtext(often, side = 1, adj = 1, cex = 0.7, outer = TRUE)
}

ggplot_masks <- function(mask, channels) {
  shown <- replace(mask$features, mask$dropped, NA)[, , channels, drop = FALSE]
  cells <- transform(cells_of(shown), channel = c(slice.index(shown, 3L)))
  ggplot_raster(cells, mask) +
    ggplot2::facet_wrap("channel", labeller = ggplot2::label_both) +
    ggplot2::scale_fill_gradient(
      low = "black", high = "white", na.value = dropped_colour, guide = "none"
    ) +
    ggplot2::labs(subtitle = "orange: dropped in one step")
}

ggplot_frequency <- function(mask) {
  ggplot_raster(cells_of(mask$frequency), mask) +
    ggplot2::scale_fill_gradientn(
      "fraction of\nsteps dropped",
      colours = share_palette, limits = c(0, if (mask$share > 0) NA else 1)
    )
}

ggplot_rates <- function(rates, call) {
  if (is.null(rates)) {
    bridge_abort(paste(
      "`type = \"rate\"` needs a layer whose rate follows a schedule; received one with a fixed rate.",
      "Make the layer with a schedule, such as `schedule_linear_ramp(0, 0.1, 1000)`."
    ), call)
  }
  ggplot2::ggplot(data.frame(step = seq_along(rates) - 1L, rate = rates), ggplot2::aes(.data$step, .data$rate)) +
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
  along <- if (nrow(mask$frequency) > 1L) {
    ggplot2::coord_fixed(expand = FALSE)
  } else {
    ggplot2::coord_cartesian(expand = FALSE)
  }
  ggplot2::ggplot(cells, ggplot2::aes(.data$column, .data$row, fill = .data$value)) +
    ggplot2::geom_raster() +
    ggplot2::scale_y_reverse() +
    along +
    ggplot2::labs(title = mask$label, x = NULL, y = NULL)
}
