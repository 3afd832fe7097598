from datetime import date

import pytest

from storage.models import ForecastPoint, ForecastRun
from webapp.pages.asked import asked


def run(daily: float, state: str = "succeeded", **values: object) -> ForecastRun:
    made = ForecastRun(
        **{"state": state, "scenario": {}, "horizon": 2, "remarks": [], "warnings": [], "error": ""} | values
    )
    made.points = [
        ForecastPoint(ds=date(2026, 11, day), yhat=daily, bands={"lo-80": daily - 1, "hi-80": daily + 1})
        for day in (21, 22)
    ]
    return made


def drivers(price: float, blame: float) -> list[dict[str, object]]:
    return [
        {"name": "price", "group": "price", "effect": price},
        {"name": "sentiment:物流", "group": "sentiment", "effect": blame, "polarity": "negative"},
    ]


def test_the_difference_is_told_by_what_moves_it(english: None) -> None:
    found = asked(run(60.0, drivers=drivers(30.0, -4.0)), run(50.0, drivers=drivers(8.0, -4.2)))
    assert (found.waiting, found.base_total, found.said.total, found.difference) == (
        False,
        100.0,
        120.0,
        20.0,
    )
    assert [(row.cause, row.difference) for row in found.moved] == [
        (("price", ""), 22.0),
        (("usual", ""), -2),
    ]
    assert sum(row.difference for row in found.moved) == pytest.approx(20.0, abs=0.5)


def test_the_difference_agrees_with_the_whole_totals_beside_it(english: None) -> None:
    found = asked(run(313.2, drivers=drivers(3.4, 0.0)), run(299.3, drivers=drivers(0.6, 0.0)))
    assert found.said.total == pytest.approx(626.4)
    assert found.base_total == pytest.approx(598.6)
    assert found.difference == 27
    assert {row.cause: row.difference for row in found.moved}[("price", "")] == 2


def test_both_are_drawn_with_their_bands(english: None) -> None:
    found = asked(run(60.0, drivers=[]), run(50.0, drivers=[]))
    assert found.chart is not None
    base, scenario = found.chart["series"]
    assert (base["name"], base["data"], base["dashed"]) == ("Forecast as it is", [50.0, 50.0], True)
    assert (scenario["name"], scenario["bands"][1]["high"]) == ("Forecast with the change", [61.0, 61.0])


@pytest.mark.parametrize(
    ("state", "base"), [("queued", "succeeded"), ("running", "succeeded"), ("succeeded", "queued")]
)
def test_it_waits_for_both(english: None, state: str, base: str) -> None:
    assert asked(run(1.0, state, drivers=[]), run(1.0, base, drivers=[])).waiting


def test_a_refusal_waits_for_nothing(english: None) -> None:
    found = asked(run(1.0, "failed", error="gone"), run(1.0, "queued"))
    assert (found.waiting, found.said.total, found.said.remarks, found.difference) == (
        False,
        None,
        ["gone"],
        None,
    )
    assert (found.chart, found.moved) == (None, [])


def test_without_a_plain_forecast_there_is_no_difference(english: None) -> None:
    found = asked(run(60.0, drivers=[]), None)
    assert (found.waiting, found.base_total, found.difference, found.moved) == (False, None, None, [])
    assert found.chart is not None
    assert len(found.chart["series"]) == 1
