"""Hand docstrings in Keras's style to mkdocstrings, which reads Google's.

Keras has sections of its own, such as `Input shape`, and does not indent its examples.
"""

import re
import textwrap
from typing import Any

from griffe import Extension, Object

_SECTION = re.compile(
    r"^(Call arguments|Example|Input shape|Output shape|Reference):\n+"
    r"(.*?)(?=^[A-Z][\w ]*:\n|\Z)",
    re.MULTILINE | re.DOTALL,
)


class KerasDocstrings(Extension):
    """Rewrite the sections that only Keras has."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            obj.docstring.value = in_google_style(obj.docstring.value)


def in_google_style(docstring: str) -> str:
    """Return a docstring with the sections that Google's style has."""
    return _SECTION.sub(_section, docstring)


def _section(match: re.Match[str]) -> str:
    title, text = match[1], textwrap.dedent(match[2]).strip()
    if title == "Example":
        return f"Examples: Example\n{textwrap.indent(text, '    ')}\n\n"
    if title == "Call arguments":
        return f"Args: Call arguments\n{textwrap.indent(text, '    ')}\n\n"
    return f"**{title}:**\n\n{text}\n\n"
