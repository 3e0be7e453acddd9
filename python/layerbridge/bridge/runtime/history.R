# What training returns: the metrics of each epoch.

# An R object, which can be saved, of the class that keras3 gives too.
bridge_history <- function(history) {
  invisible(structure(
    list(params = history$params, metrics = bridge_metrics(history$history)),
    class = c("bridge_history", "keras_training_history")
  ))
}

# One that gives several numbers, such as one for each class, is as many metrics.
bridge_metrics <- function(history) {
  separate <- function(values, name) {
    numbers <- do.call(rbind, lapply(values, as.numeric))
    columns <- lapply(seq_len(ncol(numbers)), function(i) numbers[, i])
    names(columns) <- if (length(columns) > 1L) paste0(name, "_", seq_along(columns)) else name
    columns
  }
  as.list(unlist(unname(Map(separate, history, names(history))), recursive = FALSE))
}

bridge_print_history <- function(x, ...) {
  last <- vapply(x$metrics, function(values) values[length(values)], 0)
  cat(
    "Final epoch (plot to see history):\n",
    sprintf("%s: %s\n", format(names(last), justify = "right"), prettyNum(last, big.mark = ",", digits = 4L)),
    sep = ""
  )
  invisible(x)
}

# A row for each epoch and metric; those of validation have the name of the metric, too. As in keras3, epochs that were
# asked for and not trained are there, without values.
bridge_history_table <- function(x, ..., epochs = max(lengths(x$metrics), x$params$epochs, 0L)) {
  validation <- startsWith(names(x$metrics), "val_")
  metric <- sub("^val_", "", names(x$metrics))
  data.frame(
    epoch = rep(seq_len(epochs), length(metric)),
    value = unlist(lapply(x$metrics, `length<-`, epochs), use.names = FALSE),
    metric = factor(rep(metric, each = epochs), unique(metric)),
    data = factor(rep(validation, each = epochs), c(FALSE, TRUE), c("training", "validation"))
  )
}

# A panel for each metric. `smooth` draws a curve through ten epochs or more, with ggplot2.
bridge_plot_history <- function(
  x,
  y,
  metrics = NULL,
  method = c("auto", "ggplot2", "base"),
  smooth = getOption("keras.plot.history.smooth", TRUE),
  theme_bw = getOption("keras.plot.history.theme_bw", FALSE),
  ...
) {
  method <- match.arg(method)
  shown <- bridge_history_table(x, epochs = max(lengths(x$metrics), 0L))
  if (!is.null(metrics)) shown <- droplevels(shown[shown$metric %in% metrics, ])
  if (method == "base" || (method == "auto" && !requireNamespace("ggplot2", quietly = TRUE))) {
    return(bridge_history_base(shown, ...))
  }
  bridge_history_ggplot(shown, smooth && max(shown$epoch) >= 10L, theme_bw)
}

bridge_history_ggplot <- function(shown, smooth, theme_bw) {
  mapped <- c(x = "epoch", y = "value", colour = if (nlevels(droplevels(shown$data)) > 1L) "data")
  plot <- ggplot2::ggplot(shown, do.call(ggplot2::aes, lapply(mapped, as.name))) +
    ggplot2::geom_point(na.rm = TRUE) +
    ggplot2::facet_grid("metric ~ .", switch = "y", scales = "free_y") +
    ggplot2::labs(y = NULL, colour = NULL)
  if (smooth) {
    plot <- plot + ggplot2::geom_smooth(formula = y ~ x, method = "loess", se = FALSE, na.rm = TRUE)
  }
  if (theme_bw) plot + ggplot2::theme_bw() else plot
}

bridge_history_base <- function(shown, ...) {
  old <- graphics::par(mfrow = c(nlevels(shown$metric), 1L), mar = c(4, 4, 1, 1))
  on.exit(graphics::par(old))
  for (metric in levels(shown$metric)) {
    values <- shown[shown$metric == metric, ]
    graphics::plot(values$epoch, values$value, pch = c(1, 4)[values$data], xlab = "epoch", ylab = metric, ...)
    graphics::legend("topright", levels(shown$data), pch = c(1, 4), bty = "n")
  }
}
