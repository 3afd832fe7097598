import pytest

from storage.models import Backtest, ForecastModel
from tests.webapp.pages.factories import curve
from webapp.pages.steps import Share, steps, steps_chart

BANDS = {"steps": list(range(1, 15)), "n": [300] * 14, "80": [240] * 13 + [180], "95": [285] * 14}


def of(params: dict[str, object], **changes: object) -> Backtest:
    return Backtest(cv=curve(**changes), model=ForecastModel(params=params))


def test_each_day_ahead_is_counted_over_the_cutoffs() -> None:
    found = steps(of({"bands": BANDS}))
    assert [step.ahead for step in found] == list(range(1, 15))
    assert found[0].own == {80: Share(3, 3), 95: Share(3, 3)}
    assert found[6].own == {80: Share(0, 3), 95: Share(3, 3)}
    assert found[13].everyone[80].share == pytest.approx(0.6)
    assert found[13].everyone[80].interval == pytest.approx((0.543, 0.654), abs=0.001)


def test_unknown_days_do_not_count() -> None:
    assert steps(of({}, y=None)) == []
    assert steps(None) == []


def test_the_chart_stands_beside_what_was_promised(english: None) -> None:
    chart = steps_chart(steps(of({"bands": BANDS})))
    assert chart is not None
    realised, promised, _wide, _promised = chart["series"]
    assert (realised["name"], realised["data"][0], realised["data"][13]) == ("80% band, realised", 80.0, 60.0)
    assert realised["bands"][0]["low"][13] == pytest.approx(54.4, abs=0.1)
    assert (promised["name"], set(promised["data"])) == ("80% promised", {80.0})


def test_a_model_of_before_shows_the_products_own(english: None) -> None:
    found = steps(of({}))
    assert found[0].everyone == {}
    chart = steps_chart(found)
    assert chart is not None
    assert chart["series"][0]["data"][6] == 0.0
    assert steps_chart([]) is None
