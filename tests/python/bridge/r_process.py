"""A long-lived R of its own, to which the property tests send much and quickly."""

import itertools
import subprocess
from pathlib import Path

# Reads the path of a file of R code, answers with the value's lines and a last word.
LOOP = r"""
  input <- file("stdin", "r")
  while (length(path <- readLines(input, 1L))) {
    last <- "DONE"
    said <- tryCatch(
      withCallingHandlers(
        as.character(source(path, local = new.env(), encoding = "UTF-8")$value),
        warning = function(w) stop(conditionMessage(w))
      ),
      error = function(e) {
        last <<- "FAILED"
        conditionMessage(e)
      }
    )
    cat(c(gsub("\n", " ", said, fixed = TRUE), last), sep = "\n")
  }
"""


class RProcess:
    """Evaluates R code in a folder; `r.write(name, text)` hands over data."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()
        self._process = subprocess.Popen(
            ["Rscript", "--vanilla", "-e", LOOP],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env={"LANG": "C.UTF-8", "PATH": "/usr/local/bin:/usr/bin:/bin"},
        )

    def write(self, name: str, text: str) -> str:
        """Return the path of a file that holds `text`."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        return str(path)

    def __call__(self, code: str) -> list[str]:
        """Return the value's lines; an error or a warning in R is an error here."""
        path = self.write(f"code{next(self._numbers)}.R", code)
        self._process.stdin.write(path + "\n")
        self._process.stdin.flush()
        said = []
        while (line := self._process.stdout.readline()) not in ("DONE\n", "FAILED\n"):
            if not line:
                raise RuntimeError("R ended")
            said.append(line.rstrip("\n"))
        Path(path).unlink()
        if line == "FAILED\n":
            raise RuntimeError("\n".join(said))
        return said

    def close(self) -> None:
        """End R."""
        self._process.communicate(timeout=10)
