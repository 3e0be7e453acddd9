# What the generator says of a library. To read Keras takes seconds, with its import several more, so the last answer
# is kept in the user's cache. It holds while all that it depends on is as it was.

described <- function(target, layers_only, call) {
  read <- function() bridge_python(import_generator(call)$describe(target, layers_only = layers_only), call)
  depends_on <- sources_of(target)
  file <- file.path(tools::R_user_dir("layerbridge", "cache"), paste0(target, if (layers_only) "-layers", ".rds"))
  kept <- if (!is.null(depends_on)) kept_description(file, depends_on)
  if (!is.null(kept)) return(c(kept, read_when_asked(read)))
  said <- read()
  if (!is.null(depends_on)) keep_description(said[c("source", "functions", "left_out", "what")], file, depends_on)
  said
}

# Help pages, and hints about names, are made by the generator.
read_when_asked <- function(read) {
  said <- NULL
  asked <- function(name) {
    function(...) {
      if (is.null(said)) said <<- read()
      said[[name]](...)
    }
  }
  list(help = asked("help"), absent = asked("absent"))
}

# All that an answer depends on: the installed packages, the backend, and when the files of the library, of Keras and of
# the generator were written. NULL of what is not installed as a package, but lies in a folder or was made in this
# session.
sources_of <- function(target) {
  places <- Filter(dir.exists, reticulate::py_to_r(reticulate::import("sys", convert = FALSE)$path))
  packages <- list.files(normalizePath(places, "/"), "[.](dist|egg)-info$", full.names = TRUE)
  folders <- vapply(c(sub("[.].*", "", target), "keras", "layerbridge"), module_folder, "")
  if (!dirname(folders[1L]) %in% dirname(packages)) return(NULL)
  files <- list.files(unique(folders), "[.](py|R|toml|tsv|j2|json)$", recursive = TRUE, full.names = TRUE)
  list(
    packages = packages,
    python = as.character(reticulate::py_config()$version),
    settings = c(Sys.getenv("KERAS_BACKEND"), keras_settings()),
    files = file.info(files, extra_cols = FALSE)[c("size", "mtime")]
  )
}

module_folder <- function(module) {
  found <- reticulate::import("importlib.util")$find_spec(module)
  origin <- if (is.null(found)) NULL else found$origin
  if (is.null(origin)) "" else dirname(normalizePath(origin, "/", mustWork = FALSE))
}

keras_settings <- function() {
  file <- file.path(Sys.getenv("KERAS_HOME", "~/.keras"), "keras.json")
  if (file.exists(file)) readLines(file, warn = FALSE)
}

# NULL where there is none, or it is of something else.
kept_description <- function(file, depends_on) {
  kept <- tryCatch(suppressWarnings(readRDS(file)), error = function(e) NULL)
  if (identical(kept$depends_on, depends_on)) kept$said
}

# A cache that cannot be written is none.
keep_description <- function(said, file, depends_on) {
  tryCatch(suppressWarnings({
    dir.create(dirname(file), showWarnings = FALSE, recursive = TRUE)
    new <- tempfile(tmpdir = dirname(file))
    on.exit(unlink(new))
    saveRDS(list(said = said, depends_on = depends_on), new)
    file.rename(new, file)
  }), error = function(e) FALSE)
}
