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
  rows <- rows_of(if (!missing(layers)) layers, maps, channels, draws, steps, sys.call())
  scheduled <- !all(vapply(rows, function(row) is.null(row$rates), NA))
  channels <- seq_len(dim(rows[[1L]]$features)[3L])
  most <- max(vapply(rows, function(row) max(row$frequency), 0))
  panels <- length(channels) + 1L + scheduled
  old <- graphics::par(
    mfrow = if (length(rows) > 1L) c(length(rows), panels) else c(2L, ceiling(panels / 2)),
    mar = c(0.5, 1.5, 2, 0.5), oma = c(1.5, 0, 0, 0),
    pty = if (nrow(rows[[1L]]$frequency) > 1L) "s" else "m"
  )
  on.exit(graphics::par(old))
  for (row in rows) {
    for (channel in channels) {
      draw_raster(map_colours(row$features[, , channel, drop = FALSE], row$dropped[, , channel]))
      graphics::title(paste("channel", channel), font.main = 1)
      if (channel == 1L) graphics::mtext(row$label, side = 2, line = 0.3, cex = 0.8)
    }
    draw_raster(share_colours(row$frequency, most))
    graphics::title(row$says, font.main = 1)
    if (scheduled) draw_rates(row$rates)
  }
  legend_below(most, draws)
  invisible(vapply(rows, function(row) row$share, 0))
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
  row <- rows_of(object, maps, channels, draws, steps, call)[[1L]]
  switch(type,
    masks = ggplot_masks(row),
    frequency = ggplot_frequency(row),
    rate = ggplot_rates(row$rates, call)
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

# What Python checks and draws: for each layer, by its label, the maps as pictures, one mask, how often each unit drops,
# and the rates of its schedule.
rows_of <- function(layers, maps, channels, draws, steps, call) {
  labels <- if (bridge_is_plain_list(layers) && !is.null(names(layers))) as.list(names(layers))
  for (layer in bridge_as_inputs(layers)) bridge_check_session(layer, "`layers`", call)
  if (bridge_is_plain_list(layers)) layers <- unname(layers)
  given <- list(layers = layers, maps = maps, channels = channels, draws = draws, steps = steps, labels = labels)
  rows <- from_plots("rows_of", given, call)
  names(rows) <- vapply(rows, function(row) row$label, "")
  lapply(rows, function(row) replace(row, "rates", list(if (!is.null(row$rates)) as.numeric(row$rates))))
}

rates_of <- function(scheduled, steps, call) {
  bridge_check_session(scheduled, "The schedule", call)
  as.numeric(from_plots("rates_of", list(scheduled = scheduled, steps = steps), call))
}

# Calls a function of layerbridge.plots as a generated function does, in the name of the user's call.
from_plots <- function(name, args, call) {
  kinds <- list(maps = "data", channels = "int", draws = "int", steps = "int")
  target <- bridge_target("layerbridge.plots", name, args, composes = "none", kinds = kinds)
  target$composer <- bridge_composers$none
  target$call <- call
  bridge_run(target, args)
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

ggplot_masks <- function(row) {
  features <- replace(row$features, row$dropped, NA)
  cells <- transform(cells_of(features), channel = c(slice.index(features, 3L)))
  ggplot_raster(cells, row) +
    ggplot2::facet_wrap("channel", labeller = ggplot2::label_both) +
    ggplot2::scale_fill_gradient(
      low = "black", high = "white", na.value = dropped_colour, guide = "none"
    ) +
    ggplot2::labs(subtitle = "orange: dropped in one step")
}

ggplot_frequency <- function(row) {
  ggplot_raster(cells_of(row$frequency), row) +
    ggplot2::scale_fill_gradientn(
      "fraction of\nsteps dropped",
      colours = share_palette, limits = c(0, if (row$share > 0) NA else 1)
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

ggplot_raster <- function(cells, row) {
  along <- if (nrow(row$frequency) > 1L) {
    ggplot2::coord_fixed(expand = FALSE)
  } else {
    ggplot2::coord_cartesian(expand = FALSE)
  }
  ggplot2::ggplot(cells, ggplot2::aes(.data$column, .data$row, fill = .data$value)) +
    ggplot2::geom_raster() +
    ggplot2::scale_y_reverse() +
    along +
    ggplot2::labs(title = row$says, x = NULL, y = NULL)
}
