# However a function is called, what the user gives arrives. Each way passes `...` on to a layer
# function, and is called with arguments that are formals of it and with one that is not.
ways <- list(
  "|>" = function(fn, x, ...) x |> fn(0.1, 3, ...),
  "%>%" = function(fn, x, ...) {
    `%>%` <- magrittr::`%>%`
    x %>% fn(0.1, 3, ...)
  },
  "%>% with a dot" = function(fn, x, ...) {
    `%>%` <- magrittr::`%>%`
    x %>% fn(object = ., rate = 0.1, block_size = 3, ...)
  },
  "an eager pipe" = function(fn, x, ...) {
    `%!>%` <- magrittr::`%!>%`
    x %!>% fn(0.1, 3, ...)
  },
  "two levels" = function(fn, x, ...) {
    inner <- function(x, ...) fn(x, 0.1, 3, ...)
    inner(x, ...)
  },
  "two levels and %>%" = function(fn, x, ...) {
    `%>%` <- magrittr::`%>%`
    inner <- function(x, ...) x %>% fn(0.1, 3, ...)
    x %>% inner(...)
  },
  "do.call with names" = function(fn, x, ...) do.call(fn, list(x, rate = 0.1, block_size = 3, ...)),
  "do.call with a name of the function" = function(fn, x, ...) {
    do.call("fn", list(x, rate = 0.1, block_size = 3, ...))
  },
  "do.call with symbols" = function(fn, x, ...) {
    rate <- 0.1
    dots <- list(...)
    do.call(fn, c(list(quote(x), rate = quote(rate), block_size = 3), dots))
  },
  "lapply" = function(fn, x, ...) lapply(list(x), fn, 0.1, 3, ...)[[1]],
  "lapply and a function" = function(fn, x, ...) lapply(0.1, function(rate) fn(x, rate, 3, ...))[[1]],
  "sapply" = function(fn, x, ...) sapply(list(x), fn, rate = 0.1, block_size = 3, ..., simplify = FALSE)[[1]],
  "Map" = function(fn, x, ...) Map(function(rate, size) fn(x, rate, size, ...), 0.1, 3)[[1]],
  "mapply" = function(fn, x, ...) {
    mapply(fn, rate = 0.1, MoreArgs = list(object = x, block_size = 3, ...), SIMPLIFY = FALSE)[[1]]
  },
  "Reduce" = function(fn, x, ...) Reduce(function(a, rate) fn(a, rate, 3, ...), 0.1, x),
  "Reduce and %>%" = function(fn, x, ...) {
    `%>%` <- magrittr::`%>%`
    Reduce(function(a, rate) a %>% fn(rate, 3, ...), 0.1, x)
  },
  "Filter's function" = function(fn, x, ...) {
    made <- NULL
    Filter(function(rate) is.null(made <<- fn(x, rate, 3, ...)), 0.1)
    made
  },
  "a formula for a function" = function(fn, x, ...) {
    dots <- list(...)
    rlang::as_function(~ do.call(fn, c(list(.x, 0.1, 3), dots)))(x)
  },
  "match.arg between" = function(fn, x, normalize = c("batch", "sample"), ...) {
    inner <- function(x, normalize = c("batch", "sample"), ...) {
      normalize <- match.arg(normalize)
      fn(x, 0.1, 3, normalize = normalize, ...)
    }
    normalize <- match.arg(normalize)
    inner(x, normalize = normalize, ...)
  },
  "arguments handed on without a value" = function(fn, x, seed, dtype, ...) {
    inner <- function(x, seed, dtype, ...) fn(x, 0.1, 3, seed = seed, dtype = dtype, ...)
    inner(x, seed, dtype, ...)
  },
  "match.call and eval" = function(fn, x, ...) {
    inner <- function(object, rate, block_size, ...) {
      call <- match.call()
      call[[1]] <- fn
      eval(call, parent.frame())
    }
    inner(x, 0.1, 3, ...)
  },
  "eval in an environment" = function(fn, x, ...) eval(quote(fn(x, 0.1, 3, ...)), environment()),
  "eval in a new environment" = function(fn, x, ...) eval(quote(fn(x, 0.1, 3, ...)), new.env()),
  "with()" = function(fn, x, ...) with(list(rate = 0.1), fn(x, rate, 3, ...)),
  "local()" = function(fn, x, ...) local(fn(x, 0.1, 3, ...)),
  "rlang::eval_tidy" = function(fn, x, ...) rlang::eval_tidy(rlang::quo(fn(x, 0.1, 3, ...))),
  "rlang::inject" = function(fn, x, ...) {
    dots <- rlang::list2(...)
    rlang::inject(fn(x, 0.1, 3, !!!dots))
  },
  "rlang::exec" = function(fn, x, ...) rlang::exec(fn, x, 0.1, 3, ...),
  "a promise that is forced later" = function(fn, x, ...) {
    later <- function(value) {
      force_it <- function() value
      force_it()
    }
    later(fn(x, 0.1, 3, ...))
  },
  "a promise that outlives its function" = function(fn, x, ...) {
    delayed <- function(...) {
      delayedAssign("value", fn(x, 0.1, 3, ...))
      environment()
    }
    get("value", delayed(...))
  },
  "a closure that keeps the arguments" = function(fn, x, ...) {
    keeping <- function(...) function() fn(x, 0.1, 3, ...)
    keeping(...)()
  },
  "Recall" = function(fn, x, ...) {
    recalled <- function(x, n, ...) if (n > 0) Recall(x, n - 1, ...) else fn(x, 0.1, 3, ...)
    recalled(x, 2, ...)
  },
  "an S3 method" = function(fn, x, ...) {
    drop_some <- function(x, ...) UseMethod("drop_some")
    drop_some.default <- function(x, ...) fn(x, 0.1, 3, ...)
    drop_some(x, ...)
  },
  "the function as an S3 method" = function(fn, x, ...) {
    drop_more <- function(object, ...) UseMethod("drop_more")
    drop_more.default <- fn
    drop_more(x, rate = 0.1, block_size = 3, ...)
  },
  "NextMethod" = function(fn, x, ...) {
    drop_next <- function(x, ...) UseMethod("drop_next")
    drop_next.python.builtin.object <- function(x, ...) NextMethod()
    drop_next.default <- function(x, ...) fn(x, 0.1, 3, ...)
    drop_next(x, ...)
  },
  "an R6 method" = function(fn, x, ...) {
    maker <- R6::R6Class(public = list(make = function(x, ...) fn(x, 0.1, 3, ...)))
    maker$new()$make(x, ...)
  },
  "a reference class" = function(fn, x, ...) {
    maker <- methods::setRefClass("Maker", methods = list(make = function(fn, x, ...) fn(x, 0.1, 3, ...)))
    maker$new()$make(fn, x, ...)
  },
  "compiled code" = function(fn, x, ...) {
    compiled <- compiler::cmpfun(function(x, ...) fn(x, 0.1, 3, ...))
    compiled(x, ...)
  },
  "tryCatch and on.exit" = function(fn, x, ...) {
    on.exit(NULL)
    tryCatch(withCallingHandlers(fn(x, 0.1, 3, ...)), finally = NULL)
  },
  "Vectorize" = function(fn, x, ...) {
    Vectorize(function(rate, ...) fn(x, rate, 3, ...), "rate", SIMPLIFY = FALSE)(0.1, ...)[[1]]
  },
  "a function of another name" = function(fn, x, ...) {
    wrapper <- function(...) fn(...)
    wrapper(x, 0.1, 3, ...)
  },
  "a partial function" = function(fn, x, ...) {
    partial <- function(fn, ...) {
      fixed <- list(...)
      function(...) do.call(fn, c(fixed, list(...)))
    }
    partial(fn, rate = 0.1, block_size = 3)(x, ...)
  }
)

