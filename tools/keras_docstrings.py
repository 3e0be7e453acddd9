"""Hand docstrings in Keras's style to mkdocstrings, which reads Google's."""

from typing import Any

from griffe import Extension, Object

from layerbridge.bridge.read.docstring import in_google_style


class KerasDocstrings(Extension):
    """Rewrite the titles that only Keras has, and what is under them."""

    def on_object(self, *, obj: Object, **kwargs: Any) -> None:
        """Rewrite the docstring of one object."""
        if obj.docstring:
            obj.docstring.value = in_google_style(obj.docstring.value)
