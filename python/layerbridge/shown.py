"""How values are shown, in messages and where objects are printed.

No address, which differs from run to run; and nothing that is one language's syntax, as
far as possible, since R users read it too.
"""

import inspect
from collections.abc import Mapping, Sized
from typing import Any

import numpy as np
from keras.optimizers.schedules import LearningRateSchedule as Schedule

_LONGEST = 80


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
    if isinstance(value, np.generic):
        value = value.item()
    for container in (list, set, dict):
        # Keras wraps containers that are attributes of a layer.
        value = container(value) if isinstance(value, container) else value
    if isinstance(value, Schedule):
        return schedule_shown(value)
    name = getattr(value, "name", None)
    if isinstance(name, str):
        return f"the {type(value).__name__} {name!r}"
    if inspect.isclass(value):
        return f"the class {value.__name__}"
    if callable(value):
        return "a function"
    shape = getattr(value, "shape", None)
    if shape is not None:
        what = "an array" if isinstance(value, np.ndarray) else "a tensor"
        return f"{what} of shape {tuple(shape)}"
    text = repr(value)
    if len(text) <= _LONGEST and " at 0x" not in text:
        return text
    if isinstance(value, str):
        return f"{value[:_LONGEST]!r} ..."
    if isinstance(value, Sized):
        return f"{len(value)} values"
    return f"an object of class {type(value).__name__}"


def schedule_shown(schedule: Schedule) -> str:
    """Return a schedule with its settings."""
    if " at 0x" not in repr(schedule):
        return repr(schedule)
    config = schedule.get_config()
    config.pop("name", None)
    return settings_shown(schedule, config)


def settings_shown(thing: Any, settings: Mapping[str, Any]) -> str:
    """Return a class with its settings, as Keras prints a layer with its name."""
    said = ", ".join(f"{name}={_setting(value)}" for name, value in settings.items())
    return f"<{type(thing).__name__} {said}>"


def size_shown(lengths: Any) -> str:
    """Return lengths by axis, such as `14x14`."""
    return "x".join(map(str, lengths)) if isinstance(lengths, tuple) else str(lengths)


def _setting(value: Any) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, tuple):
        return size_shown(value)
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, Mapping):
        return ", ".join(f"{key}: {_setting(item)}" for key, item in value.items())
    return shown(value)
