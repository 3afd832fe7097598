import pytest

from workers import pace
from workers.pace import FIRST, portions


def lengths(monkeypatch: pytest.MonkeyPatch, count: int, most: int, seconds_each: float) -> list[int]:
    """Portions of so many items, each of which takes so long."""
    clock = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: clock[0])
    found = []
    for portion in portions(range(count), most):
        clock[0] += len(portion) * seconds_each
        found.append(len(portion))
    return found


def test_everything_comes_once_in_order() -> None:
    assert [item for portion in portions(list("abcdefghijklmnop"), 3) for item in portion] == list(
        "abcdefghijklmnop"
    )
    assert list(portions([], 5)) == []


def test_fast_work_comes_in_longer_portions_and_slow_work_in_shorter(monkeypatch: pytest.MonkeyPatch) -> None:
    assert lengths(monkeypatch, 100, 50, 0.001) == [FIRST, 16, 32, 44]
    assert lengths(monkeypatch, 100, 20, 0.001) == [FIRST, 16, 20, 20, 20, 16]
    assert lengths(monkeypatch, 21, 50, 0.06) == [FIRST] * 2 + [5]
    assert lengths(monkeypatch, 18, 50, 0.3) == [FIRST, 4, 2, 2, 2]
    assert lengths(monkeypatch, 12, 50, 2) == [FIRST, 4]
    assert lengths(monkeypatch, 3, 2, 0.001) == [2, 1]
