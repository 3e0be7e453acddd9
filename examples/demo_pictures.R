# The demo's table and pictures, from what its networks said.

library(ggplot2)

colours <- c(
  "no dropout" = "#6e6e6e", "dropout" = "#d98200", "DropBlock" = "#0072b2",
  "spatial dropout" = "#00855f"
)

# A row for each network and size of the hidden square: its right answers in percent.
accuracies <- function(runs, digits) {
  found <- lapply(seq_along(runs), function(seed) {
    do.call(rbind, lapply(names(kinds), function(kind) {
      right <- runs[[seed]][[kind]]$answers == c(digits$y)
      data.frame(kind, seed, hidden, accuracy = 100 * colMeans(right, na.rm = TRUE))
    }))
  })
  transform(do.call(rbind, found), kind = factor(kind, names(kinds)))
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
  data.frame(table, "gain there" = column(last, "no dropout", "%+.1f"), check.names = FALSE)
}

# The image that the networks answer about as well as all: it was chosen for that alone,
# among those that no network was trained on and that all know while they are whole.
typical <- function(runs, digits, scores, sizes) {
  right <- lapply(names(kinds), function(kind) {
    Reduce(`+`, lapply(runs, function(run) run[[kind]]$answers == c(digits$y))) / length(runs)
  })
  mean <- tapply(scores$accuracy / 100, list(scores$kind, scores$hidden), mean)
  columns <- match(sizes, hidden)
  distance <- Reduce(`+`, lapply(seq_along(kinds), function(i) {
    rowSums(abs(sweep(right[[i]][, columns], 2, mean[i, columns])))
  }))
  known <- Reduce(`&`, lapply(right, function(share) share[, 1] == 1))
  distance[!known | is.na(known)] <- NA
  which.min(distance)
}

# One image with more and more of it hidden, and below it what each network says.
draw_answers <- function(runs, digits, shown, scores, sizes = c(0, 8, 12)) {
  image <- typical(runs, digits, scores, sizes[-1])
  label <- digits$y[image]
  gap <- 3
  left <- (seq_along(sizes) - 1) * (side + gap)
  pixels <- do.call(rbind, lapply(seq_along(sizes), function(i) {
    grey <- shown[[match(sizes[i], hidden)]][image, , , 1]
    data.frame(x = left[i] + c(col(grey)), y = -c(row(grey)), fill = grey(c(grey)))
  }))
  squares <- do.call(rbind, lapply(seq_along(sizes)[-1], function(i) {
    from <- floor(place[image, ] * (side - sizes[i] + 1))
    data.frame(
      xmin = left[i] + from[2] + 0.5, xmax = left[i] + from[2] + sizes[i] + 0.5,
      ymin = -from[1] - 0.5, ymax = -from[1] - sizes[i] - 0.5
    )
  }))
  cases <- expand.grid(size = seq_along(sizes), kind = seq_along(kinds), run = seq_along(runs))
  cases$answer <- mapply(function(size, kind, run) {
    runs[[run]][[kind]]$answers[image, match(sizes[size], hidden)]
  }, cases$size, cases$kind, cases$run)
  step <- side / length(runs)
  cases <- transform(
    cases,
    x = left[size] + 0.5 + step * (run - 0.5), y = -side - 2 - 5 * kind,
    fill = ifelse(answer == label, "#cfe8cf", "#f4b9a7")
  )
  heads <- ifelse(sizes == 0, "the whole digit", sprintf("1/%g of the width hidden", side / sizes))
  ggplot() +
    geom_tile(aes(x, y, fill = fill), pixels) +
    geom_rect(
      aes(xmin = xmin, xmax = xmax, ymin = ymin, ymax = ymax), squares,
      fill = NA, colour = "#d55e00", linewidth = 0.7
    ) +
    geom_tile(aes(x, y, fill = fill), cases, width = step - 0.5, height = 4.3) +
    geom_text(aes(x, y, label = answer), cases, size = 4.2) +
    geom_text(
      aes(0, -side - 2 - 5 * seq_along(kinds), label = names(kinds), colour = names(kinds)),
      hjust = 1, fontface = "bold", size = 3.8
    ) +
    annotate("text", left + side / 2 + 0.5, 1.5, label = heads, size = 3.8) +
    scale_fill_identity() +
    scale_colour_manual(values = colours, guide = "none") +
    coord_fixed(xlim = c(-19, max(left) + side + 1), expand = FALSE, clip = "off") +
    labs(
      title = sprintf("What %d networks of each kind say of a %s", length(runs), label),
      subtitle = "None was trained on it, or on any hidden digit. Green answers are right."
    ) +
    theme_void(base_size = 12) +
    titles
}

