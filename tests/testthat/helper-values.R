# The rows of values.tsv: what a line of R gives, with keras3 and TensorFlow (`keras3`), and where that differs, without
# it (`here`) and why. tests/keras3/values.R writes the column `keras3`.
value_cases <- function(path) {
  utils::read.delim(file.path(path, "values.tsv"), quote = "", colClasses = "character", na.strings = character())
}

# What the lines compute with, by functions of Keras that have the same name with keras3 and without.
value_setting <- function(functions) {
  env <- list2env(as.list(functions), parent = globalenv())
  local({
    m <- matrix(c(1, -2, 3, 4.5, 0.25, 6), 2)
    i <- matrix(1:6, 2)
    x <- op_convert_to_tensor(m, dtype = "float32")
    y <- op_convert_to_tensor(matrix(c(2, 0.5, 1, -1, 3, 0.75), 2), dtype = "float32")
    v <- op_convert_to_tensor(array(c(3, 1, 2, 5)), dtype = "float32")
    a <- op_convert_to_tensor(array(1:24 / 2, c(2, 3, 4)), dtype = "float32")
    whole <- op_convert_to_tensor(i, dtype = "int32")
    truth <- op_convert_to_tensor(m > 1)
    one <- op_sum(v)
    missing_one <- op_convert_to_tensor(array(c(1, NaN, 3)), dtype = "float32")
    from <- 2
    several <- c(1, 3)
    s <- keras_input(shape = c(3, 4))
    factored <- factor(c("b", "a", "c", "a"))
    numbered <- factor(c("3", "5", "7", "5"))
    samples <- matrix(c(1, 0, 2, 1, 0, 1, 1, 2), 4)
    linear <- function(units = 1, activation = NULL, ...) {
      model <- keras_model_sequential(input_shape = 2) |>
        layer_dense(units = units, activation = activation, kernel_initializer = "ones")
      compile(model, optimizer = optimizer_sgd(0.1), ...)
      model
    }
    trained <- function(model, ...) {
      history <- fit(model, ..., shuffle = FALSE, verbose = 0)
      unlist(history$metrics)
    }
  }, env)
  env
}

# One line of text: the sort of thing, its size, its values row by row of R.
value_shown <- function(x) {
  if (inherits(x, "python.builtin.object") && reticulate::py_has_attr(x, "dtype")) return(tensor_shown(x))
  if (inherits(x, "python.builtin.object")) return(paste("Python's", sub(".*[.]", "", class(x)[1L])))
  if (is.null(x)) return("NULL")
  if (is.list(x)) return(sprintf("list(%s)", paste(vapply(unclass(x), value_shown, ""), collapse = "; ")))
  if (!is.atomic(x)) return(class(x)[1L])
  size <- if (length(dim(x)) > 1L) paste0("[", toString(dim(x)), "]")
  said <- if (is.numeric(x)) formatC(as.vector(x), digits = 6L, width = 1L, format = "g") else as.character(x)
  paste(c(typeof(x), size, said), collapse = " ")
}

tensor_shown <- function(x) {
  ops <- reticulate::import("keras")$ops
  type <- sub("[0-9]+$", "", reticulate::import("keras")$backend$standardize_dtype(x$dtype))
  shape <- reticulate::import_builtins()$tuple(ops$shape(x))
  sizes <- vapply(shape, function(n) if (is.numeric(n)) as.character(n) else "NA", "")
  if (inherits(x, "keras.src.backend.common.keras_tensor.KerasTensor")) {
    return(sprintf("symbolic %s [%s]", type, toString(sizes)))
  }
  values <- as.vector(ops$convert_to_numpy(x))
  said <- if (is.numeric(values)) formatC(values, digits = 6L, width = 1L, format = "g") else values
  trimws(paste(c("tensor", type, sprintf("[%s]", toString(sizes)), said), collapse = " "))
}

value_of <- function(code, env) {
  tryCatch(
    value_shown(suppressMessages(suppressWarnings(eval(parse(text = code), new.env(parent = env))))),
    error = function(e) paste("error:", gsub("[\t\n]+", " ", conditionMessage(e)))
  )
}

# The same words, and numbers that are close. Of an error, the words that are expected have to be in it.
same_value <- function(value, expected) {
  if (startsWith(expected, "error:")) {
    return(startsWith(value, "error:") && grepl(trimws(sub("error:", "", expected)), value, fixed = TRUE))
  }
  words <- function(x) strsplit(x, "[ ;(),]+")[[1L]]
  one <- words(value)
  other <- words(expected)
  if (length(one) != length(other)) return(FALSE)
  numbers <- suppressWarnings(cbind(as.numeric(one), as.numeric(other)))
  isTRUE(all(one == other | abs(numbers[, 1L] - numbers[, 2L]) <= 1e-4 * (1 + abs(numbers[, 2L]))))
}
