import pytest

from forecasting.arima import ARIMA
from forecasting.catalogue import MOST_ARIMA_SERIES, build, choose_names, class_of, names
from forecasting.frame import PanelError
from forecasting.lstm import LSTM
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive

MEASURED = ("sentiment_mean",)


@pytest.mark.parametrize(
    ("name", "kind", "ignore"),
    [
        ("SeasonalNaive", SeasonalNaive, ()),
        ("ARIMA", ARIMA, ()),
        ("Regression", Regression, MEASURED),
        ("Regression+sentiment", Regression, ()),
        ("LSTM", LSTM, MEASURED),
        ("LSTM+sentiment", LSTM, ()),
    ],
)
def test_each_name_builds_its_model(name: str, kind: type, ignore: tuple[str, ...]) -> None:
    model = build(name, 9, MEASURED, "sentiment", 3)
    assert type(model) is kind
    assert class_of(name) is kind
    assert model.alias == name
    assert model.ignore == ignore
    assert getattr(model, "h", 9) == 9
    assert getattr(model, "seed", 3) == 3


def test_auto_means_all_of_them() -> None:
    every = ["SeasonalNaive", "Regression", "Regression+sentiment", "LSTM", "LSTM+sentiment", "ARIMA"]
    assert choose_names("auto", 3, MEASURED, "sentiment") == (every, [])
    assert names((), "sentiment") == ["SeasonalNaive", "Regression", "LSTM", "ARIMA"]


def test_auto_leaves_arima_out_of_large_panels_and_says_so() -> None:
    chosen, notes = choose_names("auto", MOST_ARIMA_SERIES + 1, (), "past")
    assert "ARIMA" not in chosen
    assert notes == [
        f"ARIMA left out: {MOST_ARIMA_SERIES + 1} series, it runs by itself for up to {MOST_ARIMA_SERIES}"
    ]


def test_the_yardstick_always_runs_and_names_are_not_repeated() -> None:
    assert choose_names(["ARIMA", "ARIMA"], 500, (), "past") == (["SeasonalNaive", "ARIMA"], [])
    assert choose_names("Regression", 1, (), "past") == (["SeasonalNaive", "Regression"], [])


def test_unknown_names_are_refused_with_those_that_exist() -> None:
    with pytest.raises(PanelError, match=r"unknown models: X, LSTM.past; there are: auto, SeasonalNaive"):
        choose_names(["X", "LSTM+past"], 1, (), "past")
