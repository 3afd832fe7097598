"""What every forecaster shares: fit, predict, save and load."""

import hashlib
import inspect
import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import numpy as np
import pandas as pd
from safetensors.numpy import load_file, save_file

from forecasting.frame import SEASON, PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid

TWO_SEASONS = 2 * SEASON
State = tuple[dict[str, Any], dict[str, Array]]


class NotFittedError(RuntimeError):
    """A model was asked before it had learned anything."""


class Forecaster(ABC):
    """A model of many daily series at once.

    ``__init__`` of a subclass only stores its arguments under their own names. Learned attributes end in an
    underscore. A subclass learns in `_learn`, forecasts in `forecast`, and hands over what it learned in
    `state` and `restore`. It is ``separable`` where a part of the panel is forecast as among all, and
    ``concurrent`` where it may learn in a thread beside others and leaves the interpreter free to them.
    """

    alias: str
    grid_: Grid
    fallbacks_: dict[str, str]
    ignore: tuple[str, ...] = ()
    needs: ClassVar[int] = TWO_SEASONS
    separable: ClassVar[bool] = False
    concurrent: ClassVar[bool] = False

    def fit(self, df: pd.DataFrame, spec: PanelSpec) -> Self:
        """Learn from a long panel.

        Parameters
        ----------
        df : DataFrame
            Long panel, see `forecasting.frame.validate_panel`.
        spec : PanelSpec
            Its declared columns.

        Raises
        ------
        PanelError
            When the panel is not what was declared.
        """
        return self.fit_grid(Grid.from_frame(validate_panel(df, spec), spec))

    def fit_grid(self, grid: Grid) -> Self:
        """Learn from a grid; its last known day is the cutoff."""
        self.grid_ = grid = self._view(grid)
        self.fallbacks_ = self._too_short(grid)
        self._learn(grid)
        return self

    def _view(self, grid: Grid) -> Grid:
        return grid.honest.narrow(grid.spec.without_past(self.ignore))

    def _too_short(self, grid: Grid) -> dict[str, str]:
        short = grid.observed < self.needs
        return {
            grid.ids[
                i
            ]: f"only {grid.observed[i]} known days, {self.needs} are needed: {_instead(grid.observed[i])}"
            for i in np.flatnonzero(short)
        }

    def update(self, grid: Grid) -> Self:
        """Move on to a later cutoff, learning again as far as the model can afford it."""
        return self.fit_grid(grid)

    def see(self, grid: Grid) -> Self:
        """Move on to a later cutoff without learning anything from it."""
        self._check_fitted()
        self.grid_ = self._view(grid)
        self.fallbacks_ = self._too_short(self.grid_)
        return self

    def predict(self, h: int, future: pd.DataFrame | None = None) -> pd.DataFrame:
        """Forecast the ``h`` days after the last known day.

        Parameters
        ----------
        h : int
            Days ahead.
        future : DataFrame, optional
            ``unique_id, ds`` and the known-ahead columns; else they are taken from the panel's later rows.

        Returns
        -------
        DataFrame
            ``unique_id, ds`` and a column named after the model, h rows per series, never negative.

        Raises
        ------
        PanelError
            When a known-ahead value is missing.
        """
        self._check_fitted()
        if h < 1:
            raise ValueError(f"h must be at least 1, not {h}")
        grid = self.grid_ if future is None else self.grid_.with_future(future)
        values = self.forecast_grid(grid, h)
        return pd.DataFrame(
            {
                "unique_id": np.repeat(np.array(grid.ids), h),
                "ds": np.tile(grid.days(h)[-h:].to_numpy(), len(grid.ids)),
                self.alias: values.ravel(),
            }
        )

    def forecast_grid(self, grid: Grid, h: int) -> Array:
        """Forecast ``h`` days after the grid's cutoff: (n, h), zero on closed days, never negative."""
        grid = self._view(grid)
        values = self.forecast(grid, h)
        short = [i for i, uid in enumerate(grid.ids) if uid in self.fallbacks_]
        if short:
            values[short] = naive(grid.take(short), h)
        values = np.maximum(values, 0.0)
        values[grid.closed_until(h)[:, -h:]] = 0.0
        return values

    @abstractmethod
    def _learn(self, grid: Grid) -> None: ...

    @abstractmethod
    def forecast(self, grid: Grid, h: int) -> Array:
        """Forecast the raw (n, h) values after the grid's cutoff."""

    @abstractmethod
    def state(self) -> State:
        """Return everything learned, as JSON-ready values and arrays."""

    @abstractmethod
    def restore(self, meta: dict[str, Any], arrays: dict[str, Array]) -> None:
        """Take back what `state` returned."""

    def params(self) -> dict[str, Any]:
        """Return the constructor's arguments by name."""
        return {
            name: getattr(self, name)
            for name in inspect.signature(type(self).__init__).parameters
            if name != "self"
        }

    def save(self, folder: str | Path) -> None:
        """Write ``model.json`` and ``model.safetensors`` into a folder."""
        self._check_fitted()
        grid_meta, grid_arrays = self.grid_.to_state()
        meta, arrays = self.state()
        names = {f"grid.{k}": v for k, v in grid_arrays.items()} | {
            f"model.{k}": v for k, v in arrays.items()
        }
        content = {"class": type(self).__name__, "params": self.params(), "grid": grid_meta, "model": meta}
        write_state(Path(folder), "model", content | {"fallbacks": self.fallbacks_}, names)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote.

        Raises
        ------
        ValueError
            When the files belong together no more or hold another model.
        """
        content, arrays = read_state(Path(folder), "model")
        if content["class"] != cls.__name__:
            raise ValueError(f"{folder} holds a {content['class']}, not a {cls.__name__}")
        model = cls(**content["params"])
        model.grid_ = Grid.from_state(content["grid"], under(arrays, "grid."))
        model.fallbacks_ = content["fallbacks"]
        model.restore(content["model"], under(arrays, "model."))
        return model

    def _check_fitted(self) -> None:
        if not hasattr(self, "grid_"):
            raise NotFittedError(f"{self.alias} has not been fitted")


def _instead(known: int) -> str:
    if known == 0:
        return "zero"
    return "seasonal naive" if known >= SEASON else "seasonal naive, the mean for weekdays not seen"


def naive(grid: Grid, h: int) -> Array:
    """Repeat the last known same weekday, (n, h).

    A weekday not known for four weeks takes the mean, a series without any history zero.
    """
    season = np.full((len(grid.ids), SEASON), np.nan)
    demand = grid.demand
    for back in range(min(4 * SEASON, grid.length), 0, -1):
        value = demand[:, -back]
        slot = -back % SEASON
        season[:, slot] = np.where(np.isfinite(value), value, season[:, slot])
    known = np.isfinite(demand)
    mean = np.where(known, demand, 0.0).sum(axis=1) / np.maximum(known.sum(axis=1), 1)
    filled = np.where(np.isfinite(season), season, mean[:, None])
    return np.asarray(filled[:, np.arange(h) % SEASON], dtype=float)


def ceiling(grid: Grid) -> Array:
    """Return the highest log(1 + sales) worth forecasting: twice the record of each series, (n,)."""
    return np.asarray(np.log1p(2.0 * np.nan_to_num(grid.demand).max(axis=1)))


def under(arrays: dict[str, Array], prefix: str) -> dict[str, Array]:
    """Return the arrays whose names begin with a prefix, without it."""
    return {name.removeprefix(prefix): value for name, value in arrays.items() if name.startswith(prefix)}


def write_state(folder: Path, name: str, content: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Write JSON and safetensors side by side, the JSON holding the other's hash."""
    folder.mkdir(parents=True, exist_ok=True)
    weights = folder / f"{name}.safetensors"
    save_file({key: np.ascontiguousarray(value) for key, value in arrays.items()}, weights)
    content = content | {"sha256": hashlib.sha256(weights.read_bytes()).hexdigest()}
    (folder / f"{name}.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")


def read_state(folder: Path, name: str) -> tuple[dict[str, Any], dict[str, Array]]:
    """Read what `write_state` wrote and check the hash."""
    content = json.loads((folder / f"{name}.json").read_text(encoding="utf-8"))
    weights = folder / f"{name}.safetensors"
    if hashlib.sha256(weights.read_bytes()).hexdigest() != content["sha256"]:
        raise PanelError(f"{weights} is not the file that {name}.json was written with")
    return content, load_file(weights)
