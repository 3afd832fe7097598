import pytest

from storage.models import Backtest
from webapp.pages.comparison import comparison


def backtest(metrics: dict[str, dict[str, float]], champion: str = "LSTM") -> Backtest:
    return Backtest(champion=champion, metrics=metrics)


def test_the_best_comes_first_with_its_gain_on_naive() -> None:
    rows = comparison(
        backtest({"SeasonalNaive": {"wape": 0.4, "mase": 1.0}, "LSTM": {"wape": 0.3, "mase": 0.8}})
    )
    assert [row.model for row in rows] == ["LSTM", "SeasonalNaive"]
    assert rows[0].gain == pytest.approx(0.25)
    assert [row.champion for row in rows] == [True, False]


def test_names_of_measures_are_read_in_any_case() -> None:
    (row,) = comparison(backtest({"SeasonalNaive": {"WAPE": 0.4, "MASE": 1.1, "MAE": 3.0, "bias": -0.1}}))
    assert (row.wape, row.mase, row.mae, row.bias) == (0.4, 1.1, 3.0, -0.1)


def test_a_model_without_an_error_comes_last() -> None:
    rows = comparison(backtest({"ARIMA": {}, "SeasonalNaive": {"wape": 0.4}}))
    assert [row.model for row in rows] == ["SeasonalNaive", "ARIMA"]
    assert rows[1].gain is None


def test_naive_that_erred_by_nothing_gives_no_gain() -> None:
    rows = comparison(backtest({"SeasonalNaive": {"wape": 0.0}, "LSTM": {"wape": 0.1}}))
    assert [row.gain for row in rows] == [None, None]


def test_no_backtest_no_rows() -> None:
    assert comparison(None) == []
