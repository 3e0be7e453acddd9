"""Timing side by side: every contestant once per round, in an order drawn anew."""

import gc
import random
import time
from collections.abc import Callable, Mapping
from typing import Any

_ROUNDS = range(5, 61)


def compare(
    contestants: Mapping[str, Callable[[], Any]],
    seconds: float = 1.0,
    clock: Callable[[], float] = time.process_time,
) -> dict[str, list[float]]:
    """Time functions of no argument side by side.

    The machine's other work and the clock's changes meet all contestants alike, so that
    the ratio of two times of one round is steadier than the times are.

    Args:
        contestants: Functions by name. Each is called twice before the clock starts.
        seconds: About how long to go on.
        clock: A function that returns the time in seconds.

    Returns:
        For each contestant its milliseconds in each round; of processor time, those
        of all threads together.
    """
    order = list(contestants)
    for name in order * 2:
        contestants[name]()
    times: dict[str, list[float]] = {name: [] for name in order}
    shuffle = random.Random(0).shuffle
    gc.disable()
    start = time.perf_counter()
    for done in range(_ROUNDS.stop):
        if done >= _ROUNDS.start and time.perf_counter() - start > seconds:
            break
        shuffle(order)
        for name in order:
            before = clock()
            result = contestants[name]()
            times[name].append(1000 * (clock() - before))
            del result
    gc.enable()
    return {name: times[name] for name in contestants}
