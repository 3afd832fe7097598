import pytest

from forecasting.analogues import Analogues
from forecasting.arima import ARIMA
from forecasting.catalogue import AUTO, build, choose_names, class_of, names, pair
from forecasting.exponential import ETS, MSTL, Theta
from forecasting.frame import PanelError
from forecasting.gru import GRU
from forecasting.hybrid import Hybrid
from forecasting.intermittent import ADIDA, TSB, CrostonSBA
from forecasting.lstm import LSTM
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.tcn import TCN
from forecasting.trees import Trees

MEASURED = ("sentiment_mean",)
ALONE = (SeasonalNaive, ARIMA, ETS, Theta, MSTL, CrostonSBA, TSB, ADIDA, Hybrid, Analogues)


@pytest.mark.parametrize(
    ("name", "kind", "ignore"),
    [
        *((kind.__name__, kind, ()) for kind in ALONE),
        ("Regression", Regression, MEASURED),
        ("Regression+sentiment", Regression, ()),
        ("ElasticNet", Regression, MEASURED),
        ("Trees", Trees, MEASURED),
        ("TreesTweedie", Trees, MEASURED),
        ("TreesPoisson", Trees, MEASURED),
        *((kind.__name__, kind, MEASURED) for kind in (LSTM, GRU, TCN)),
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


def test_variants_differ_in_their_loss_and_penalty() -> None:
    assert build("TreesTweedie", 9, (), "", 0).params()["loss"] == "tweedie"
    assert build("TreesPoisson", 9, (), "", 0).params()["loss"] == "poisson"
    assert build("ElasticNet", 9, (), "", 0).params()["l1_ratio"] == 0.5
    assert build("Regression", 9, (), "", 0).params()["l1_ratio"] == 0.0


def test_auto_runs_the_pair_only_where_there_is_something_to_measure() -> None:
    assert choose_names("auto", (), "past") == list(AUTO)
    assert choose_names("auto", MEASURED, "past") == [*AUTO, "Regression+past"]
    assert pair("past") == ("Regression", "Regression+past")
    assert "Regression+past" not in names((), "past")


def test_the_yardstick_always_runs_and_names_are_not_repeated() -> None:
    assert choose_names(["ARIMA", "ARIMA"], (), "past") == ["SeasonalNaive", "ARIMA"]
    assert choose_names("Regression", (), "past") == ["SeasonalNaive", "Regression"]


def test_further_models_may_stand_beside_auto() -> None:
    assert choose_names(["ETS", "auto"], (), "past") == ["SeasonalNaive", "ETS", *AUTO[1:]]


def test_no_name_at_all_is_refused() -> None:
    with pytest.raises(PanelError, match="no model was named; there are: auto, SeasonalNaive"):
        choose_names([], (), "past")


def test_unknown_names_are_refused_with_those_that_exist() -> None:
    with pytest.raises(PanelError, match=r"unknown models: X, LSTM.past; there are: auto, SeasonalNaive"):
        choose_names(["X", "LSTM+past"], (), "past")
