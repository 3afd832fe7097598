import pytest

from storage.models import Backtest
from tests.webapp.pages.factories import curve, found_in_training
from webapp.pages.cutoffs import cutoff_chart, measured, reason

METRICS = {
    "SeasonalNaive": {
        "wape": 0.3,
        "mase": 1.0,
        "rmsse": 1.1,
        "coverage_80": 0.7,
        "width_80": 20.0,
        "n": 42.0,
    },
    "Fengping": {"wape": 0.2, "mase": 0.7},
}


def backtest(**values: object) -> Backtest:
    return Backtest(
        **{"champion": "Ensemble", "metrics": METRICS, "cv": curve(), "findings": found_in_training()}
        | values
    )


def test_every_model_has_its_measures_and_what_is_unknown_stays_so(english: None) -> None:
    first, second = measured(backtest())
    assert (first.row.model, first.row.champion, first.rmsse, first.n) == ("Fengping", True, None, None)
    assert (second.rmsse, second.coverage, second.width, second.n) == (
        1.1,
        {80: 0.7, 95: None},
        {80: 20.0, 95: None},
        42,
    )
    assert measured(None) == []


def test_the_chart_marks_where_each_cutoff_begins(english: None) -> None:
    chart = cutoff_chart(backtest())
    assert chart is not None
    assert len(chart["x"]) == 42
    assert chart["marks"] == [
        {"at": "2026-10-10", "name": "cutoff 2026-10-09"},
        {"at": "2026-10-24", "name": "cutoff 2026-10-23"},
        {"at": "2026-11-07", "name": "cutoff 2026-11-06"},
    ]


def test_the_chosen_model_has_bands_naive_shows_and_others_wait(english: None) -> None:
    chart = cutoff_chart(backtest())
    assert chart is not None
    sold, chosen, naive, arima = chart["series"]
    assert (sold["name"], sold["data"][-1]) == ("Units sold", 60.0)
    assert [band["name"] for band in chosen["bands"]] == ["95% band", "80% band"]
    assert (naive["name"], naive["off"], naive["dashed"]) == ("Seasonal naive (last week again)", False, True)
    assert (arima["name"], arima["off"], arima["bands"]) == ("ARIMA", True, [])


@pytest.mark.parametrize("missing", [None, Backtest(cv=[], metrics={}, champion="", findings={})])
def test_without_a_backtest_there_is_no_chart(english: None, missing: Backtest | None) -> None:
    assert cutoff_chart(missing) is None
    assert reason(missing) is None


def test_the_reason_names_the_mixture_the_heaviest_first(english: None) -> None:
    assert reason(backtest()) == (
        "At earlier cutoffs this erred least for the products of this kind (steady demand, 12 of them): "
        "60% Boosted trees + 40% ARIMA."
    )


def test_where_nothing_beat_seasonal_naive_that_is_said(english: None) -> None:
    alone = {"choice": {"group": "lumpy", "series": 3, "weights": {"SeasonalNaive": 1.0}}}
    said = reason(backtest(findings=alone))
    assert said is not None
    assert "no model beat seasonal naive" in said
    assert "demand with gaps and of changing size, 3 of them" in said


def test_the_reason_is_chinese_for_chinese_readers(chinese: None) -> None:
    said = reason(backtest())
    assert said is not None
    assert "平稳的需求，共 12 个" in said
