"""Hand docstrings in Keras's style to mkdocstrings, which reads Google's."""

import re
import textwrap
from typing import Any

from griffe import Extension, Object

from layerbridge.bridge.read.docstring import in_google_style

# Sections that Keras has and Google's style has not, or under another title.
_SECTION = re.compile(
    r"^(Example|Input shape|Output shape|Reference):\n(.*?)(?=^[A-Z][\w ]*:|\Z)",
    re.MULTILINE | re.DOTALL,
)


class KerasDocstrings(Extension):
    """Rewrite the titles that only Keras has, and what is under them."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            google = in_google_style(obj.docstring.value)
            obj.docstring.value = _SECTION.sub(_section, google)


def _section(match: re.Match[str]) -> str:
    title, text = match[1], textwrap.dedent(match[2]).strip()
    if title == "Example":
        return f"Examples: Example\n{textwrap.indent(text, '    ')}\n\n"
    return f"**{title}:**\n\n{text}\n\n"
