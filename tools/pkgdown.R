# Builds site/r from build/source without a network. pkgdown would ask CRAN where packages are documented that the
# articles name and that are not installed; their names do without a link.

options(pkgdown.internet = FALSE)
none <- function() data.frame(Package = character(), URL = character())
utils::assignInNamespace("CRAN_urls", none, "downlit")
pkgdown::build_site_github_pages(
  "build/source",
  dest_dir = "../../site/r", install = FALSE, new_process = FALSE
)
