# What the functions compute: each call of numbers.tsv with keras3's function, and with the one
# that is generated for Keras, on the same arrays. A call is a function and its arguments; `then`
# is what is done with the result, `.`, where that is an object. Those that are said to differ do.
cases <- utils::read.delim("numbers.tsv", quote = "", colClasses = "character")

random <- function(...) {
  withr::with_seed(1L, array(round(rnorm(prod(...)), 3L), c(...)))
}

given <- within(list(), {
  v <- c(0.5, -1.25, 2, 0.75)
  u <- c(0.2, 0.9, 0.4, 0.6)
  m <- random(3, 4)
  n <- rbind(c(1, -0.5, 2, 0.25), c(0.1, 3, -1, 0.5), c(-2, 0.3, 0.7, 1.5))
  a <- random(2, 3, 4)
  p <- plogis(m)
  w <- rbind(c(0, 1, 2, 0), c(3, 0, 0, 1), c(2, 2, 0, 4))
  b <- m > 0
  z <- array(complex(real = m, imaginary = n), dim(m))
  s <- crossprod(m[, 1:3]) + diag(3)
  lower <- t(chol(s))
  y <- rbind(c(1, 0, 0, 0), c(0, 0, 1, 0), c(0, 1, 0, 0))
  q <- exp(m) / rowSums(exp(m))
  logits <- random(2, 4, 3)
  sound <- random(2, 32)
  spectrum <- list(random(2, 7, 5), random(2, 7, 5))
  heads <- random(2, 5, 2, 4)
  img <- plogis(random(2, 6, 6, 3))
  kernel <- random(3, 3, 3, 2)
  corners <- rbind(c(0, 0), c(5, 0), c(0, 5), c(5, 5))
  tuple <- reticulate::tuple
  as_r <- function(x) if (inherits(x, "python.builtin.object")) reticulate::py_to_r(x) else x
  updated <- function(metric, ...) {
    metric$update_state(...)
    metric$result()
  }
})

with_arrays <- function(functions) list2env(given, parent = list2env(functions, parent = globalenv()))

generated <- function() with_arrays(keras_functions())

theirs <- with_arrays(mget(getNamespaceExports("keras3"), asNamespace("keras3"), inherits = TRUE))

# Values, with the sort of number where they are a tensor's: how exact it is differs, as keras3
# rounds vectors, and all that losses are given.
values <- function(x) {
  if (inherits(x, "python.builtin.object")) {
    if (is.function(x)) return(class(x))
    if (inherits(x, c("python.builtin.tuple", "python.builtin.list")) || !reticulate::py_has_attr(x, "dtype")) {
      return(values(reticulate::import_builtins()$list(x)))
    }
    ops <- reticulate::import("keras")$ops
    return(list(sub("[0-9]+$", "", ops$dtype(x)), as.array(ops$convert_to_numpy(x))))
  }
  if (is.list(x)) lapply(unname(unclass(x)), values) else x
}

result <- function(case, env) {
  made <- eval(parse(text = sprintf("%s(%s)", case$fn, case$arguments)), env)
  if (!nzchar(case$then)) return(values(made))
  values(eval(parse(text = case$then), list(. = made), env))
}

for (fn in unique(cases$fn)) {
  test_that(paste("the same numbers as keras3:", fn), {
    for (i in which(cases$fn == fn)) {
      same <- all.equal(result(cases[i, ], generated()), result(cases[i, ], theirs), tolerance = 1e-5)
      expect_identical(isTRUE(same), !nzchar(cases$differs[i]), info = toString(c(cases$arguments[i], same)))
    }
  })
}
