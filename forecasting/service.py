"""Fengping: the forecasts the product shows, the best honest choice among the models for each series."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import pandas as pd

from forecasting import catalogue, service_state
from forecasting.backtest import LEAST_HISTORY, Backtest, backtest_starts, run_backtest
from forecasting.champion import (
    SERVICE,
    YARDSTICK,
    Champion,
    add_service,
    choose_champions,
    has_short,
    series_groups,
)
from forecasting.counted import Counted, Told
from forecasting.data_account import absurd_sales, count_days, idle_columns
from forecasting.direction import Direction
from forecasting.drivers import SENTIMENT, Drivers, driver, drivers_of
from forecasting.explain import explain_mixture
from forecasting.frame import PanelError, PanelSpec, name_ids, read_rows
from forecasting.grid import Array, Grid
from forecasting.history import History
from forecasting.intervals import ConformalBands, Outlook, in_sample, size, special_days, unrest
from forecasting.lanes import in_lanes
from forecasting.lift import SHORT, has_enough, measure_lift
from forecasting.model import Forecaster, NotFittedError
from forecasting.remarks import Remark
from forecasting.scenario import Scenario, check_scenario
from forecasting.scores import by_day, by_series, score
from forecasting.sentiment import add_sentiment, correction
from forecasting.speakers import Speakers, learned, shares_of


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
    direction_ : Direction
        Whether the next days will sell more than the last, see `forecasting.direction`.
    fallbacks_ : dict
        Alias -> unique_id -> why that series got a simpler forecast.
    notes_ : list of str
        What was left out or cut short, and why.
    days_ : dict
        unique_id -> how many days teach nothing, by cause, see `forecasting.data_account.count_days`.
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

    def fit(self, df: pd.DataFrame, spec: PanelSpec, told: Told | None = None) -> Self:
        """Backtest all models, choose champions, fit them on everything.

        Parameters
        ----------
        df : DataFrame
            Long panel, see `forecasting.frame.validate_panel`.
        spec : PanelSpec
            Its declared columns.
        told : callable, optional
            Is told how many steps are done and of how many: windows of the backtest and learning, by model.

        Raises
        ------
        PanelError
            When the panel is not what was declared, or a sentiment column is not one of its past columns.
        """
        measured = tuple(self.sentiment)
        unknown = [column for column in measured if column not in spec.past]
        if unknown:
            raise PanelError(f"sentiment columns not among the past columns: {', '.join(unknown)}")
        history = History(read_rows(df, spec), spec)
        self.grid_ = history.grid
        self.days_ = count_days(history)
        self.notes_: list[str] = [*idle_columns(self.grid_), *absurd_sales(self.grid_)]
        short = has_short(self.grid_, self.n_windows * self.h)
        names = catalogue.choose_names(self.models, measured, self.suffix, short)
        candidates = [catalogue.build(name, self.h, measured, self.suffix, self.seed) for name in names]
        fitting = max(min(self.n_windows, (self.grid_.length - LEAST_HISTORY) // self.h), 0)
        windows = len(backtest_starts(self.grid_.length, self.h, fitting)) if fitting else 0
        steps = Counted(len(candidates) * (windows + 1) + 1, told)
        backtest = self._backtest(candidates, fitting, steps)
        self.lift_ = measure_lift(self.grid_, measured) if measured and has_enough(self.grid_) else None
        if measured and self.lift_ is None:
            self.notes_.append(SHORT)
        steps.step()
        self._fit_champions(candidates if backtest is not None else candidates[:1], backtest, steps)
        self.direction_ = Direction().fit(self.grid_, self.h, backtest)
        return self

    def _backtest(self, candidates: list[Forecaster], fitting: int, steps: Counted) -> Backtest | None:
        self.cv_, self.metrics_ = pd.DataFrame(), pd.DataFrame()
        self.scores_: dict[str, dict[str, float]] = {}
        self.coverage_: dict[int, float] = {}
        self.coverage_by_day_: dict[int, list[float]] = {}
        if fitting < self.n_windows:
            self.notes_.append(f"{fitting} of {self.n_windows} backtest windows fit the history")
        if fitting < 1:
            return None
        backtest = run_backtest(candidates, self.grid_, self.h, fitting, counted=steps)
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

    def _fit_champions(self, candidates: list[Forecaster], backtest: Backtest | None, steps: Counted) -> None:
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
        pair = catalogue.pair(self.suffix)
        able = backtest is not None and set(pair) <= {model.alias for model in candidates}
        corrected = self._corrected() if able else set()
        needed = {YARDSTICK, *(alias for mixture in self.mixtures_ for alias in mixture.weights)}
        needed |= set(pair) if corrected else set()
        chosen = [m for m in candidates if m.alias in needed]
        models = in_lanes(chosen, lambda model: learned(model, grid, steps))
        steps.step(steps.total - steps.done)
        self.speakers_ = Speakers(models, shares_of(models, self.mixtures_, grid.ids))
        self.fallbacks_ = {m.alias: m.fallbacks_ for m in candidates if getattr(m, "fallbacks_", None)}
        self.reasons_ = {grid.ids[row]: mixture.reason for mixture in self.mixtures_ for row in mixture.rows}
        self.champions_ = self.speakers_.names(grid.ids, corrected, self.suffix)

    def renew(self, df: pd.DataFrame, spec: PanelSpec, told: Told | None = None) -> Self:
        """Move on to later days of the same series: the models learn again, who speaks and the bands stay."""
        history = History(read_rows(df, spec), spec)
        grid = history.grid
        if not self.serves(set(grid.ids), spec) or grid.cutoff < self.grid_.cutoff:
            raise PanelError("a service is renewed with later days of the same series and columns")
        self.grid_, self.days_ = grid, count_days(history)
        self.speakers_ = self.speakers_.renewed(grid, self.mixtures_, told)
        self.fallbacks_ |= {alias: model.fallbacks_ for alias, model in self.speakers_.models.items()}
        corrected = {uid for uid in grid.ids if self._listens(uid)}
        self.champions_ = self.speakers_.names(grid.ids, corrected, self.suffix)
        return self

    def serves(self, ids: Collection[str], spec: PanelSpec) -> bool:
        """Tell whether a panel of these series and columns can be forecast without choosing anew."""
        return set(ids) == set(self.grid_.ids) and spec == self.grid_.spec

    def _corrected(self) -> set[str]:
        """Return the products whose sentiment was shown to help."""
        products = self.lift_["products"] if self.lift_ else []
        return {product["unique_id"] for product in products if product["verdict"] == "helps"}

    def predict(
        self,
        future: pd.DataFrame | None = None,
        unique_ids: Sequence[str] | None = None,
        scenario: Scenario | None = None,
    ) -> pd.DataFrame:
        """Forecast the next ``h`` days.

        Parameters
        ----------
        future : DataFrame, optional
            ``unique_id, ds`` and the known-ahead columns of the next days; else the panel's later rows.
        unique_ids : sequence of str, optional
            Series to forecast; all by default.
        scenario : Scenario, optional
            What is taken to be different; see `what_if` for one that was not tried before.

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
        grid = self._ahead(future, rows, scenario)
        yhat = self._forecast(grid, rows)
        part = grid.take(rows)
        outlook = Outlook(
            yhat,
            size(part.likely),
            unrest(self.grid_.demand)[rows],
            special_days(grid, self.h)[rows, -self.h :],
            part.closed_until(self.h)[:, -self.h :],
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
        yhat = self.speakers_.forecast(grid, rows, self.h)
        felt = [self._listens(grid.ids[row]) for row in rows]
        if any(felt):
            pair = catalogue.pair(self.suffix)
            without, with_ = (self.speakers_.forecast_of(alias, grid, rows, self.h) for alias in pair)
            yhat[felt] *= correction(without, with_)[felt]
        return yhat

    def what_if(
        self,
        scenario: Scenario,
        future: pd.DataFrame | None = None,
        unique_ids: Sequence[str] | None = None,
    ) -> tuple[pd.DataFrame, list[Remark]]:
        """Forecast as `predict` does if things were different, and warn of what was never seen.

        Raises
        ------
        PanelError
            When the scenario would change nothing: a column that is not known ahead, or a difference that no
            model which speaks for these series feels.
        """
        rows = self._rows(unique_ids)
        replaced = () if scenario.past is None else scenario.past.columns
        measured = any(column in self.sentiment for column in replaced)
        hears = np.array([self._listens(self.grid_.ids[row]) or not measured for row in rows])
        grid = self._ahead(future, rows)
        warnings = check_scenario(
            scenario, grid, rows, self.h, lambda view: self._forecast(view, rows), hears
        )
        return self.predict(future, unique_ids, scenario), warnings

    def _listens(self, unique_id: str) -> bool:
        """Tell whether what reviews say corrects the forecast of a series."""
        return self.champions_[unique_id].endswith(f"+{self.suffix}")

    def explain(
        self, unique_id: str, future: pd.DataFrame | None = None, scenario: Scenario | None = None
    ) -> Drivers:
        """Name what moves the next ``h`` days of a series away from the usual.

        Returns
        -------
        list of dict
            ``name``, ``group`` and ``effect`` in units over the ``h`` days, largest first; they add up to the
            forecast minus the usual. Where sentiment was measured it is named, with exactly 0 where it was
            not shown to help. See `forecasting.explain` and `forecasting.drivers`.

        Raises
        ------
        PanelError
            For an unknown id or missing known-ahead values.
        """
        rows = self._rows([unique_id])
        grid = self._ahead(future, rows, scenario)
        effects = explain_mixture(self.speakers_.of(rows[0]), grid, unique_id, self.h).effects
        if self._listens(unique_id):
            felt = float((self._forecast(grid, rows) - self.speakers_.forecast(grid, rows, self.h)).sum())
            effects[SENTIMENT] = felt
        nothing = [driver(SENTIMENT, 0.0)] if self.sentiment and not self._listens(unique_id) else []
        return drivers_of(effects) + nothing

    def direction(
        self,
        unique_ids: Sequence[str] | None = None,
        future: pd.DataFrame | None = None,
        scenario: Scenario | None = None,
    ) -> pd.DataFrame:
        """Tell how likely the next ``h`` days sell more than the last ``h``.

        Parameters
        ----------
        unique_ids, future, scenario
            See `predict`.

        Returns
        -------
        DataFrame
            ``unique_id, p_up`` (0 … 1), a row per series.
        """
        rows = self._rows(unique_ids)
        grid = self._ahead(future, rows, scenario)
        p_up = self.direction_.predict(grid.take(rows), self._forecast(grid, rows))
        return pd.DataFrame({"unique_id": [grid.ids[row] for row in rows], "p_up": p_up})

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

    def _ahead(self, future: pd.DataFrame | None, rows: list[int], scenario: Scenario | None = None) -> Grid:
        """Return the grid with the days ahead; series that were not asked for need no values."""
        grid = self.grid_ if future is None else self.grid_.with_future(future)
        known = grid.future.copy()
        if known.shape[1] < grid.length + self.h:
            missing = grid.length + self.h - known.shape[1]
            known = np.concatenate([known, np.full((len(known), missing, known.shape[2]), np.nan)], axis=1)
        others = np.setdiff1d(np.arange(len(grid.ids)), rows)
        known[others, grid.length :] = np.nan_to_num(known[others, grid.length :])
        grid = replace(grid, future=known)
        return grid if scenario is None else scenario.apply(grid, rows, self.h)

    def save(self, folder: str | Path) -> None:
        """Write ``fengping.json``, ``fengping.safetensors`` and ``cv.csv`` into a folder."""
        self._rows(None)
        service_state.save(self, Path(folder))

    @classmethod
    def load(cls, folder: str | Path) -> Self:
        """Read what `save` wrote."""
        return service_state.load(cls, Path(folder))

    def report(self) -> dict[str, Any]:
        """Return what a report of the backtest holds, ready for JSON."""
        return service_state.report(self)
