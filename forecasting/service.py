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
from forecasting.champion import (
    ENSEMBLE,
    SERVICE,
    YARDSTICK,
    Champion,
    add_service,
    choose_champions,
    series_groups,
)
from forecasting.explain import Effects, explain_mixture
from forecasting.frame import PanelError, PanelSpec, name_ids, validate_panel
from forecasting.grid import Array, Grid
from forecasting.intervals import ConformalBands, Outlook, in_sample, size, special_days, unrest
from forecasting.lift import HORIZON as LIFT_HORIZON
from forecasting.lift import LEAST_WINDOWS, WINDOWS, measure_lift
from forecasting.model import Forecaster, NotFittedError, read_state, under, write_state
from forecasting.scores import by_day, by_series, score, without_nan
from forecasting.sentiment import add_sentiment, correction

NAME = "fengping"
MANY_WINDOWS, FEW_SERIES = 26, 100


class Fengping:
    """Forecast every series with the models that earned it.

    All models are run through a rolling-origin backtest. For each group of series the models that beat
    seasonal naive there are mixed, see `forecasting.champion`; where none did, seasonal naive speaks. Where
    sentiment is shown to help a product, its forecast is corrected by what the reviews say, see
    `forecasting.sentiment`. Bands come from how wrong the service itself was at earlier cutoffs.

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
    mixtures_ : list of Champion
        Per group of series the models that speak, their weights and the reason.
    champions_ : dict
        unique_id -> alias of the only model, or ``Ensemble``; with ``+suffix`` where sentiment corrects it.
    reasons_ : dict
        unique_id -> why, in words.
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
        self.grid_ = Grid.from_frame(validate_panel(df, spec), spec)
        self.notes_: list[str] = []
        names = catalogue.choose_names(self.models, measured, self.suffix)
        candidates = [catalogue.build(name, self.h, measured, self.suffix, self.seed) for name in names]
        backtest = self._backtest(candidates)
        self.lift_ = self._measure_lift(measured)
        self._fit_champions(candidates if backtest is not None else candidates[:1], backtest)
        return self

    def _backtest(self, candidates: list[Forecaster]) -> Backtest | None:
        fitting = min(self.n_windows, (self.grid_.length - LEAST_HISTORY) // self.h)
        self.cv_, self.metrics_ = pd.DataFrame(), pd.DataFrame()
        self.scores_: dict[str, dict[str, float]] = {}
        self.coverage_: dict[int, float] = {}
        self.coverage_by_day_: dict[int, list[float]] = {}
        if fitting < self.n_windows:
            self.notes_.append(f"{max(fitting, 0)} of {self.n_windows} backtest windows fit the history")
        if fitting < 1:
            return None
        backtest = run_backtest(candidates, self.grid_, self.h, fitting)
        add_service(backtest, self._members(candidates))
        add_sentiment(backtest, self.suffix)
        for alias in backtest.yhat:
            backtest.add_bands(alias, self.level)
        self.cv_ = backtest.to_frame()
        self.scores_ = {alias: score(backtest, alias) for alias in backtest.yhat}
        self.metrics_ = by_series(backtest)
        service = self.scores_[SERVICE]
        self.coverage_ = {
            value: service[f"coverage_{value}"] for value in self.level if f"coverage_{value}" in service
        }
        self.coverage_by_day_ = by_day(backtest, SERVICE)
        return backtest

    def _members(self, candidates: Sequence[Forecaster]) -> list[str]:
        return [m.alias for m in candidates if m.alias != YARDSTICK and "+" not in m.alias]

    def _fit_champions(self, candidates: list[Forecaster], backtest: Backtest | None) -> None:
        """Fit the chosen models on everything, and learn how wide the bands must be."""
        grid = self.grid_
        if backtest is None:
            reason = "the history is too short for a backtest"
            self.mixtures_ = [
                Champion(name, rows, {YARDSTICK: 1.0}, reason) for name, rows in series_groups(grid).items()
            ]
            self.bands_ = ConformalBands(self.level).fit(*in_sample(grid, self.h))
        else:
            windows = slice(0, len(backtest.starts))
            self.mixtures_ = choose_champions(backtest, windows, self._members(candidates))
            self.bands_ = backtest.learn_bands(SERVICE, len(backtest.starts), self.level)
        corrected = self._corrected() if backtest is not None else set()
        pair = catalogue.pair(self.suffix)
        needed = {YARDSTICK, *(alias for mixture in self.mixtures_ for alias in mixture.weights)}
        needed |= set(pair) if corrected else set()
        self.models_ = {
            m.alias: m.update(grid) for m in candidates if m.alias in needed and hasattr(m, "grid_")
        }
        self.models_ |= {
            m.alias: m.fit_grid(grid) for m in candidates if m.alias in needed - set(self.models_)
        }
        self.fallbacks_ = {m.alias: m.fallbacks_ for m in candidates if getattr(m, "fallbacks_", None)}
        self.reasons_ = {grid.ids[row]: mixture.reason for mixture in self.mixtures_ for row in mixture.rows}
        self.shares_ = self._shares()
        self.champions_ = {}
        for row, uid in enumerate(grid.ids):
            speaking = [alias for alias, shares in self.shares_.items() if shares[row] > 0]
            name = speaking[0] if len(speaking) == 1 else ENSEMBLE
            self.champions_[uid] = name + (f"+{self.suffix}" if uid in corrected else "")

    def _shares(self) -> dict[str, Array]:
        """Return each model's weight in each series, (n,); a model that fell back there has none."""
        ids = self.grid_.ids
        shares = {alias: np.zeros(len(ids)) for alias in self.models_}
        for mixture in self.mixtures_:
            for alias, share in mixture.weights.items():
                fallen = np.isin(ids, list(self.models_[alias].fallbacks_))
                shares[alias][mixture.rows] = np.where(fallen, 0.0, share)[mixture.rows]
        total = sum(shares.values(), np.zeros(len(ids)))
        shares = {alias: values / np.where(total > 0, total, 1.0) for alias, values in shares.items()}
        shares[YARDSTICK] = np.where(total > 0, shares[YARDSTICK], 1.0)
        return shares

    def _corrected(self) -> set[str]:
        """Return the products whose sentiment was shown to help."""
        products = self.lift_["products"] if self.lift_ else []
        return {product["unique_id"] for product in products if product["verdict"] == "helps"}

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
        yhat = self._forecast(grid, rows)
        part = grid.take(rows)
        outlook = Outlook(
            yhat,
            size(part.y),
            unrest(part.demand),
            special_days(grid, self.h)[rows, -self.h :],
            part.closed[:, part.length : part.length + self.h],
        )
        ids = np.array(part.ids)
        columns: dict[str, Any] = {
            "unique_id": np.repeat(ids, self.h),
            "ds": np.tile(grid.days(self.h)[-self.h :].to_numpy(), len(rows)),
            "model": np.repeat([self.champions_[uid] for uid in ids], self.h),
            "yhat": yhat.ravel(),
        }
        for value, (low, high) in self.bands_.predict(outlook, rows).items():
            columns[f"lo-{value}"], columns[f"hi-{value}"] = low.ravel(), high.ravel()
        return pd.DataFrame(columns)

    def _forecast(self, grid: Grid, rows: list[int]) -> Array:
        """Mix the forecasts of some series, (len(rows), h), and correct those that sentiment helps."""
        yhat = self._mixture(grid, rows)
        felt = [self.champions_[grid.ids[row]].endswith(f"+{self.suffix}") for row in rows]
        if any(felt):
            without, with_ = (self._of_model(alias, grid, rows) for alias in catalogue.pair(self.suffix))
            yhat[felt] *= correction(without, with_)[felt]
        return yhat

    def _mixture(self, grid: Grid, rows: list[int]) -> Array:
        yhat = np.zeros((len(rows), self.h))
        for alias, shares in self.shares_.items():
            if shares[rows].any():
                yhat += shares[rows, None] * self._of_model(alias, grid, rows)
        return yhat

    def _of_model(self, alias: str, grid: Grid, rows: list[int]) -> Array:
        model = self.models_[alias]
        if model.separable:
            return model.forecast_grid(grid.take(rows), self.h)
        return model.forecast_grid(grid, self.h)[rows]

    def explain(self, unique_id: str, future: pd.DataFrame | None = None) -> Effects:
        """Name what moves the next ``h`` days of a series away from the usual.

        Returns
        -------
        list of dict
            ``name`` and ``effect`` in units over the ``h`` days, largest first; they add up to the forecast
            minus the usual. See `forecasting.explain.explain_mixture`.

        Raises
        ------
        PanelError
            For an unknown id or missing known-ahead values.
        """
        rows = self._rows([unique_id])
        grid = self._ahead(future, rows)
        shares = [(float(values[rows[0]]), self.models_[alias]) for alias, values in self.shares_.items()]
        parts = [(share, model) for share, model in shares if share > 0]
        effects = explain_mixture(parts, grid, unique_id, self.h)
        if self.champions_[unique_id].endswith(f"+{self.suffix}"):
            felt = float((self._forecast(grid, rows) - self._mixture(grid, rows)).sum())
            effects.append({"name": "sentiment", "effect": felt})
        return sorted(effects, key=lambda item: -abs(item["effect"]))

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
        arrays |= {f"share.{alias}": shares for alias, shares in self.shares_.items()}
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
        service.shares_ = under(arrays, "share.")
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
            "mixtures": [mixture.to_json() for mixture in self.mixtures_],
            "bands": self.bands_.to_json(),
            "champions": self.champions_,
            "reasons": self.reasons_,
            "scores": without_nan(self.scores_),
            "metrics": without_nan(self.metrics_.to_dict("records")),
            "coverage": {str(value): share for value, share in self.coverage_.items()},
            "coverage_by_day": {str(value): shares for value, shares in self.coverage_by_day_.items()},
            "lift": self.lift_,
            "fallbacks": self.fallbacks_,
            "notes": self.notes_,
        }

    def _take_results(self, content: dict[str, Any]) -> None:
        self.mixtures_ = [Champion.from_json(values) for values in content["mixtures"]]
        self.bands_ = ConformalBands.from_json(content["bands"])
        self.champions_, self.reasons_ = content["champions"], content["reasons"]
        self.lift_ = content["lift"]
        self.scores_, self.metrics_ = content["scores"], pd.DataFrame(content["metrics"])
        self.coverage_ = {int(value): share for value, share in content["coverage"].items()}
        self.coverage_by_day_ = {int(value): days for value, days in content["coverage_by_day"].items()}
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
            "groups": [
                {"group": m.group, "series": len(m.rows), "weights": m.weights, "reason": m.reason}
                for m in self.mixtures_
            ],
            "coverage_by_day": {str(value): shares for value, shares in self.coverage_by_day_.items()},
            "arima": getattr(arima, "tables_", None),
            "lift": self.lift_,
            "fallbacks": self.fallbacks_,
            "notes": self.notes_,
        }
