# One test for each row of the contract's table, for each function.
functions <- list(
  layer_dropblock_1d = function(...) layer_dropblock_1d(..., rate = 0.5, block_size = 2),
  layer_dropblock_2d = function(...) layer_dropblock_2d(..., rate = 0.5, block_size = 2),
  layer_dropblock_3d = function(...) layer_dropblock_3d(..., rate = 0.5, block_size = 2),
  layer_spatial_dropout_1d = function(...) layer_spatial_dropout_1d(..., rate = 0.5),
  layer_spatial_dropout_2d = function(...) layer_spatial_dropout_2d(..., rate = 0.5),
  layer_spatial_dropout_3d = function(...) layer_spatial_dropout_3d(..., rate = 0.5),
  layer_drop_path = function(...) layer_drop_path(..., rate = 0.5)
)

test_that("each function of a layer is among these", {
  exported <- grep("^layer_", getNamespaceExports("layerbridge"), value = TRUE)
  expect_setequal(names(functions), exported)
})

rank <- function(name) if (grepl("drop_path", name)) 1L else as.integer(sub(".*_([123])d", "\\1", name))

class_name <- function(name) {
  classes <- c(dropblock = "DropBlock", spatial_dropout = "SpatialDropout", drop_path = "DropPath")
  family <- sub("(_[123]d)?$", "", sub("^layer_", "", name))
  paste0(classes[[family]], if (family != "drop_path") paste0(rank(name), "D"))
}

map_shape <- function(name) as.list(c(rep(6L, rank(name)), 2L))

for (name in names(functions)) {
  layer_of <- functions[[name]]

  test_that(paste0(name, "() without `object` is the layer"), {
    skip_if_no_keras()
    expect_true(is_layer(layer_of(), class_name(name)))
    expect_true(is_layer(layer_of(NULL), class_name(name)))
    expect_true(is_layer(layer_of(object = NULL), class_name(name)))
  })

  test_that(paste0(name, "() adds to a Sequential model and returns it invisibly"), {
    skip_if_no_keras()
    model <- do.call(sequential, map_shape(name))
    result <- withVisible(layer_of(model))
    expect_false(result$visible)
    expect_true(same_object(result$value, model))
    expect_length(model$layers, 1L)
    expect_true(is_layer(model$layers[[1]], class_name(name)))
  })

  test_that(paste0(name, "() calls the layer on a symbolic tensor"), {
    skip_if_no_keras()
    input <- do.call(symbolic, map_shape(name))
    output <- layer_of(input)
    expect_s3_class(output, "keras.src.backend.common.keras_tensor.KerasTensor")
    expect_identical(output$shape, input$shape)
    expect_length(keras()$Model(input, output)$layers, 2L)
  })

  test_that(paste0(name, "() calls the layer on a tensor and on an R array"), {
    skip_if_no_keras()
    x <- array(1, c(2L, unlist(map_shape(name))))
    for (input in list(x, keras()$ops$convert_to_tensor(x))) {
      output <- layer_of(input)
      expect_identical(as_r(output), x)
    }
  })
}

test_that("a layer made without `object` can be piped into later", {
  skip_if_no_keras()
  layer <- layer_dropblock_2d(rate = 0.5, block_size = 3)

  model <- sequential(8, 8, 2)
  result <- withVisible(model |> layer())
  expect_false(result$visible)
  expect_true(same_object(result$value, model))
  expect_true(same_object(model$layers[[1]], layer))

  output <- symbolic(8, 8, 2) |> layer()
  expect_s3_class(output, "keras.src.backend.common.keras_tensor.KerasTensor")

  x <- array(1, c(1, 8, 8, 2))
  dropped <- as_r(layer(x, training = TRUE))
  expect_true(any(dropped == 0))
})

test_that("a layer stays the Python object that it is", {
  skip_if_no_keras()
  layer <- layer_dropblock_2d(rate = 0.5, block_size = 3, name = "drop")
  expect_s3_class(layer, "python.builtin.object")
  expect_identical(layer$name, "drop")
  expect_identical(layer$get_config()$rate, 0.5)
  model <- keras()$Sequential(list(layer))
  expect_true(same_object(model$layers[[1]], layer))
})

test_that("both pipes work, and go on", {
  skip_if_no_keras()
  base <- sequential(8, 8, 2) |>
    layer_dropblock_2d(rate = 0.1, block_size = 3) |>
    layer_spatial_dropout_2d(rate = 0.2)
  expect_length(base$layers, 2L)

  skip_if_not_installed("magrittr")
  `%>%` <- magrittr::`%>%`
  piped <- sequential(8, 8, 2) %>%
    layer_dropblock_2d(rate = 0.1, block_size = 3) %>%
    layer_spatial_dropout_2d(rate = 0.2)
  expect_length(piped$layers, 2L)
})

test_that("automatic names follow the pipe", {
  skip_if_no_keras()
  keras()$utils$clear_session()
  input <- symbolic(8, 8, 2)
  output <- input |>
    layer_dropblock_2d(rate = 0.1, block_size = 3) |>
    layer_dropblock_2d(rate = 0.2, block_size = 3)
  layers <- keras()$Model(input, output)$layers[-1]
  expect_equal(lapply(layers, function(layer) layer$rate), list(0.1, 0.2))
  expect_identical(
    vapply(layers, function(layer) layer$name, ""),
    c("drop_block2d", "drop_block2d_1")
  )
})

test_that("a model keeps its class, whatever made it", {
  skip_if_no_keras()
  model <- keras()$models$Sequential(list(keras()$Input(shape = shape(8, 8, 2))), name = "mine")
  expect_identical((model |> layer_spatial_dropout_2d(rate = 0.1))$name, "mine")
  clone <- keras()$models$clone_model(model)
  expect_length((clone |> layer_spatial_dropout_2d(rate = 0.1))$layers, 2L)
})

test_that("a model made by a subclass of Sequential is a Sequential model", {
  skip_if_no_keras()
  reticulate::py_run_string("
import keras
class Mine(keras.Sequential):
    pass
")
  model <- reticulate::py$Mine()
  expect_true(same_object(model |> layer_spatial_dropout_2d(rate = 0.1), model))
})

test_that("a layer that a Sequential model refuses does not stay in it", {
  skip_if_no_keras()
  flat <- sequential(4)
  flat$add(keras()$layers$Dense(3L))
  expect_error(flat |> layer_dropblock_2d(rate = 0.1, block_size = 3), "4 axes", class = "layerbridge_error")
  expect_length(flat$layers, 1L)
  expect_identical(flat$output_shape, list(NULL, 3L))

  empty <- keras()$Sequential()
  expect_error(
    empty |> layer_dropblock_2d(rate = 0.1, block_size = 3, input_shape = 4), "4 axes",
    class = "layerbridge_error"
  )
  expect_length(empty[["_layers"]], 0L)
})
