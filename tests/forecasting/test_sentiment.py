from collections.abc import Callable

import numpy as np
import pandas as pd

from forecasting.backtest import Backtest, run_backtest
from forecasting.champion import SERVICE
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.regression import Regression
from forecasting.sentiment import add_sentiment, correction, helped

Make = Callable[..., pd.DataFrame]
SENT = PanelSpec(past=("sentiment",))


def backtest(panel: pd.DataFrame) -> Backtest:
    models = [
        Regression(h=7, ignore=("sentiment",)),
        Regression(h=7, alias="Regression+past"),
    ]
    result = run_backtest(models, Grid.from_frame(validate_panel(panel, SENT), SENT), 7, 6)
    result.yhat[SERVICE] = result.yhat["Regression"].copy()
    return result


def test_a_product_that_reviews_foretell_is_corrected_and_gains(
    make_planted: Make,
) -> None:
    result = backtest(make_planted(n=4, days=300, foretold=[0]))
    plain = result.yhat[SERVICE].copy()
    add_sentiment(result, "past")
    changed = (result.yhat[SERVICE] != plain).any(axis=(0, 2))
    assert changed[0]
    last = len(result.starts) - 1
    now, actual = result.yhat[SERVICE], result.y
    before, after = (np.abs(actual[last, 0] - values[last, 0]).mean() for values in (plain, now))
    assert after < before


def test_without_the_pair_nothing_changes(make_planted: Make) -> None:
    result = backtest(make_planted(n=2, days=200))
    del result.yhat["Regression+past"]
    plain = result.yhat[SERVICE].copy()
    add_sentiment(result, "past")
    assert np.array_equal(result.yhat[SERVICE], plain)


def test_noise_is_hardly_ever_taken_for_help(make_planted: Make) -> None:
    result = backtest(make_planted(n=40, days=250))
    factor = correction(result.yhat["Regression"], result.yhat["Regression+past"])
    felt = helped(result, result.yhat[SERVICE], factor, slice(0, len(result.starts)))
    assert felt.sum() <= 2


def test_a_correction_is_at_most_by_half_or_to_the_double() -> None:
    factor = correction(np.array([[9.0, 9.0, 0.0]]), np.array([[99.0, 0.0, 0.0]]))
    assert factor.tolist() == [[2.0, 0.5, 1.0]]
