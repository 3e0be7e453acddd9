# Runs the code of the guides in a folder, and writes each as Markdown with its pictures beside it. Each runs in an R
# process of its own, since a process has one Python.
#
# usage: Rscript tools/guides.R FOLDER

knit <- function(guide) {
  knitr::render_markdown()
  knitr::opts_chunk$set(
    error = FALSE, comment = NA, dpi = 144, fig.width = 8, fig.height = 5,
    fig.path = sub("[.]Rmd$", "-", guide)
  )
  # Of R, the guides show output as comments below the code, by knitr's own hook.
  output <- knitr::knit_hooks$get("output")
  knitr::knit_hooks$set(
    output = function(x, options) {
      if (options$collapse) output(x, options) else paste0("\n```text\n", trimws(x, "right"), "\n```\n")
    },
    plot = function(x, options) sprintf("\n![%s](%s)\n", options$fig.alt, x)
  )
  knitr::knit(guide, quiet = TRUE)
}

setwd(commandArgs(TRUE))
Sys.setenv(TF_CPP_MIN_LOG_LEVEL = "3", TF_ENABLE_ONEDNN_OPTS = "0", MPLBACKEND = "agg")
for (guide in list.files(pattern = "[.]Rmd$")) xfun::Rscript_call(knit, list(guide))
