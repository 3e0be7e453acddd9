# Where keras3 is loaded, its methods for models hold, in whatever order the packages are attached.
run <- function(packages, code) {
  file <- withr::local_tempfile(fileext = ".R", lines = c(
    sprintf("suppressPackageStartupMessages(library(%s))", packages),
    "keras <- reticulate::import('keras')",
    "model <- keras$Sequential(list(keras$Input(shape = reticulate::tuple(3L)), keras$layers$Dense(1L)))",
    "x <- matrix(1:30 / 30, 10)",
    code
  ))
  system2(
    file.path(R.home("bin"), "Rscript"), shQuote(file),
    stdout = TRUE, stderr = FALSE, env = "TESTTHAT=true"
  )
}

for (packages in list(c("keras3", "layerbridge"), c("layerbridge", "keras3"))) {
  test_that(paste("keras3's methods for models hold with", toString(packages)), {
    said <- run(packages, c(
      "model |> compile(optimizer = 'sgd', loss = 'mse', metrics = 'mae')",
      "history <- model |> fit(x, x[, 1], epochs = 2)",
      "cat(class(history), '\n')",
      "cat(length(history$metrics$loss), '\n')",
      "cat(names(model |> evaluate(x = x, y = x[, 1])), '\n')",
      "cat(dim(predict(model, x)), '\n')",
      "for (name in c('compile', 'fit', 'evaluate', 'predict', 'summary')) {",
      "  method <- getS3method(name, 'keras.src.models.model.Model', optional = TRUE)",
      "  cat(environmentName(environment(method)), '')",
      "}"
    ))
    expect_match(said[1], "^keras_training_history *$")
    expect_match(said[2], "^2 *$")
    expect_setequal(strsplit(trimws(said[3]), " ")[[1]], c("loss", "mae"))
    expect_match(said[4], "^10 1 *$")
    expect_match(said[5], "^keras3 keras3 keras3 keras3 keras3 *$")
  })
}

test_that("keras3 that is loaded later takes over", {
  said <- run("layerbridge", c(
    "model |> compile(optimizer = 'sgd', loss = 'mse')",
    "cat(class(model |> fit(x, x[, 1], epochs = 2)), '\n')",
    "invisible(loadNamespace('keras3'))",
    "cat(class(model |> fit(x, x[, 1], epochs = 2)), '\n')",
    "cat(environmentName(environment(getS3method('evaluate', 'keras.src.models.model.Model'))))"
  ))
  expect_match(said[1], "^bridge_history keras_training_history *$")
  expect_match(said[2], "^keras_training_history *$")
  expect_identical(said[3], "keras3")
})

test_that("what is given arrives as it does with keras3", {
  x <- matrix(1:30 / 30, 10)
  trained <- function(fit) {
    set_random_seed(1L)
    model <- keras_model_sequential(input_shape = 3) |> layer_dense(2)
    model |> keras3::compile(optimizer = "sgd", loss = loss_sparse_categorical_crossentropy(from_logits = TRUE))
    fit(
      model, x, factor(rep(c("a", "b"), 5)),
      epochs = 3, batch_size = 5, validation_data = list(x, rep(0L, 10)), class_weight = c("0" = 1, "1" = 3),
      initial_epoch = 2, verbose = 0
    )
  }
  ours <- trained(get("fit.keras.src.trainers.trainer.Trainer", asNamespace("layerbridge")))
  theirs <- trained(keras3::fit)
  expect_equal(ours$metrics, theirs$metrics)
  expect_equal(ours$params, theirs$params)
  expect_equal(as.data.frame(ours), as.data.frame(theirs))
})