# Accuracy against how much is hidden, with a band from the worst network to the best.
draw_accuracy <- function(scores) {
  summary <- aggregate(accuracy ~ kind + hidden, scores, function(a) c(mean(a), range(a)))
  summary <- data.frame(summary[c("kind", "hidden")], summary$accuracy)
  names(summary)[3:5] <- c("mean", "low", "high")
  ends <- summary[summary$hidden == max(summary$hidden), ]
  ends$mean <- apart(ends$mean, gap = 5)
  ggplot(summary, aes(hidden / side, mean, colour = kind, fill = kind)) +
    geom_ribbon(aes(ymin = low, ymax = high), alpha = 0.2, colour = NA) +
    geom_line(linewidth = 1) +
    geom_text(aes(label = kind), ends, hjust = 0, nudge_x = 0.01, fontface = "bold", size = 3.8) +
    scale_colour_manual(values = colours, aesthetics = c("colour", "fill"), guide = "none") +
    scale_x_continuous(
      "how much of the width is hidden",
      breaks = c(0, 1 / 4, 1 / 3, 1 / 2), labels = c("none", "1/4", "1/3", "1/2"),
      limits = c(0, 0.86), expand = expansion(c(0.02, 0))
    ) +
    scale_y_continuous(NULL, labels = function(percent) paste(percent, "%")) +
    labs(
      title = "Right answers to all held-out digits",
      subtitle = sprintf("Mean of %d networks; the band is from worst to best.", length(seeds))
    ) +
    theme_minimal(base_size = 12) +
    theme(panel.grid.minor = element_blank()) +
    titles
}

titles <- theme(
  plot.title = element_text(size = 14, face = "bold", hjust = 0),
  plot.subtitle = element_text(size = 11, margin = margin(3, 0, 10, 0)),
  plot.margin = margin(10, 12, 10, 12)
)

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

draw_demo <- function(runs, digits, shown, scores, path) {
  png(path, width = 12.5, height = 4.3, units = "in", res = 110, type = "cairo")
  on.exit(dev.off())
  grid::grid.newpage()
  halves <- grid::grid.layout(1, 2, widths = c(1.3, 1))
  grid::pushViewport(grid::viewport(layout = halves))
  at <- function(column) grid::viewport(layout.pos.row = 1, layout.pos.col = column)
  print(draw_answers(runs, digits, shown, scores), vp = at(1))
  print(draw_accuracy(scores), vp = at(2))
}

# What each kind drops in training from the first feature maps of one digit, each map
# scaled to its own brightest unit.
draw_masks <- function(model, image, path, rate = 0.25, block = 5) {
  features <- k$layer_activation_relu(model$layers[[2]](model$layers[[1]](image)))
  features <- k$op_convert_to_numpy(features)[1, , , ]
  features <- sweep(features, 3, pmax(apply(features, 3, max), 1e-6), "/")
  k$set_random_seed(2)
  layers <- list(
    "dropout" = k$layer_dropout(rate = rate),
    "DropBlock" = layer_dropblock_2d(rate = rate, block_size = block),
    "spatial dropout" = layer_spatial_dropout_2d(rate = rate)
  )
  ones <- array(1, c(4000, dim(features)))
  dropped <- lapply(layers, function(layer) {
    k$op_convert_to_numpy(layer(ones, training = TRUE)) == 0
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
    labs(title = sprintf("One digit in training at rate %s: dropped units are orange", rate)) +
    theme_void() +
    theme(
      plot.background = element_rect(fill = "white", colour = NA),
      plot.margin = margin(8, 8, 8, 8),
      plot.title = element_text(margin = margin(b = 8)),
      strip.text = element_text(margin = margin(3, 6, 3, 6))
    )
  ggsave(path, picture, width = 9, height = 5, dpi = 110)
}
