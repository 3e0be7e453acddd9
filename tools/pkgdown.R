# Builds site/r from build/source without a network. pkgdown would ask CRAN where packages are documented that the
# articles name and that are not installed; their names do without a link. From 2.1 on it would also download the
# scripts of its pages; they are linked, as they were before.

options(pkgdown.internet = FALSE)
none <- function() data.frame(Package = character(), URL = character())
utils::assignInNamespace("CRAN_urls", none, "downlit")

linked <- function(name, version, files) {
  tags <- vapply(files, function(file) {
    sprintf("<script src=\"%s\" integrity=\"%s\" crossorigin=\"anonymous\"></script>", file$url, file$integrity)
  }, "")
  htmltools::htmlDependency(name, version, src = tempdir(), head = paste(tags, collapse = "\n"), all_files = FALSE)
}
if (exists("cached_dependency", asNamespace("pkgdown"), inherits = FALSE)) {
  utils::assignInNamespace("cached_dependency", linked, "pkgdown")
}

pkgdown::build_site_github_pages(
  "build/source",
  dest_dir = "../../site/r", install = FALSE, new_process = FALSE
)

# Debian's pkgdown links MathJax by its path there, which no reader has; no page has a formula. Python's classes are
# layers, models and schedules to users.
for (page in list.files("site/r", "[.](html|json)$", recursive = TRUE, full.names = TRUE)) {
  html <- readLines(page, encoding = "UTF-8")
  html <- gsub("<script src=\"[^\"]*mathjax[^>]*></script>", "", html)
  html <- gsub("autoplot[.](keras|layerbridge)[.][A-Za-z_.]+", "autoplot", html)
  html <- gsub("layerbridge.StructuredDropout", "layer", html, fixed = TRUE)
  html <- gsub("keras[.]src[.][a-z_.]+[.](Model|Trainer)", "model", html)
  html <- gsub("keras[.]src[.][a-z_.]+[.]LearningRateSchedule", "schedule", html)
  writeLines(html, page, useBytes = TRUE)
}
