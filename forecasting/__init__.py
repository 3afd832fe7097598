"""Forecasts of daily sales: panel -> models -> backtest -> bands, explanation and what sentiment is worth."""

from typing import TYPE_CHECKING

from forecasting.arima import ARIMA
from forecasting.backtest import cross_validation
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.service import Fengping

if TYPE_CHECKING:
    from forecasting.lstm import LSTM

__all__ = [
    "ARIMA",
    "LSTM",
    "Fengping",
    "PanelError",
    "PanelSpec",
    "Regression",
    "SeasonalNaive",
    "cross_validation",
    "validate_panel",
]


def __getattr__(name: str) -> object:
    # torch takes seconds to import, and most callers never need it.
    if name == "LSTM":
        from forecasting.lstm import LSTM

        return LSTM
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
