import numpy as np
import pytest

from nlp.bursts import FEWEST, HISTORY, YOUNGEST, find_bursts

DAYS = 200


class Arrivals:
    """Reviews of products, a Poisson number a day, spread over the day's hours."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = np.random.default_rng(seed)
        self.products: list[str] = []
        self.hours: list[int] = []

    def add(self, product: str, day: int, count: int, hour: int | None = None) -> range:
        at = self.rng.binomial(23, 0.6, count) if hour is None else np.full(count, hour)
        before = len(self.hours)
        self.products += [product] * count
        self.hours += list(24 * day + at)
        return range(before, before + count)

    def ordinary(self, product: str, mean: float | list[float], days: int = DAYS) -> None:
        for day, count in enumerate(self.rng.poisson(np.broadcast_to(mean, days))):
            self.add(product, day, int(count))

    def found(self, **options: object) -> set[int]:
        hours = np.datetime64("2026-01-01T00", "h") + np.array(self.hours)
        return set(np.flatnonzero(find_bursts(self.products, hours, **options)))  # type: ignore[arg-type]


@pytest.mark.parametrize("mean", [0.3, 2.0, 20.0])
def test_ordinary_days_hold_no_bursts(mean: float) -> None:
    arrivals = Arrivals()
    for product in range(20):
        arrivals.ordinary(f"p{product}", mean)
    assert arrivals.found() == set()


def test_a_growing_product_and_a_weekly_rhythm_hold_no_bursts() -> None:
    arrivals = Arrivals()
    arrivals.ordinary("growing", [1.03**day for day in range(150)], 150)
    arrivals.ordinary("weekly", [30.0 if day % 7 > 4 else 8.0 for day in range(DAYS)])
    assert arrivals.found() == set()


def test_a_day_far_above_the_history_is_found_whole() -> None:
    arrivals = Arrivals()
    planted = set(arrivals.add("p", 100, 40))
    arrivals.ordinary("p", 2.0)
    found = arrivals.found()
    assert planted <= found
    assert len(found) < 50


def test_in_a_burst_of_one_hour_the_rest_of_the_day_is_free() -> None:
    arrivals = Arrivals()
    planted = set(arrivals.add("p", 100, 40, hour=3))
    arrivals.ordinary("p", 20.0)
    assert arrivals.found() == planted


def test_the_days_of_a_long_burst_do_not_hide_each_other() -> None:
    arrivals = Arrivals()
    planted = {place for day in range(100, 110) for place in arrivals.add("p", day, 40)}
    arrivals.ordinary("p", 2.0)
    assert planted <= arrivals.found()


def test_a_day_on_which_the_whole_shop_rises_is_no_burst() -> None:
    arrivals = Arrivals()
    for product in range(8):
        arrivals.ordinary(f"p{product}", [30.0 if day == 160 else 3.0 for day in range(DAYS)])
    alone = Arrivals()
    alone.ordinary("p0", [30.0 if day == 160 else 3.0 for day in range(DAYS)])
    assert arrivals.found() == set()
    assert len(alone.found()) >= 20
    shops = [f"shop of {product}" for product in arrivals.products]
    assert len(arrivals.found(shops=shops)) >= 8 * 20


def test_too_few_or_too_early_is_no_burst() -> None:
    arrivals = Arrivals()
    arrivals.add("few", 0, 1)
    arrivals.add("few", 100, FEWEST - 1)
    arrivals.add("new", 0, 1)
    arrivals.add("new", YOUNGEST - 1, 50)
    assert arrivals.found() == set()
    assert find_bursts([], np.array([], dtype="datetime64[h]")).tolist() == []


def test_dates_without_hours_tell_days() -> None:
    arrivals = Arrivals()
    for day, count in enumerate(arrivals.rng.poisson(15.0, DAYS)):
        arrivals.add("p", day, int(count), hour=0)
    assert arrivals.found() == set()
    planted = set(arrivals.add("p", 150, 80, hour=0))
    assert planted <= arrivals.found()


def test_nothing_later_changes_what_is_said_of_a_day() -> None:
    arrivals = Arrivals()
    for day, product in ((80, "a"), (90, "b"), (100, "c")):
        arrivals.ordinary(product, 2.0, 120)
        arrivals.add(product, day, 30)
    before = arrivals.found()
    known = len(arrivals.hours)
    for product in ("a", "b", "c"):
        for day in range(120, 120 + HISTORY):
            arrivals.add(product, day, 50)
    assert before
    assert {place for place in arrivals.found() if place < known} == before


def test_cells_with_counts_are_the_same_as_single_reviews() -> None:
    arrivals = Arrivals()
    arrivals.ordinary("p", 2.0)
    arrivals.add("p", 100, 40)
    singles = {arrivals.hours[place] for place in arrivals.found()}
    cells, counts = np.unique(np.array(arrivals.hours), return_counts=True)
    hours = np.datetime64("2026-01-01T00", "h") + cells
    flags = find_bursts(["p"] * len(cells), hours, counts.tolist())
    assert set(cells[flags]) == singles
