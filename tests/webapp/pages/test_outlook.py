from dataclasses import dataclass
from datetime import date, timedelta

from storage.models import ForecastPoint, ForecastRun
from webapp.pages.outlook import outlook

CUTOFF = date(2026, 11, 20)


@dataclass
class Sold:
    day: date
    units: float | None


def run(days: int = 3) -> ForecastRun:
    points = [
        ForecastPoint(ds=CUTOFF + timedelta(days=ahead), yhat=10.0, bands={"lo-80": 8.0, "hi-80": 13.0})
        for ahead in range(days, 0, -1)
    ]
    return ForecastRun(cutoff=CUTOFF, points=points)


def history(*units: float | None) -> list[Sold]:
    return [Sold(CUTOFF - timedelta(days=len(units) - 1 - at), value) for at, value in enumerate(units)]


def test_a_run_is_summed_up() -> None:
    found = outlook(run(), history(1, 2, 3, 4))
    assert found is not None
    assert (found.days, found.total, found.low, found.high) == (3, 30.0, 24.0, 39.0)
    assert (found.start, found.end) == (date(2026, 11, 21), date(2026, 11, 23))
    assert found.before == 9.0


def test_sales_after_the_cutoff_are_not_the_past() -> None:
    later = [Sold(CUTOFF + timedelta(days=1), 1000.0)]
    found = outlook(run(), history(1, 2, 3) + later)
    assert found is not None
    assert found.before == 6.0


def test_too_short_a_past_is_not_compared_with() -> None:
    found = outlook(run(), history(None, 2, 3))
    assert found is not None
    assert found.before is None


def test_no_run_no_outlook() -> None:
    assert outlook(None, history(1)) is None
    assert outlook(run(0), history(1)) is None
