from collections.abc import Sequence
from itertools import count

import pytest

from benchmarks.sentiment import speed
from benchmarks.sentiment.engines import Engine
from benchmarks.sentiment.speed import Turn


class Clock:
    """Time that passes only while an engine reads."""

    def __init__(self) -> None:
        self.now = 0.0
        self.calls: list[tuple[str, list[str]]] = []

    def engine(self, name: str, each: float) -> Engine:
        def read(texts: Sequence[str]) -> list[bool]:
            self.now += each * len(texts)
            self.calls.append((name, list(texts)))
            return [True] * len(texts)

        return read


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(speed.time, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(speed.time, "process_time", lambda: 2 * clock.now)
    return clock


def test_engines_take_turns_on_texts_that_none_has_seen(clock: Clock) -> None:
    engines = {"slow": clock.engine("slow", 0.1), "quick": clock.engine("quick", 0.01)}
    found = speed.turns(engines, map(str, count()), repeats=3, seconds=2)
    measured = clock.calls[4:]
    assert [name for name, _ in measured] == ["slow", "quick"] * 3
    assert [len(texts) for _, texts in measured] == [32, 192] * 3
    every = [text for _, texts in clock.calls for text in texts]
    assert len(set(every)) == len(every)
    assert [one.texts for one in found["quick"]] == [192] * 3
    assert [one.seconds for one in found["slow"]] == pytest.approx([3.2] * 3)
    assert speed.per_second(found["quick"]) == pytest.approx(100)
    assert speed.per_processor_second(found["quick"]) == pytest.approx(50)
    assert speed.times_faster(found["quick"], found["slow"]) == pytest.approx(10)


def test_a_very_fast_engine_gets_no_endless_turn(clock: Clock) -> None:
    found = speed.turns({"instant": clock.engine("instant", 1e-6)}, map(str, count()), 1, 5)
    assert found["instant"][0].texts == 8192


def test_ratios_are_taken_within_a_round_and_the_middle_one_counts() -> None:
    ours = [Turn(100, 1, 1), Turn(100, 10, 1), Turn(100, 1, 1)]
    base = [Turn(10, 1, 1), Turn(10, 10, 1), Turn(10, 4, 1)]
    assert speed.times_faster(ours, base) == 10
    assert speed.per_second(ours) == 100
