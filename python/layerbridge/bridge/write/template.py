"""The templates in `templates/`, filled in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import partial

from jinja2 import Environment, PackageLoader, StrictUndefined

from layerbridge.bridge.words.markdown import escape, escape_markdown

__all__ = ["fill"]

_ENVIRONMENT = Environment(
    loader=PackageLoader("layerbridge.bridge.write"),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,
)

_ENVIRONMENT.filters |= {
    "markdown": escape_markdown,
    "rd": escape,
    # YAML has no pairs of surrogates, by which JSON escapes what is beyond 16 bits.
    "yaml": partial(json.dumps, ensure_ascii=False),
}


def fill(name: str, words: Mapping[str, object]) -> str:
    """Return a template's text with its words filled in."""
    return _ENVIRONMENT.get_template(name).render(words)
