# Data that a function of R gives, one batch at each call, and NULL after the last.

# Keras asks for batches from TensorFlow's threads, in which R cannot run. A batch that is asked for there is waited
# for, and R, in the main thread, makes it before each step: one more than are waited for.
bridge_generator_class <- "
class Batches:
    import queue, threading

    def __init__(self, make):
        self.make, self.ready, self.waiting, self.ended = make, self.queue.Queue(), 0, False

    def fill(self, *_, **__):
        for _ in range(self.waiting + 1):
            self.ready.put(self.made())

    def made(self):
        batch = None if self.ended else self.make()
        self.ended = batch is None
        return batch

    def end(self):
        self.ended = True
        self.ready.put(None)

    def next(self):
        if self.threading.current_thread() is self.threading.main_thread():
            return self.made() if self.ready.empty() else self.ready.get()
        self.waiting += 1
        batch = self.ready.get()
        self.waiting -= 1
        if batch is None:
            self.ready.put(None)
        return batch

    def generate(self):
        while (batch := self.next()) is not None:
            yield batch
"

bridge_batches <- function(make) {
  batches <- reticulate::py_run_string(bridge_generator_class, local = TRUE)$Batches
  batches(function() bridge_batch(make()))
}

# A tuple of arrays, as Keras has them from Python's generators. It takes their numbers as they are, where it makes
# those of arrays floats of its own type.
bridge_batch <- function(batch) {
  if (is.null(batch)) return(NULL)
  if (!bridge_is_plain_list(batch)) batch <- list(batch)
  data <- lapply(unname(batch), bridge_as, "samples", "x", NULL)
  reticulate::tuple(rapply(data, bridge_as_float_array, how = "replace"))
}

# What happens before each step, by what is done with the data.
bridge_steps <- c(fit = "on_train_batch_begin", evaluate = "on_test_batch_begin", predict = "on_predict_batch_begin")

# The arguments with Python's generators for R's functions, and what ends them.
bridge_with_generators <- function(args, does) {
  is_of_r <- function(name) is.function(args[[name]]) && !bridge_is_python(args[[name]])
  of_r <- Filter(is_of_r, c("x", "validation_data"))
  sources <- lapply(args[of_r], bridge_batches)
  for (name in of_r) {
    step <- bridge_steps[[if (name == "x") does else "evaluate"]]
    filling <- list(sources[[name]]$fill)
    names(filling) <- step
    fill <- do.call(bridge_import("keras.callbacks")$LambdaCallback, filling)
    args[[name]] <- sources[[name]]$generate()
    args$callbacks <- c(list(fill), bridge_as_inputs(args$callbacks))
  }
  if ("x" %in% of_r && does == "fit" && is.null(args$shuffle)) args$shuffle <- FALSE
  list(args = args, end = function() for (source in sources) source$end())
}
