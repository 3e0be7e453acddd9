"""How values are shown, in messages and where objects are printed.

No address, which differs from run to run; and nothing that is one language's syntax, as
far as possible, since R users read it too.
"""

import inspect
from collections.abc import Mapping
from typing import Any

from keras.optimizers.schedules import LearningRateSchedule as Schedule


def shown(value: Any) -> str:
    """Return a value as a message shows it."""
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
    text = repr(value)
    if " at 0x" in text:
        return f"a {type(value).__name__}"
    return (
        f"{len(value)} values" if len(text) > 80 and hasattr(value, "__len__") else text
    )


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
