"""Forecasts of daily sales: panel -> models -> backtest -> bands, explanation and what sentiment is worth."""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from forecasting.arima import ARIMA
    from forecasting.backtest import cross_validation
    from forecasting.frame import PanelError, PanelSpec, validate_panel
    from forecasting.gru import GRU
    from forecasting.lstm import LSTM
    from forecasting.regression import Regression
    from forecasting.seasonal_naive import SeasonalNaive
    from forecasting.service import Fengping
    from forecasting.tcn import TCN

__all__ = [
    "ARIMA",
    "GRU",
    "LSTM",
    "TCN",
    "Fengping",
    "PanelError",
    "PanelSpec",
    "Regression",
    "SeasonalNaive",
    "cross_validation",
    "validate_panel",
]

_HOMES = {
    "ARIMA": "arima",
    "GRU": "gru",
    "LSTM": "lstm",
    "TCN": "tcn",
    "Fengping": "service",
    "PanelError": "frame",
    "PanelSpec": "frame",
    "Regression": "regression",
    "SeasonalNaive": "seasonal_naive",
    "cross_validation": "backtest",
    "validate_panel": "frame",
}


def __getattr__(name: str) -> object:
    # The libraries behind the models take seconds to import, and most callers need few of them.
    if name in _HOMES:
        return getattr(import_module(f"forecasting.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
