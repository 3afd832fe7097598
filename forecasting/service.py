"""Fengping: the forecasts the product shows, the best honest choice among the models for each series."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from forecasting import catalogue
from forecasting.backtest import LEAST_HISTORY, Backtest, run_backtest
from forecasting.champion import SERVICE, YARDSTICK, add_service, choose_champions
from forecasting.explain import explain
from forecasting.frame import PanelError, PanelSpec, name_ids, validate_panel
from forecasting.grid import Array, Grid
from forecasting.intervals import band, conformal_offsets, in_sample_errors, size
from forecasting.lift import HORIZON as LIFT_HORIZON
from forecasting.lift import LEAST_WINDOWS, WINDOWS, measure_lift
from forecasting.model import Forecaster, NotFittedError, read_state, under, write_state
from forecasting.scores import score, without_nan

NAME = "fengping"
MANY_WINDOWS, FEW_SERIES = 26, 100


class Fengping:
    """Forecast every series with the model that earned it.

    All models are run through a rolling-origin backtest. A series' champion is the model that did best
    there, if it beat seasonal naive, else seasonal naive. Bands come from the champion's own earlier errors.

    Parameters
    ----------
    h : int
        Days ahead.
    level : sequence of int
        Nominal coverages of the bands in per cent.
    n_windows : int
        Backtest windows to report; fewer where the history is short.
    models : str or sequence of str
        ``"auto"`` or aliases, see `forecasting.catalogue.names`.
    sentiment : sequence of str
        Past columns whose worth is measured: models run with and without them.
    seed : int
        Seed of models that use chance.
    suffix : str
        What the models with those columns are called: ``Regression+sentiment``.

    Attributes
    ----------
    cv_ : DataFrame
        ``unique_id, ds, cutoff, y`` and per model, and for ``Fengping``, forecast and bands.
    metrics_ : DataFrame
        Per ``unique_id`` and ``model`` the measures of `forecasting.metrics.evaluate`.
    scores_ : dict
        Per model the same over all series.
    champions_ : dict
        unique_id -> alias.
    lift_ : dict or None
        What the sentiment columns are worth, see `forecasting.lift.measure_lift`.
    coverage_ : dict
        Level -> share of days inside the ``Fengping`` band of the backtest.
    fallbacks_ : dict
        Alias -> unique_id -> why that series got a simpler forecast.
    notes_ : list of str
        What was left out or cut short, and why.
    """

    def __init__(
        self,
        h: int = 14,
        level: Sequence[int] = (80, 95),
        n_windows: int = 3,
        models: str | Sequence[str] = "auto",
        sentiment: Sequence[str] = (),
        seed: int = 0,
        suffix: str = "sentiment",
    ) -> None:
        self.h = h
        self.level = level
        self.n_windows = n_windows
        self.models = models
        self.sentiment = sentiment
        self.seed = seed
        self.suffix = suffix

    def fit(self, df: pd.DataFrame, spec: PanelSpec) -> Self:
        """Backtest all models, choose champions, fit them on everything.

        Parameters
        ----------
        df : DataFrame
            Long panel, see `forecasting.frame.validate_panel`.
        spec : PanelSpec
            Its declared columns.

        Raises
        ------
        PanelError
            When the panel is not what was declared, or a sentiment column is not one of its past columns.
        """
        measured = tuple(self.sentiment)
        unknown = [column for column in measured if column not in spec.past]
        if unknown:
            raise PanelError(f"sentiment columns not among the past columns: {', '.join(unknown)}")
        self.grid_ = grid = Grid.from_frame(validate_panel(df, spec), spec)
        names, self.notes_ = catalogue.choose_names(self.models, len(grid.ids), measured, self.suffix)
        candidates = [catalogue.build(name, self.h, measured, self.suffix, self.seed) for name in names]
        backtest = self._backtest(candidates)
        if backtest is None:
            candidates = candidates[:1]
        self._fit_champions(candidates, backtest)
        self.lift_ = self._measure_lift(measured)
        return self

    def _backtest(self, candidates: list[Forecaster]) -> Backtest | None:
        fitting = min(self.n_windows, (self.grid_.length - LEAST_HISTORY) // self.h)
        self.cv_, self.metrics_ = pd.DataFrame(), pd.DataFrame()
        self.scores_: dict[str, dict[str, float]] = {}
        self.coverage_: dict[int, float] = {}
        if fitting < self.n_windows:
            self.notes_.append(f"{max(fitting, 0)} of {self.n_windows} backtest windows fit the history")
        if fitting < 1:
            return None
        backtest = run_backtest(candidates, self.grid_, self.h, fitting)
        for model in candidates:
            backtest.add_bands(model.alias, self.level)
        add_service(backtest, tuple(self.level))
        self.cv_ = backtest.to_frame()
        self.scores_ = {alias: score(backtest, alias) for alias in backtest.yhat}
        rows = [
            {"unique_id": uid, "model": alias, **score(backtest, alias, row)}
            for row, uid in enumerate(self.grid_.ids)
            for alias in backtest.yhat
        ]
        self.metrics_ = pd.DataFrame(rows)
        service = self.scores_[SERVICE]
        self.coverage_ = {
            value: service[f"coverage_{value}"] for value in self.level if f"coverage_{value}" in service
        }
        return backtest

    def _fit_champions(self, candidates: list[Forecaster], backtest: Backtest | None) -> None:
        """Fit the chosen models on everything, and learn how wide their bands must be."""
        grid, n = self.grid_, len(self.grid_.ids)
        chosen = np.full(n, YARDSTICK)
        if backtest is not None:
            chosen = choose_champions(backtest, slice(0, len(backtest.starts)))
        self.champions_ = dict(zip(grid.ids, map(str, chosen), strict=True))
        self.models_ = {m.alias: m.fit_grid(grid) for m in candidates if m.alias in {*chosen, YARDSTICK}}
        self.fallbacks_ = {m.alias: m.fallbacks_ for m in candidates if m.fallbacks_}
        self.offsets_: dict[int, tuple[Array, Array]] = {
            value: (np.zeros((n, self.h)), np.zeros((n, self.h))) for value in self.level
        }
        for alias in self.models_:
            if backtest is None:
                offsets = conformal_offsets(*in_sample_errors(grid, self.h), size(grid.y), self.level)
            else:
                offsets = backtest.offsets(alias, len(backtest.starts), self.level)
            mine = chosen == alias
            for value, pair in offsets.items():
                for side, values in zip(self.offsets_[value], pair, strict=True):
                    side[mine] = values[mine]

    def _measure_lift(self, measured: tuple[str, ...]) -> dict[str, Any] | None:
        if not measured:
            return None
        if self.grid_.length < LEAST_WINDOWS * LIFT_HORIZON + 2 * LEAST_HISTORY:
            self.notes_.append("the history is too short to measure what the sentiment columns are worth")
            return None
        windows = MANY_WINDOWS if len(self.grid_.ids) <= FEW_SERIES else WINDOWS
        return measure_lift(self.grid_, measured, LIFT_HORIZON, windows)

    def predict(
        self, future: pd.DataFrame | None = None, unique_ids: Sequence[str] | None = None
    ) -> pd.DataFrame:
        """Forecast the next ``h`` days.

        Parameters
        ----------
        future : DataFrame, optional
            ``unique_id, ds`` and the known-ahead columns of the next days; else the panel's later rows.
        unique_ids : sequence of str, optional
            Series to forecast; all by default.

        Returns
        -------
        DataFrame
            ``unique_id, ds, model, yhat, lo-80, hi-80, lo-95, hi-95`` (levels as given), h rows per series.

        Raises
        ------
        PanelError
            For unknown ids or missing known-ahead values; names them.
        """
        rows = self._rows(unique_ids)
        grid = self._ahead(future, rows)
        yhat = np.zeros((len(grid.ids), self.h))
        for alias in {self.champions_[grid.ids[row]] for row in rows}:
            mine = [row for row in rows if self.champions_[grid.ids[row]] == alias]
            yhat[mine] = self.models_[alias].forecast_grid(grid, self.h)[mine]
        bands = band(yhat, self.offsets_)
        closed = np.zeros(yhat.shape, dtype=bool)
        ahead = grid.closed[:, grid.length : grid.length + self.h]
        closed[:, : ahead.shape[1]] = ahead
        ids = np.array([grid.ids[row] for row in rows])
        columns: dict[str, Any] = {
            "unique_id": np.repeat(ids, self.h),
            "ds": np.tile(grid.days(self.h)[-self.h :].to_numpy(), len(rows)),
            "model": np.repeat([self.champions_[uid] for uid in ids], self.h),
            "yhat": yhat[rows].ravel(),
        }
        for value, (low, high) in bands.items():
            columns[f"lo-{value}"] = np.where(closed, 0.0, low)[rows].ravel()
            columns[f"hi-{value}"] = np.where(closed, 0.0, high)[rows].ravel()
        return pd.DataFrame(columns)

    def explain(self, unique_id: str, future: pd.DataFrame | None = None) -> list[dict[str, Any]]:
        """Name what moves the next ``h`` days of a series away from the usual.

        Returns
        -------
        list of dict
            ``name`` and ``effect`` in units over the ``h`` days, largest first; they add up to the forecast
            minus the usual. See `forecasting.explain.explain`.

        Raises
        ------
        PanelError
            For an unknown id or missing known-ahead values.
        """
        rows = self._rows([unique_id])
        model = self.models_[self.champions_[unique_id]]
        return explain(model, self._ahead(future, rows), unique_id, self.h)

    def _rows(self, unique_ids: Sequence[str] | None) -> list[int]:
        if not hasattr(self, "champions_"):
            raise NotFittedError("Fengping has not been fitted")
        if unique_ids is None:
            return list(range(len(self.grid_.ids)))
        known = {uid: row for row, uid in enumerate(self.grid_.ids)}
        unknown = [uid for uid in unique_ids if uid not in known]
        if unknown:
            raise PanelError(f"unknown ids: {name_ids(unknown)}")
        return [known[uid] for uid in unique_ids]

    def _ahead(self, future: pd.DataFrame | None, rows: list[int]) -> Grid:
        """Return the grid with the days ahead; series that were not asked for need no values."""
        grid = self.grid_ if future is None else self.grid_.with_future(future)
        known = grid.future.copy()
        if known.shape[1] < grid.length + self.h:
            missing = grid.length + self.h - known.shape[1]
            known = np.concatenate([known, np.full((len(known), missing, known.shape[2]), np.nan)], axis=1)
        others = np.setdiff1d(np.arange(len(grid.ids)), rows)
        known[others, grid.length :] = np.nan_to_num(known[others, grid.length :])
        return replace(grid, future=known)

    def save(self, folder: str | Path) -> None:
        """Write ``fengping.json``, ``fengping.safetensors`` and ``cv.csv`` into a folder."""
        self._rows(None)
        folder = Path(folder)
        grid_meta, grid_arrays = self.grid_.to_state()
        arrays = {f"grid.{name}": value for name, value in grid_arrays.items()}
        models = {}
        for index, (alias, model) in enumerate(self.models_.items()):
            meta, weights = model.state()
            models[alias] = {"params": model.params(), "state": meta, "fallbacks": model.fallbacks_}
            arrays |= {f"model{index}.{name}": value for name, value in weights.items()}
        for value, (low, high) in self.offsets_.items():
            arrays |= {f"low.{value}": low, f"high.{value}": high}
        content = {"params": self._params(), "grid": grid_meta, "models": models, **self._results()}
        write_state(folder, NAME, content, arrays)
        self.cv_.to_csv(folder / "cv.csv", index=False)

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote."""
        content, arrays = read_state(Path(folder), NAME)
        service = cls(**content["params"])
        service.grid_ = Grid.from_state(content["grid"], under(arrays, "grid."))
        service.models_ = {}
        for index, (alias, stored) in enumerate(content["models"].items()):
            model = catalogue.class_of(alias)(**stored["params"])
            model.grid_ = service.grid_.narrow(service.grid_.spec.without_past(model.ignore))
            model.fallbacks_ = stored["fallbacks"]
            model.restore(stored["state"], under(arrays, f"model{index}."))
            service.models_[alias] = model
        service.offsets_ = {
            value: (arrays[f"low.{value}"], arrays[f"high.{value}"]) for value in service.level
        }
        service._take_results(content)
        cv = Path(folder) / "cv.csv"
        dates = ["ds", "cutoff"] if content["scores"] else []
        service.cv_ = (
            pd.read_csv(cv, dtype={"unique_id": str}, parse_dates=dates) if dates else pd.DataFrame()
        )
        return service

    def _params(self) -> dict[str, Any]:
        names = ("h", "level", "n_windows", "models", "sentiment", "seed", "suffix")
        values = {name: getattr(self, name) for name in names}
        return {name: list(v) if isinstance(v, tuple) else v for name, v in values.items()}

    def _results(self) -> dict[str, Any]:
        return {
            "champions": self.champions_,
            "scores": without_nan(self.scores_),
            "metrics": without_nan(self.metrics_.to_dict("records")),
            "coverage": {str(value): share for value, share in self.coverage_.items()},
            "lift": self.lift_,
            "fallbacks": self.fallbacks_,
            "notes": self.notes_,
        }

    def _take_results(self, content: dict[str, Any]) -> None:
        self.champions_, self.lift_ = content["champions"], content["lift"]
        self.scores_, self.metrics_ = content["scores"], pd.DataFrame(content["metrics"])
        self.coverage_ = {int(value): share for value, share in content["coverage"].items()}
        self.fallbacks_, self.notes_ = content["fallbacks"], content["notes"]

    def report(self) -> dict[str, Any]:
        """Return what a report of the backtest holds, ready for JSON."""
        arima = self.models_.get("ARIMA")
        return {
            "horizon": self.h,
            "level": list(self.level),
            "series": len(self.grid_.ids),
            "cutoff": str(self.grid_.cutoff.date()),
            "models": without_nan(self.scores_),
            "champions": dict(Counter(self.champions_.values())),
            "arima": getattr(arima, "tables_", None),
            "lift": self.lift_,
            "fallbacks": self.fallbacks_,
            "notes": self.notes_,
        }
