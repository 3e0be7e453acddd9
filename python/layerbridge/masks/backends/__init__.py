"""What differs between the backends of Keras, each in a module named after it.

A module has ten functions:

- `with_rank(x, axes, call)` calls a layer on a tensor whose number of axes is known;
- `read(layer, variable)` returns the value of a variable of a layer's state;
- `next_seed(layer)` counts a call of a layer's seed generator, and returns that call's
  seed;
- `drop(x, grid, rate, exact_rate, normalize, seed)` draws a mask and applies it;
- `once(layer, advance)` runs what advances the layer's state for a training step; if
  the gradient runs the step again, it returns what it returned, and does not count;
- `track(layer, variables)` adds variables to the state that tools of the backend save;
- `check_rate(rate, expected)` refuses a rate outside of 0 to 1, at once where it has a
  value, as the step runs where the backend can, and makes it NaN elsewhere;
- `is_deferred(rate)` tells whether a rate gets its value only as the step runs, so that
  one that is refused may be NaN instead;
- `is_held(variable)` tells whether a running `fit()` holds a variable's value;
- `release(model)` returns the values that a running `fit()` holds.

`portable` has all of them in `keras.ops`. It serves every backend without a module, and
is what the others are tested against. To support a further backend, add a module here.
"""

from importlib import import_module, util
from typing import Any

import keras

_own = f"{__name__}.{keras.backend.backend()}"
_backend: Any = import_module(_own if util.find_spec(_own) else f"{__name__}.portable")

with_rank = _backend.with_rank
read = _backend.read
next_seed = _backend.next_seed
drop = _backend.drop
once = _backend.once
track = _backend.track
check_rate = _backend.check_rate
is_deferred = _backend.is_deferred
is_held = _backend.is_held
release = _backend.release
