"""Reviews a second of several engines, measured in turns, so that a busy machine is as busy for each."""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from statistics import median

from benchmarks.sentiment.engines import Engine

_PROBE = 16
_STEP = 32
_MOST = 8192


@dataclass(frozen=True)
class Turn:
    """One timing: texts read, seconds on the clock, seconds of processor time."""

    texts: int
    seconds: float
    processor: float


def turn(engine: Engine, texts: list[str]) -> Turn:
    """Time one call of an engine."""
    clock, processor = time.perf_counter(), time.process_time()
    engine(texts)
    return Turn(len(texts), time.perf_counter() - clock, time.process_time() - processor)


def turns(
    engines: Mapping[str, Engine], texts: Iterator[str], repeats: int, seconds: float
) -> dict[str, list[Turn]]:
    """Time every engine `repeats` times, in turns, each time on texts that none has seen.

    Parameters
    ----------
    engines : mapping of str to Engine
    texts : iterator of str
        As many as it takes.
    repeats : int
    seconds : float
        About how long a turn is to be; a slow engine gets fewer texts, but at least 32.
    """
    counts = {}
    for name, engine in engines.items():
        turn(engine, list(islice(texts, _PROBE)))  # the first call may still load something
        probe = turn(engine, list(islice(texts, _PROBE)))
        steps = round(seconds * probe.texts / probe.seconds / _STEP)
        counts[name] = min(max(steps, 1) * _STEP, _MOST)
    found: dict[str, list[Turn]] = {name: [] for name in engines}
    for _ in range(repeats):
        for name, engine in engines.items():
            found[name].append(turn(engine, list(islice(texts, counts[name]))))
    return found


def per_second(found: list[Turn]) -> float:
    """Return the median of reviews a second."""
    return median(one.texts / one.seconds for one in found)


def per_processor_second(found: list[Turn]) -> float:
    """Return the median of reviews a second of processor time."""
    return median(one.texts / one.processor for one in found)


def times_faster(found: list[Turn], base: list[Turn]) -> float:
    """Return the median over the rounds of how many times as fast as `base` an engine was."""
    pairs = zip(found, base, strict=True)
    return median((one.texts / one.seconds) / (other.texts / other.seconds) for one, other in pairs)
