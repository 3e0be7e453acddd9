"""Functions, factories and methods of the shapes that the runtime has to call."""

import enum
import functools
import inspect


def joined(between, *parts, last=""):
    return between.join(map(repr, parts)) + last


def kept(x):
    """What arrived."""
    return repr(x)


def signed(f):
    """What Python takes for the arguments of a function, by itself or in a list."""
    return str(inspect.signature(f[0] if isinstance(f, list) else f))


class Pooling(enum.Enum):
    """What no text is equal to."""

    MEAN = 1
    MAX = "largest"


class Within:
    class Unit(str, enum.Enum):
        CM = "cm"
        INCH = "in"


@functools.singledispatch
def dispatched(x, times=1):
    """Python chooses by the class of the first argument, if that has no name."""
    return f"{x!r} {times!r}"


def silent(x):
    """Nothing comes back."""


class Maker:
    """Made by its class methods, and called for what it does."""

    class Deep:
        @classmethod
        def from_name(cls, name, size=1):
            made = Maker()
            made.said = f"{name!r} {size!r}"
            return made

    def __init__(self):
        self.said = ""

    @classmethod
    def from_name(cls, name, size=1):
        return Maker.Deep.from_name(name, size)

    def told(self, size, times=1):
        return f"{size!r} {times!r}"

    def keep(self, value):
        self.said = repr(value)

    def refuse(self, size):
        raise ValueError(f"`size` must be positive; received {size}")

    def count(self, *parts, **options):
        return f"{len(parts)} {sorted(options)}"


class Own(Maker):
    """Inherits the methods."""