given <- list(
  "formals and one in `...`" = list(data_format = "channels_first", seed = 7, trainable = FALSE),
  "NULL, which is not given in `...`" = list(
    seed = 7, data_format = "channels_first", trainable = FALSE, weights = NULL
  )
)

for (way in names(ways)) {
  test_that(paste("every argument arrives by", way), {
    skip_if_no_keras()
    for (arguments in given) {
      input <- symbolic(2, 8, 8)
      output <- do.call(ways[[way]], c(list(layer_dropblock_2d, input), arguments))
      layer <- keras()$Model(input, output)$layers[[2]]
      expect_equal(layer$rate, 0.1)
      expect_identical(layer$block_size, 3L)
      expect_identical(layer$data_format, "channels_first")
      expect_identical(layer$get_config()$seed, 7L)
      expect_false(layer$trainable)

      made <- do.call(ways[[way]], c(list(layer_dropblock_2d, NULL), arguments))
      expect_identical(made$get_config()$seed, 7L)
      expect_identical(made$data_format, "channels_first")
      expect_false(made$trainable)
    }
    expect_error(ways[[way]](layer_dropblock_2d, NULL, unknown = 1), "`unknown` is not an argument of DropBlock2D")
  })
}

test_that("what a caller passes on counts as given if it has a value there", {
  skip_if_no_keras()
  forwards <- function(seed, rate = 0.25, ...) layer_dropblock_2d(rate = rate, block_size = 3, seed = seed, ...)
  expect_equal(forwards()$rate, 0.25)
  expect_null(forwards()$get_config()$seed)
  expect_identical(forwards(3)$get_config()$seed, 3L)

  hands_on <- function(trainable) layer_dropblock_2d(rate = 0.1, block_size = 3, trainable = trainable)
  expect_true(hands_on()$trainable)
  expect_false(hands_on(FALSE)$trainable)

  further <- function(number = 5) forwards(number)
  with_default <- function(step = 7) (function(size) forwards(size))(step)
  expect_identical(further()$get_config()$seed, 5L)
  expect_identical(with_default()$get_config()$seed, 7L)
  without <- function(size) (function(seed) forwards(seed))(size)
  expect_null(without()$get_config()$seed)
  expect_error((function(rate) layer_dropblock_2d(rate = rate, block_size = 3))(), "`rate` must be given")
})

