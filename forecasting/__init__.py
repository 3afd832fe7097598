"""Forecasts of daily sales: panel -> models -> backtest -> bands, explanation and what sentiment is worth."""

from importlib import import_module
from typing import TYPE_CHECKING

from forecasting.arima import ARIMA
from forecasting.backtest import cross_validation
from forecasting.catalogue import NETWORKS
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.service import Fengping

if TYPE_CHECKING:
    from forecasting.gru import GRU
    from forecasting.lstm import LSTM
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


def __getattr__(name: str) -> object:
    # torch takes seconds to import, and most callers never need it.
    if name in NETWORKS:
        return getattr(import_module(f"forecasting.{name.lower()}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
