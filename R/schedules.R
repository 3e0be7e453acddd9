#' A rate that moves linearly
#'
#' Moves from one rate to another over some steps of training, and stays there.
#' DropBlock with a fixed rate slows the start of training; its paper raises the rate
#' from 0 to its target instead.
#'
#' Give the schedule as `rate` of a layer, such as [layer_dropblock_2d()], or to
#' [callback_drop_rate_scheduler()]. Every schedule of Keras works in the same places:
#' keras3's `learning_rate_schedule_*()`, or one of `keras$optimizers$schedules`.
#'
#' @param start The rate at the first step, between 0 and 1.
#' @param stop The rate at step number `steps` and after it, between 0 and 1.
#' @param steps The number of steps from `start` to `stop`, both included.
#' @returns A Keras learning rate schedule, a Python object. As a function, it gives
#'   the rate at a step, counted from 0.
#' @family training
#' @export
#' @examplesIf layerbridge_available()
#' ramp <- schedule_linear_ramp(0, 0.25, steps = 5)
#' sapply(0:5, function(step) ramp(step)$numpy())
#' layer_dropblock_2d(rate = ramp, block_size = 7)
schedule_linear_ramp <- function(start, stop, steps) {
  bridge_call(
    "layerbridge",
    "LinearRamp",
    family = "object",
    kinds = bridge_args(start = "float", stop = "float", steps = "int")
  )
}

#' Drive the rates of a model's layers while it trains
#'
#' Sets the rate of all structured dropout layers of a model, models inside it
#' included, from one schedule. The rate appears in the logs as `drop_rate`, and so in
#' the progress bar and the history.
#'
#' It takes the place of schedules that layers have of their own, and the rates that it
#' set last stay after training. Only layers of layerbridge are driven, not Keras's own
#' dropout.
#'
#' Steps by batch are the optimizer's, so that a training that was saved with its
#' optimizer resumes at the right rate. Steps by epoch are the epochs that `fit()`
#' counts from `initial_epoch`.
#'
#' @param schedule A schedule, such as [schedule_linear_ramp()], or a function of the
#'   step, counted from 0, that gives a rate between 0 and 1.
#' @param by `"batch"` to set the rate before each batch, or `"epoch"` before each
#'   epoch.
#' @param factors What the rate is multiplied by in some layers: a vector of numbers
#'   with the layers' names, or patterns of names with `*`. The first pattern that
#'   matches counts; other layers take the rate itself.
#' @returns A Keras callback, a Python object for the `callbacks` of `fit()`.
#' @family training
#' @export
#' @examplesIf layerbridge_available()
#' callback_drop_rate_scheduler(
#'   schedule_linear_ramp(0, 0.1, steps = 10000),
#'   factors = c("conv4_*" = 0.25)
#' )
callback_drop_rate_scheduler <- function(schedule, by = "batch", factors = NULL) {
  if (!missing(factors)) factors <- as_factors(factors, sys.call())
  bridge_call("layerbridge", "DropRateScheduler", family = "object")
}

# Whether the factors are numbers is Python's to judge.
as_factors <- function(factors, call) {
  if (!length(factors)) return(NULL)
  if (is.null(names(factors)) || !all(nzchar(names(factors)))) {
    bridge_abort(sprintf(
      "`factors` must be numbers with the names of layers; received %s. %s",
      toString(factors), "Write `c(\"name\" = 0.5)`."
    ), call)
  }
  as.list(factors)
}