test_that("an error in a default of the caller is that error, and no missing argument", {
  skip_if_no_keras()
  failing <- function(seed = stop("of the user")) layer_dropblock_2d(rate = 0.1, block_size = 3, seed = seed)
  expect_error(failing(), "^of the user$")
})

test_that("an argument given twice is an error", {
  skip_if_no_keras()
  expect_error(
    layer_dropblock_2d(rate = 0.1, block_size = 3, trainable = TRUE, trainable = FALSE),
    "`trainable` was given more than once", class = "layerbridge_error"
  )
})

test_that("an argument of a layer's call given twice is an error, by its other name too", {
  skip_if_no_wrap_layers()
  k <- keras_functions()
  x <- array(1, c(2, 3, 4))
  attention <- function(...) {
    k$layer_group_query_attention(..., head_dim = 2, num_query_heads = 2, num_key_value_heads = 1)
  }
  dropout <- k$layer_dropout(rate = 0.5)
  calls <- list(
    training = quote(k$layer_dropout(x, rate = 0.5, training = TRUE, training = FALSE)),
    training = quote(attention(list(x, x), training = TRUE, training = FALSE)),
    training = quote(dropout(x, training = TRUE, training = FALSE)),
    inputs = quote(attention(list(x, x), object = x)),
    inputs = quote(x |> attention(object = x))
  )
  for (i in seq_along(calls)) {
    said <- sprintf("`%s` was given more than once", names(calls)[i])
    expect_error(eval(calls[[i]]), said, class = "layerbridge_error", info = deparse1(calls[[i]]))
  }
  both <- list(x, x)
  for (sent in list(attention(NULL, object = both), attention(both, object = NULL))) {
    expect_identical(dim(as.array(sent)), c(2L, 3L, 4L))
  }
})

test_that("an argument that the installed version does not have is named, whatever reticulate knows of it", {
  skip_if_no_keras()
  newer <- bridge_function(
    function(x, approximate = FALSE, slope = 1) bridge_call(), "keras.activations", "gelu", composes = "none"
  )
  said <- "`slope` is not an argument of gelu in the version that is installed."
  expect_error(newer(array(1, 2), slope = 2), said, fixed = TRUE, class = "layerbridge_error")
  of_newer_reticulate <- function(x, approximate = FALSE) NULL
  sent <- list(slope = 2)
  expect_error(
    bridge_check_known(of_newer_reticulate, sent, sent, bridge_target_of(newer)), said,
    fixed = TRUE, class = "layerbridge_error"
  )
})

test_that("an empty argument at the end is no argument", {
  skip_if_no_keras()
  layer <- layer_dropblock_2d(rate = 0.1, block_size = 3, NULL, NULL, TRUE, "batch", TRUE, NULL, NULL, NULL, )
  expect_equal(layer$rate, 0.1)
})

test_that("the condition carries the function's call, whatever the way", {
  skip_if_no_keras()
  for (way in c("|>", "%>%", "two levels", "lapply", "Reduce", "rlang::eval_tidy", "a promise that is forced later")) {
    condition <- tryCatch(ways[[way]](layer_dropblock_2d, NULL, seed = -1), error = identity)
    expect_s3_class(condition, "layerbridge_error")
    expect_true(deparse1(conditionCall(condition)[[1]]) %in% c("fn", "FUN"), info = way)
  }
})

test_that("NULL in `...` reaches Python, or is an error where no one takes it", {
  skip_if_no_keras()
  test_module("bridged_layers")
  layer_keeps <- bridge_function(function(object, ...) bridge_call(), "bridged_layers", "Keeps")
  expect_error(
    layer_dropblock_2d(rate = 0.1, block_size = 3, nonsense = NULL), "`nonsense` is not an argument of DropBlock2D"
  )
  expect_error(layer_keeps(NULL, NULL), "must have names; received NULL")
  expect_null(layer_keeps(value = NULL)$value)
})

test_that("a default that R sends reaches Python, also where a caller has nothing to hand on", {
  skip_if_no_keras()
  test_module("bridged_functions")
  kept <- bridge_function(
    function(x = 1 + 1) bridge_call(), "bridged_functions", "kept", composes = "function", sent = "x"
  )
  calls <- function(x) kept(x)
  expect_identical(kept(), "2")
  expect_identical(calls(), "2")
  expect_identical(kept(3), "3")
  expect_identical(kept(NULL), "None")
})
