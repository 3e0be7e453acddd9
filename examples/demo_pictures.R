# The demo's table, sentence and pictures, from what its networks said.

library(ggplot2)

colours <- c(
  "no dropout" = "#6e6e6e", "dropout" = "#d98200", "DropBlock" = "#0072b2",
  "spatial dropout" = "#00855f", "erasing: same grey" = "#a6206a", "erasing: noise" = "#a6206a"
)

# A row for each network and size of the hidden square: its right answers in percent.
accuracies <- function(runs) {
  do.call(rbind, lapply(seq_along(runs), function(seed) {
    do.call(rbind, lapply(names(kinds), function(kind) {
      data.frame(kind, seed, hidden, accuracy = round(runs[[seed]][[kind]]$accuracy, 2))
    }))
  }))
}

# Networks with one seed saw the same images, so each is compared with its own partner.
compare <- function(scores, sizes = c(0, 6, 8, 12)) {
  scores <- scores[order(scores$seed), ]
  column <- function(size, reference = NULL, format = "%.1f") {
    sapply(names(kinds), function(kind) {
      of <- function(kind) scores$accuracy[scores$kind == kind & scores$hidden == size]
      values <- of(kind) - if (is.null(reference)) 0 else of(reference)
      sprintf(paste(format, "\u00b1 %.1f"), mean(values), sd(values))
    })
  }
  table <- lapply(sizes, column)
  names(table) <- ifelse(sizes == 0, "whole", sprintf("%d\u00d7%d hidden", sizes, sizes))
  last <- max(sizes)
  gain <- setNames(list(column(last, "no dropout", "%+.1f")), sprintf("gain at %d\u00d7%d", last, last))
  gain[[1]][["no dropout"]] <- ""
  data.frame(table, gain, check.names = FALSE)
}

# The result in words, each figure beside that of another run.
finding <- function(scores, other) {
  told <- function(kind, size) {
    means <- sapply(list(scores, other), function(run) {
      mean(run$accuracy[run$kind == kind & run$hidden == size])
    })
    sprintf("%.1f %% (%.1f %%)", means[1], means[2])
  }
  half <- side / 2
  sprintf(
    paste(
      "With half of the width and height hidden, DropBlock is right %s of the time, no dropout %s, dropout %s,",
      "erasing in the same grey %s, in noise %s. On whole digits, DropBlock is right %s, no dropout %s.",
      sep = "\n"
    ),
    told("DropBlock", half), told("no dropout", half), told("dropout", half), told("erasing: same grey", half),
    told("erasing: noise", half), told("DropBlock", 0), told("no dropout", 0)
  )
}

# Accuracy against how much is hidden, with a band from the worst network to the best, above
# the same digit whole, and with a quarter and half of its width hidden.
draw_accuracy <- function(scores, shown, path, digit = 4) {
  summary <- aggregate(accuracy ~ kind + hidden, scores, function(a) c(mean(a), range(a)))
  summary <- data.frame(summary[c("kind", "hidden")], summary$accuracy)
  names(summary)[3:5] <- c("mean", "low", "high")
  ends <- summary[summary$hidden == max(summary$hidden), ]
  ends$mean <- apart(ends$mean, gap = 6)
  thumbnails <- lapply(c(0, side / 4, side / 2), function(size) {
    picture <- shown[[match(size, hidden)]][digit, , , 1]
    middle <- max(size / side, 0.06)
    annotation_raster(as.raster(picture), middle - 0.066, middle + 0.066, 3, 25)
  })
  picture <- ggplot(summary, aes(hidden / side, mean, colour = kind, fill = kind)) +
    thumbnails +
    geom_ribbon(aes(ymin = low, ymax = high), alpha = 0.15, colour = NA) +
    geom_line(aes(linetype = kind == "erasing: noise"), linewidth = 1.4) +
    geom_text(aes(label = kind), ends, hjust = 0, nudge_x = 0.01, fontface = "bold", size = 5.6) +
    scale_colour_manual(values = colours, aesthetics = c("colour", "fill"), guide = "none") +
    scale_linetype_manual(values = c("solid", "22"), guide = "none") +
    scale_x_continuous(
      "how much of the width and height is hidden",
      breaks = c(0, 1 / 4, 1 / 3, 1 / 2), labels = c("none", "1/4", "1/3", "1/2"),
      limits = c(-0.01, 0.93), expand = c(0, 0)
    ) +
    scale_y_continuous(NULL, labels = function(percent) paste(percent, "%"), limits = c(0, 100)) +
    labs(
      title = "Accuracy on held-out digits",
      subtitle = sprintf("Mean of %d networks; the band is from worst to best.", length(seeds))
    ) +
    theme_minimal(base_size = 18) +
    theme(
      panel.grid.minor = element_blank(), axis.title.x = element_text(hjust = 0),
      plot.title = element_text(face = "bold"), plot.title.position = "plot",
      plot.background = element_rect(fill = "white", colour = NA)
    )
  ggsave(path, picture, width = 8, height = 6.5, dpi = 110)
}

# Moves heights apart, so that labels there do not overlap, and keeps their order.
apart <- function(heights, gap) {
  rank <- order(heights)
  sorted <- heights[rank]
  for (pass in 1:100) {
    lack <- pmax(gap - diff(sorted), 0) / 2
    sorted <- sorted - c(lack, 0) + c(0, lack)
  }
  replace(heights, rank, sorted)
}

# What each kind drops in training from feature maps of one digit, each map scaled to its own
# brightest unit.
draw_masks <- function(model, image, path, rate = 0.25, block = 5, channels = 1:4) {
  features <- layer_activation_relu(model$layers[[2]](model$layers[[1]](image)))
  features <- as.array(features)[1, , , channels]
  features <- sweep(features, 3, pmax(apply(features, 3, max), 1e-6), "/")
  set_random_seed(2)
  layers <- list(
    "dropout" = layer_dropout(rate = rate),
    "DropBlock" = layer_dropblock_2d(rate = rate, block_size = block),
    "spatial dropout" = layer_spatial_dropout_2d(rate = rate)
  )
  ones <- array(1, c(4000, dim(features)))
  dropped <- lapply(layers, function(layer) {
    as.array(layer(ones, training = TRUE)) == 0
  })
  dropped <- c(list("no dropout" = ones == 0), dropped)
  maps <- lapply(names(dropped), function(kind) {
    data.frame(
      kind = sprintf("%s\n%.0f %% on average", kind, 100 * mean(dropped[[kind]])),
      row = c(slice.index(features, 1)),
      column = c(slice.index(features, 2)),
      channel = paste("channel", slice.index(features, 3)),
      value = ifelse(dropped[[kind]][1, , , ], NA, features) |> c()
    )
  })
  picture <- ggplot(do.call(rbind, maps), aes(column, row, fill = value)) +
    geom_raster() +
    facet_grid(factor(kind, unique(kind)) ~ channel, switch = "y") +
    scale_y_reverse() +
    scale_fill_gradient(low = "black", high = "white", na.value = "#d55e00", guide = "none") +
    coord_fixed(expand = FALSE) +
    labs(title = sprintf("What each kind drops of one digit, in orange, at rate %s", rate)) +
    theme_void(base_size = 16) +
    theme(
      plot.background = element_rect(fill = "white", colour = NA),
      plot.margin = margin(8, 8, 8, 8),
      plot.title = element_text(margin = margin(b = 8), size = 18), plot.title.position = "plot",
      strip.text = element_text(margin = margin(3, 6, 3, 6))
    )
  ggsave(path, picture, width = 8, height = 6.8, dpi = 110)
}
