r"""Layers whose names, defaults and docstrings try to run something in R."""

import keras

ATTACKS = [
    r"\Sexpr{file.create('owned')} \Sexpr[stage=build]{stop('ran')} \Sexpr[results=rd]",
    "`r file.create('owned')` and ```{r}\nfile.create('owned')\n```",
    "@eval file.create('owned')\n@evalRd stop()\n@include owned.R\n@rawNamespace x()",
    "@export owned\n@title Owned\n\n@examples file.create('owned')\n@@ @ a@b.c",
    "#ifdef unix\nfile.create('owned')\n#endif\n#ifndef windows",
    "unbalanced {{{ }} \\ \\\\ % %% \" ' ` `` ``` } \\} \\{ \\% end",
    "\\name{owned} \\alias{owned} \\keyword{internal} \\item{x}{y} \\dots \\R",
    "line\rreturn\x0bvertical\x0cfeed\x1c\x1d\x85\u2028\u2029next\x00nul\x1b[31mred",
    "‮right to left‬ \ufeff ünïcode, 日本語, 🎉, a\u0301",
    "[link](javascript:file.create('owned')) <script>alert(1)</script> ![i](http://x/%7B})",
    "')\nfile.create('owned')\nc('",
    '")\nfile.create("owned")\nc("',
    "*/ # \n# file.create('owned')\nfile.create('owned') #",
    "%\\Sexpr{stop()}\n%}",
    "\\href{javascript:x}{y} \\url{%} \\figure{x} \\if{html}{\\out{<script>}}",
]


class _Base(keras.layers.Layer):
    def __init__(
        self, text='")\nfile.create("owned")\nc("', path="\\Sexpr{stop()}%{", **kwargs
    ):
        super().__init__(**kwargs)
        self.text = text
        self.path = path


def _made(number: int, attack: str) -> type:
    documented = f"""{attack}

{attack}

Args:
    text: {attack}
    path: Value. {attack.splitlines()[0]}

{attack.splitlines()[0]}:
    {attack}

Example:

```python
{attack}
```

Returns:
    {attack}
"""
    return type(
        f"Attack{number}", (_Base,), {"__doc__": documented, "__module__": __name__}
    )


__all__ = [f"Attack{number}" for number in range(len(ATTACKS))]
for _number, _attack in enumerate(ATTACKS):
    globals()[f"Attack{_number}"] = _made(_number, _attack)

__name__ = "`r file.create('owned')`"
globals()["`r file.create('owned')`"] = type("Named", (_Base,), {})
__all__ += ["`r file.create('owned')`", 1]  # noqa: F822
