import numpy as np
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.hybrid import Hybrid


def test_it_is_the_arima_plus_what_the_regression_says_of_its_errors() -> None:
    made = Grid.from_frame(validate_panel(sample_panel(days=200), SPEC), SPEC)
    model = Hybrid().fit_grid(made)
    ahead = made.future[:, 200 : 200 + H, 0]
    plain = model.arima_.forecast(made, H)
    gain = (model.forecast(made, H) - plain)[2]
    assert gain[ahead[2] == 1].mean() - gain[ahead[2] == 0].mean() == pytest.approx(
        model.coef_[2, -1], rel=1e-6
    )
    assert model.coef_[2, -1] == pytest.approx(0.5 * made.y[2].mean(), rel=0.35)


def test_updating_keeps_the_orders_and_learns_the_regression_again() -> None:
    made = Grid.from_frame(validate_panel(sample_panel(days=200), SPEC), SPEC)
    model = Hybrid().fit_grid(made.until(150))
    orders, coef = dict(model.arima_.orders_), model.coef_.copy()
    model.update(made)
    assert model.arima_.orders_ == orders
    assert not np.allclose(model.coef_, coef)
