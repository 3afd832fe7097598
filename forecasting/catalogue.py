"""The models by name."""

from collections.abc import Callable, Sequence
from functools import partial
from importlib import import_module

from forecasting.analogues import Analogues
from forecasting.arima import ARIMA
from forecasting.champion import YARDSTICK
from forecasting.exponential import ETS, MSTL, Theta
from forecasting.frame import PanelError
from forecasting.hybrid import Hybrid
from forecasting.intermittent import ADIDA, TSB, CrostonSBA
from forecasting.model import Forecaster
from forecasting.newcomers import NEWCOMERS
from forecasting.regression import Regression
from forecasting.seasonal_naive import SeasonalNaive
from forecasting.trees import Trees

ALONE: dict[str, Callable[..., Forecaster]] = {
    "SeasonalNaive": SeasonalNaive,
    "ARIMA": ARIMA,
    "ETS": ETS,
    "Theta": Theta,
    "MSTL": MSTL,
    "CrostonSBA": CrostonSBA,
    "TSB": TSB,
    "ADIDA": ADIDA,
    "Hybrid": Hybrid,
    "Analogues": Analogues,
}
AUTO = (YARDSTICK, "ARIMA", "Regression", "Trees")
FELT = "Regression"
SHARED: dict[str, Callable[..., Forecaster]] = {
    "Regression": Regression,
    "ElasticNet": partial(Regression, l1_ratio=0.5),
}
SEEDED: dict[str, Callable[..., Forecaster]] = {
    "Trees": Trees,
    "TreesTweedie": partial(Trees, loss="tweedie"),
    "TreesPoisson": partial(Trees, loss="poisson"),
}
NETWORKS = ("LSTM", "GRU", "TCN")


def build(name: str, h: int, measured: tuple[str, ...], suffix: str, seed: int) -> Forecaster:
    """Build a model by its alias.

    Parameters
    ----------
    name : str
        One of `names`.
    h : int
        Longest horizon.
    measured : tuple of str
        Past columns that only the model with the suffix uses.
    suffix : str
        The word after the plus.
    seed : int
        Seed of models that use chance.
    """
    if name in ALONE:
        return ALONE[name](alias=name)
    family, plus, _ = name.partition("+")
    ignore = () if plus else measured
    if family in SHARED:
        return SHARED[family](h=h, alias=name, ignore=ignore)
    if family in SEEDED:
        return SEEDED[family](h=h, alias=name, ignore=ignore, seed=seed)
    network = import_module(f"forecasting.{name.lower()}")  # torch takes seconds to import
    model: Forecaster = getattr(network, name)(h=h, alias=name, ignore=ignore, seed=seed)
    return model


def class_of(name: str) -> type[Forecaster]:
    """Return the class that an alias belongs to."""
    return type(build(name, 1, (), "", 0))


def pair(suffix: str) -> tuple[str, str]:
    """Return the aliases of the model that is run without and with the measured columns."""
    return FELT, f"{FELT}+{suffix}"


def names(measured: Sequence[str], suffix: str) -> list[str]:
    """List every alias there is for a panel."""
    return [*ALONE, *SEEDED, *SHARED, *(pair(suffix)[1:] if measured else ()), *NETWORKS]


def choose_names(
    models: str | Sequence[str], measured: Sequence[str], suffix: str, short: bool = False
) -> list[str]:
    """Return the aliases to run, the yardstick always first; ``short``: some series are.

    Raises
    ------
    PanelError
        For no name, or one that does not exist here; lists those that do.
    """
    known = names(measured, suffix)
    auto = [*AUTO, *([NEWCOMERS] if short else []), *([pair(suffix)[1]] if measured else [])]
    given = [models] if isinstance(models, str) else list(models)
    asked = [name for one in given for name in (auto if one == "auto" else [one])]
    unknown = [name for name in asked if name not in known]
    if unknown or not asked:
        wrong = f"unknown models: {', '.join(unknown)}" if unknown else "no model was named"
        raise PanelError(f"{wrong}; there are: auto, {', '.join(known)}")
    return [YARDSTICK, *dict.fromkeys(name for name in asked if name != YARDSTICK)]
