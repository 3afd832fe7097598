"""The models by name."""

from collections.abc import Sequence

from forecasting.arima import ARIMA
from forecasting.champion import YARDSTICK
from forecasting.frame import PanelError
from forecasting.model import Forecaster
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive

MOST_ARIMA_SERIES = 40
FAMILIES = ("Regression", "LSTM")


def build(name: str, h: int, measured: tuple[str, ...], suffix: str, seed: int) -> Forecaster:
    """Build a model by its alias.

    Parameters
    ----------
    name : str
        ``SeasonalNaive``, ``ARIMA``, ``Regression``, ``LSTM``, or the latter two with ``+suffix``, which lets
        them use the measured columns.
    h : int
        Longest horizon.
    measured : tuple of str
        Past columns that only the models with the suffix use.
    suffix : str
        The word after the plus.
    seed : int
        Seed of models that use chance.
    """
    family, plus, _ = name.partition("+")
    ignore = () if plus else measured
    if family == "Regression":
        return Regression(h=h, alias=name, ignore=ignore)
    if family == "LSTM":
        from forecasting.lstm import LSTM  # torch takes seconds to import

        return LSTM(h=h, alias=name, ignore=ignore, seed=seed)
    return ARIMA(alias=name) if family == "ARIMA" else SeasonalNaive(alias=name)


def class_of(name: str) -> type[Forecaster]:
    """Return the class that an alias belongs to."""
    return type(build(name, 1, (), "", 0))


def names(measured: Sequence[str], suffix: str) -> list[str]:
    """List every alias there is for a panel."""
    found = [YARDSTICK]
    for family in FAMILIES:
        found += [family, f"{family}+{suffix}"] if measured else [family]
    return [*found, "ARIMA"]


def choose_names(
    models: str | Sequence[str], series: int, measured: Sequence[str], suffix: str
) -> tuple[list[str], list[str]]:
    """Return the aliases to run, the yardstick always first, and notes on what was left out.

    Raises
    ------
    PanelError
        For a name that does not exist here; lists those that do.
    """
    known = names(measured, suffix)
    if models == "auto":
        if series <= MOST_ARIMA_SERIES:
            return known, []
        return known[:-1], [
            f"ARIMA left out: {series} series, it runs by itself for up to {MOST_ARIMA_SERIES}"
        ]
    asked = [models] if isinstance(models, str) else list(models)
    unknown = [name for name in asked if name not in known]
    if unknown:
        raise PanelError(f"unknown models: {', '.join(unknown)}; there are: auto, {', '.join(known)}")
    return [YARDSTICK, *dict.fromkeys(name for name in asked if name != YARDSTICK)], []
