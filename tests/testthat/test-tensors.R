# Tensors as R values, beyond the lines of values.tsv: what is said, and what a network learns.
tensor <- function(x, ...) keras()$ops$convert_to_tensor(x, ...)

numbers <- matrix(c(1, -2, 3, 4.5, 0.25, 6), 2)

test_that("what has no sense is an error that names what to use", {
  skip_if_no_keras()
  x <- tensor(numbers, "float32")
  refused <- list(
    "`cumsum()` does not take a tensor" = quote(cumsum(x)),
    "a variable has `$assign()`" = quote(x[1, ] <- 0),
    "Axis 1 has length 2; received 3." = quote(x[3, ]),
    "Indices along axis 2 count from 1; received 0." = quote(x[, 0]),
    "must be whole numbers; received \"a\"." = quote(x["a", ]),
    "`op_take(x, indices, axis)`" = quote(x[tensor(1L), ]),
    "takes one place along each axis of the tensor, which has 2" = quote(x[[1]]),
    "Use `op_flip()`" = quote(rev(x)),
    "is symbolic: it has values only when the model is called" = quote(as.array(symbolic(3))),
    "Use `op_where()`" = quote(symbolic(3)[symbolic(3) > 0])
  )
  for (words in names(refused)) expect_error(eval(refused[[words]]), words, fixed = TRUE, class = "layerbridge_error")
})

test_that("a negative place is said once to count from the end", {
  skip_if_no_keras()
  x <- tensor(numbers, "float32")
  bridge_told$negative <- NULL
  expect_message(last <- x[, -1], "count from the end")
  expect_message(x[-1, ], NA)
  expect_equal(as.vector(last), numbers[, 3])
  expect_warning(first <- x[1], "2 axes takes an index for each; received 1")
  expect_equal(as.vector(first), numbers[1, ])
})

test_that("R multiplies matrices of tensors from 4.3 on", {
  skip_if_no_keras()
  x <- tensor(numbers, "float32")
  if (getRversion() < "4.3") {
    expect_error(x %*% t(x), "numeric/complex matrix/vector arguments")
  } else {
    expect_equal(as.array(x %*% t(x)), numbers %*% t(numbers))
  }
})

test_that("tensors are of one line in str(), and elements of lists", {
  skip_if_no_keras()
  x <- tensor(numbers, "float32")
  expect_output(str(x), "shape (2, 3), float32>", fixed = TRUE)
  expect_output(str(list(a = symbolic(3))), "a: <.*KerasTensor: shape \\(NA, 3\\), float32>")
  expect_output(print(x), "4.5")
  expect_identical(as.character(x[["shape"]]), as.character(x$shape))
})

test_that("variables and scalars are tensors too", {
  skip_if_no_keras()
  v <- keras()$Variable(numbers)
  expect_equal(as.array(v), numbers)
  expect_equal(as.vector(v[, 2:3]), c(numbers[, 2:3]))
  expect_identical(dim(v), c(2L, 3L))
  expect_identical(dim(sum(v)), integer(0))
  expect_equal(as.numeric(sum(v)), sum(numbers))
  expect_equal(as.numeric(keras()$optimizers$SGD(0.25)$learning_rate), 0.25)
})

test_that("text comes back as text", {
  skip_if_no_keras()
  words <- reticulate::import("tensorflow")$constant(list("a", "b c"))
  expect_identical(as.character(words), c("a", "b c"))
  expect_identical(as.array(words[2:2]), array("b c"))
})

test_that("a loss that takes columns by R's places trains the network that R's places say", {
  skip_if_no_keras()
  x <- matrix(c(1, 0, 2, 1, 0, 1, 1, 2), 4)
  trained <- function(loss) {
    layer <- keras()$layers$Dense(2L, kernel_initializer = "ones")
    model <- keras()$Sequential(list(keras()$Input(shape(2)), layer))
    model |> compile(keras()$optimizers$SGD(0.1), loss = loss)
    fit(model, x, cbind(1:4, 4:1), epochs = 3, shuffle = FALSE, verbose = 0)
    layer$get_weights()
  }
  ops <- keras()$ops
  expected <- trained(function(y_true, y_pred) {
    first <- ops$take(y_true - y_pred, 0L, axis = -1L)
    second <- ops$take(y_true - y_pred, 1L, axis = -1L)
    ops$mean(ops$square(first)) + ops$mean(ops$abs(second))
  })
  range <- trained(function(y_true, y_pred) {
    error <- y_true - y_pred
    mean(error[, 1:1]^2) + mean(abs(error[, 2:2]))
  })
  place <- trained(function(y_true, y_pred) mean((y_true[, 1] - y_pred[, 1])^2) + mean(abs(y_true - y_pred)[, -1]))
  expect_equal(range, expected, tolerance = 1e-6)
  expect_equal(place, expected, tolerance = 1e-6)
})
