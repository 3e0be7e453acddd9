# Whatever is given, the outcome is a layer, or one readable error of ours.
odd_values <- function() {
  list(
    NULL, NA, NA_character_, NaN, Inf, -Inf, TRUE, 0, 0L, 1, 3, -1, 0.5, 2.5, 1e10, 1e300,
    numeric(), character(), list(), "", "batch", "channels_first", "caf\u00e9", "7",
    c(1, 2), c(3L, 3L), c(a = 1, b = 2), c(2, NA), list(1, 2), list(1, "b"), list(NULL, 3),
    1i, as.raw(1), factor("a"), Sys.Date(), mtcars, matrix(1, 2, 2), array(1, c(1, 4, 4, 1)),
    mean, quote(x), y ~ x, new.env(), expression(a), structure(1, class = "odd"),
    reticulate::tuple(3L, 3L), reticulate::dict(a = 1), keras(), keras()$layers$Flatten()
  )
}

outcome_of <- function(arguments) {
  tryCatch(
    {
      do.call(layer_dropblock_2d, arguments, quote = TRUE)
      "made"
    },
    layerbridge_error = function(e) {
      if (grepl("Traceback|py_last_error", conditionMessage(e))) {
        conditionMessage(e)
      } else {
        "refused"
      }
    },
    error = function(e) paste("not ours:", conditionMessage(e))
  )
}

test_that("odd arguments give a layer or a readable error, in more than a thousand cases where all are tried", {
  withr::local_seed(1)
  skip_if_no_keras()
  names <- c(
    "object", "rate", "block_size", "data_format", "per_channel", "normalize", "exact_rate",
    "seed", "name", "dtype", "trainable", "batch_size", "input_shape", "weights", "unknown"
  )
  good <- list(rate = 0.1, block_size = 3)
  values <- odd_values()
  cases <- list()
  for (name in names) {
    for (value in values) {
      arguments <- good
      arguments[name] <- list(value)
      cases <- c(cases, list(arguments))
      other <- sample(setdiff(names, name), 1)
      arguments[other] <- sample(values, 1)
      cases <- c(cases, list(arguments))
    }
  }
  expect_gt(length(cases), 1000)
  if (is_quick()) cases <- sample(cases, 350)
  outcomes <- vapply(cases, outcome_of, "")
  bad <- !outcomes %in% c("made", "refused")
  expect_identical(unique(outcomes[bad]), character())
  expect_true(all(c("made", "refused") %in% outcomes))
})
