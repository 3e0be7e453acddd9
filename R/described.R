# What the generator says of a library. To read Keras takes seconds, with its import several more, so the last answer
# is kept in the user's cache. It holds while all that it depends on is as it was.

described <- function(target, layers_only, call) {
  read <- function() bridge_python(import_generator(call)$describe(target, layers_only = layers_only), call)
  depends_on <- if (!is_in_r_cmd_check()) sources_of(target, layers_only)
  if (is.null(depends_on)) return(read())
  file <- file.path(tools::R_user_dir("layerbridge", "cache"), paste0(target, if (layers_only) "-layers", ".rds"))
  kept <- kept_description(file, depends_on)
  if (!is.null(kept)) return(c(kept, read_when_asked(read)))
  said <- read()
  if (is_settled(depends_on)) keep_description(said[c("source", "functions", "left_out", "what")], file, depends_on)
  said
}

# Which wants nothing left in the user's folders.
is_in_r_cmd_check <- function() nzchar(Sys.getenv("_R_CHECK_PACKAGE_NAME_"))

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

# All that an answer depends on: what was asked, the settings of Keras, and when the installed packages and the files of
# the library, of Keras and of the generator were written. NULL of what is not installed as a package, but lies in a
# folder or was made in this session.
sources_of <- function(target, layers_only) {
  path <- reticulate::py_eval("[place for place in __import__('sys').path if isinstance(place, str)]")
  packages <- list.files(normalizePath(Filter(dir.exists, path), "/"), "[.](dist|egg)-info$", full.names = TRUE)
  folders <- vapply(c(sub("[.].*", "", target), "keras", "layerbridge"), module_folder, "")
  if (!dirname(folders[1L]) %in% dirname(packages)) return(NULL)
  files <- list.files(unique(folders), "[.](py|R|toml|tsv|j2|json)$", recursive = TRUE, full.names = TRUE)
  list(
    asked = list(target, layers_only), # Dense and dense may have one file
    python = as.character(reticulate::py_config()$version),
    settings = keras_settings(),
    files = file.info(c(packages, files), extra_cols = FALSE)[c("size", "mtime")]
  )
}

# What was written since R started may not be what Python imported, so that nothing is kept of it.
is_settled <- function(depends_on) {
  isTRUE(all(depends_on$files$mtime < Sys.time() - proc.time()[["elapsed"]]))
}

module_folder <- function(module) {
  found <- reticulate::import("importlib.util")$find_spec(module)
  origin <- if (is.null(found)) NULL else found$origin
  if (is.null(origin)) "" else dirname(normalizePath(origin, "/", mustWork = FALSE))
}

# With the backend that Keras has, or will have once it is imported.
keras_settings <- function() {
  getenv <- reticulate::import("os")$getenv
  file <- file.path(getenv("KERAS_HOME", "~/.keras"), "keras.json")
  text <- if (file.exists(file)) paste(readLines(file, warn = FALSE), collapse = "\n") else "{}"
  settings <- tryCatch(as.list(reticulate::import("json")$loads(text)), error = function(e) list())
  settings$backend <- if (reticulate::py_eval("'keras' in __import__('sys').modules")) {
    reticulate::import("keras")$config$backend()
  } else {
    Find(nzchar, c(getenv("KERAS_BACKEND", ""), settings[["backend"]], "tensorflow"))
  }
  settings
}

# NULL where there is none, or it is of something else.
kept_description <- function(file, depends_on) {
  tryCatch(suppressWarnings({
    kept <- readRDS(file)
    if (identical(kept$depends_on, depends_on)) kept$said
  }), error = function(e) NULL)
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
