from datetime import date, timedelta
from typing import Any

import pytest

from reports.brief import brief, net, units
from tests.reports.factories import figures


def test_a_report_in_three_figures() -> None:
    found = brief(figures())
    # Each seven days of the factory's sales are 40 … 46.
    assert found["units"] == {
        **{"now": 301.0, "before": 301.0, "days": 7, "days_before": 7, "until": "2026-11-20"}
    }
    said = found["net"]
    assert said is not None
    assert (said["now"], said["n"], said["before"], said["n_before"]) == (0.4, 50, 0.65, 40)
    assert said["low"] < 0.4 < said["high"]
    assert (said["days"], said["until"]) == (30, "2026-11-20")
    assert found["ahead"] == {"units": 630.0, "low": 504.0, "high": 756.0, "days": 14, "from": "2026-11-21"}


def test_no_more_than_fourteen_days_lie_ahead() -> None:
    given = figures()
    given["forecast"]["points"] *= 2
    found = brief(given)["ahead"]
    assert found is not None
    assert (found["days"], found["units"]) == (14, 630.0)


def test_bounds_that_are_missing_are_not_added_up() -> None:
    given = figures()
    given["forecast"]["points"][3][2] = None
    found = brief(given)["ahead"]
    assert found is not None
    assert (found["low"], found["high"]) == (None, 756.0)


def test_what_nobody_knows_is_none() -> None:
    given = figures(forecast=None)
    given["cutoff"]["sales"] = None
    given["kpis"]["current"]["scored"] = 0
    assert brief(given) == {"units": None, "net": None, "ahead": None}


@pytest.mark.parametrize(
    ("known", "said"),
    [
        ({0: 5.0}, (5.0, None, 1, 0)),
        ({0: 5.0, 6: 1.0, 7: 2.0}, (6.0, 2.0, 2, 1)),
        ({0: None, 7: 2.0}, None),
        ({14: 9.0}, None),
    ],
)
def test_days_without_a_figure_are_counted(known: dict[int, Any], said: Any) -> None:
    until = date(2026, 11, 20)
    found = units(until, {until - timedelta(days=back): value for back, value in known.items()})
    assert (found and tuple(found[key] for key in ("now", "before", "days", "days_before"))) == said


def test_a_period_before_without_reviews_has_no_net_sentiment() -> None:
    given = figures()["kpis"]
    found = net(given["current"], given["previous"] | {"scored": 0, "positive": 0, "negative": 0})
    assert found is not None
    assert (found["before"], found["n_before"]) == (None, 0)
