import numpy as np
import pytest

from forecasting.champion import Champion
from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.model import Forecaster
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.speakers import Speakers, shares_of


@pytest.fixture(scope="module")
def grid() -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(), SPEC), SPEC)


@pytest.fixture(scope="module")
def models(grid: Grid) -> dict[str, Forecaster]:
    return {model.alias: model.fit_grid(grid) for model in (SeasonalNaive(), Regression(h=H))}


def mixtures() -> list[Champion]:
    return [
        Champion("smooth", np.array([0, 1]), {"SeasonalNaive": 0.25, "Regression": 0.75}, "won"),
        Champion("lumpy", np.array([2]), {"Regression": 1.0}, "won"),
    ]


def test_series_are_mixed_by_the_weights_of_their_group(grid: Grid, models: dict[str, Forecaster]) -> None:
    speakers = Speakers(models, shares_of(models, mixtures(), grid.ids))
    naive, regression = (model.forecast_grid(grid, H) for model in models.values())
    expected = np.stack([0.25 * naive[0] + 0.75 * regression[0], regression[2]])
    assert speakers.forecast(grid, [0, 2], H) == pytest.approx(expected)
    assert [speakers.name(row) for row in range(3)] == ["Ensemble", "Ensemble", "Regression"]
    assert [share for share, _ in speakers.of(0)] == [0.25, 0.75]


def test_a_model_that_fell_back_does_not_speak(grid: Grid, models: dict[str, Forecaster]) -> None:
    models["Regression"].fallbacks_ = {"a": "too short", "c": "too short"}
    shares = shares_of(models, mixtures(), grid.ids)
    models["Regression"].fallbacks_ = {}
    assert shares["SeasonalNaive"].tolist() == [1.0, 0.25, 1.0]
    assert shares["Regression"].tolist() == [0.0, 0.75, 0.0]
