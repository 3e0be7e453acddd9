r"""Functions, classes and methods whose every word tries to run something in R."""

import functools

from hostile_layers import ATTACKS

QUOTES = '")\nfile.create("owned")\nc("'


class Thing:
    """Heads a family."""


def _function(attack):
    def function(text=attack, *args, path=QUOTES, **kwargs):
        return text

    function.__doc__ = (
        f"{attack}\n\nArgs:\n    text: {attack}\n\nReturns:\n    {attack}"
    )
    return function


def _made(number, attack):
    """Return a class that is named well in its module, and nowhere else."""
    members = {
        "__doc__": attack,
        "__init__": functools.partialmethod(_function(attack)),
        f"from_{number}": classmethod(_function(attack)),
        f"from_{attack}": classmethod(_function(attack)),
        f"method_{number}": _function(attack),
        "shared": _function(attack),
        attack: _function(attack),
    }
    return type(attack.replace("\x00", ""), (Thing,), members)


__all__ = ["Thing"]
for _number, _attack in enumerate(ATTACKS):
    globals()[f"function_{_number}"] = _function(_attack)
    globals()[f"Thing{_number}"] = _made(_number, _attack)
    globals()[_attack] = _function(_attack)
    __all__ += [f"function_{_number}", f"Thing{_number}", _attack]


class Well(Thing):
    """Is named well; its methods are not."""


for _number, _attack in enumerate(ATTACKS):
    setattr(Well, f"call_{_number}", _function(_attack))
    setattr(Well, _attack, _function(_attack))
    setattr(Well, f"from_{_number}", classmethod(_function(_attack)))
__all__ += ["Well"]
