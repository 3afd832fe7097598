"""Forecasts of other libraries on the same panel and cutoffs, set up as their own documentation advises."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

KEY = ["unique_id", "ds"]
WEEK = 7
LEVEL = 80
THREADS = 2
YEAR = 365


@dataclass(frozen=True)
class Task:
    """One cutoff of a panel.

    Parameters
    ----------
    train : DataFrame
        ``unique_id, ds, y`` and the known-ahead columns, through the cutoff, daily and without gaps.
    ahead : DataFrame
        ``unique_id, ds`` and the known-ahead columns of the next ``h`` days.
    h : int
        Days ahead.
    known : tuple of str
        The known-ahead columns.
    """

    train: pd.DataFrame
    ahead: pd.DataFrame
    h: int
    known: tuple[str, ...]


Peer = Callable[[Task], pd.DataFrame]


def statsforecast(name: str, with_known: bool = False, **options: Any) -> Peer:
    """Return a model of statsforecast, one fit a series."""

    def run(task: Task) -> pd.DataFrame:
        import statsforecast.models as models
        from statsforecast import StatsForecast
        from statsforecast.utils import ConformalIntervals

        kind = getattr(models, name)
        bands = ConformalIntervals(h=task.h, n_windows=2) if name in ("CrostonSBA", "ADIDA") else None
        settings = options | ({"prediction_intervals": bands} if bands else {})
        train = task.train.groupby("unique_id").tail(YEAR) if "ARIMA" in name else task.train
        columns = list(task.known) if with_known else []
        runner = StatsForecast(
            [kind(**settings)], freq="D", n_jobs=THREADS, fallback_model=models.SeasonalNaive(WEEK)
        )
        found = runner.forecast(
            df=train[[*KEY, "y", *columns]],
            h=task.h,
            X_df=task.ahead[[*KEY, *columns]] if columns else None,
            level=[LEVEL],
        )
        return _named(found, repr(runner.models[0]))

    return run


def mlforecast(objective: str, trees: int, leaves: int, rate: float) -> Peer:
    """Return LightGBM with lags, rolling means and the calendar, recursive, as mlforecast sets it up."""

    def run(task: Task) -> pd.DataFrame:
        import lightgbm as lgb
        from mlforecast import MLForecast
        from mlforecast.lag_transforms import RollingMean, RollingStd, SeasonalRollingMean
        from mlforecast.target_transforms import LocalStandardScaler
        from mlforecast.utils import PredictionIntervals

        model = lgb.LGBMRegressor(
            objective=objective,
            n_estimators=trees,
            num_leaves=leaves,
            learning_rate=rate,
            min_child_samples=40,
            subsample=0.8,
            subsample_freq=1,
            colsample_bytree=0.7,
            n_jobs=THREADS,
            random_state=1,
            verbose=-1,
        )
        runner = MLForecast(
            {"LightGBM": model},
            freq="D",
            lags=[*range(1, 8), 14, 21, 28],
            lag_transforms={
                1: [RollingMean(7), RollingMean(28), RollingStd(28)],
                WEEK: [SeasonalRollingMean(WEEK, 4)],
            },
            date_features=["dayofweek", "month", "day", "dayofyear"],
            target_transforms=[LocalStandardScaler()] if objective == "l1" else None,
        )
        ids = pd.CategoricalDtype(sorted(task.train["unique_id"].unique()))
        columns = [*KEY, "y", *task.known]
        train = task.train[columns].assign(series=task.train["unique_id"].astype(ids))
        shortest = int(train.groupby("unique_id").size().min())
        windows = int(np.clip((shortest - 60) // task.h, 2, 5))
        runner.fit(
            train,
            static_features=["series"],
            prediction_intervals=PredictionIntervals(n_windows=windows, h=task.h),
        )
        known = task.ahead[[*KEY, *task.known]] if task.known else None
        return _named(runner.predict(task.h, X_df=known, level=[LEVEL]), "LightGBM")

    return run


def neuralforecast(name: str, **options: Any) -> Peer:
    """Return a network of neuralforecast with the calendar and the known-ahead columns."""

    def run(task: Task) -> pd.DataFrame:
        import neuralforecast.models as models
        from neuralforecast import NeuralForecast
        from neuralforecast.losses.pytorch import MQLoss

        columns = [*_CALENDAR, *task.known]
        model = getattr(models, name)(
            h=task.h,
            input_size=8 * WEEK,
            futr_exog_list=columns,
            loss=MQLoss(level=[LEVEL]),
            max_steps=500,
            scaler_type="standard",
            start_padding_enabled=True,
            random_seed=1,
            accelerator="cpu",
            logger=False,
            enable_progress_bar=False,
            enable_model_summary=False,
            enable_checkpointing=False,
            alias=name,
            **options,
        )
        runner = NeuralForecast([model], freq="D")
        runner.fit(_with_calendar(task.train)[[*KEY, "y", *columns]])
        found = runner.predict(futr_df=_with_calendar(task.ahead)[[*KEY, *columns]])
        return _named(found.rename(columns={f"{name}-median": name}), name)

    return run


def prophet(series: int) -> Peer:
    """Return Prophet on ``series`` series spread over the panel: it takes a second for each."""

    def run(task: Task) -> pd.DataFrame:
        from prophet import Prophet

        ids = sorted(task.train["unique_id"].unique())
        kept = {ids[i * len(ids) // min(series, len(ids))] for i in range(min(series, len(ids)))}
        ahead = dict(list(task.ahead.groupby("unique_id")))
        parts = []
        for uid, train in task.train.groupby("unique_id"):
            if uid not in kept:
                continue
            model = Prophet(interval_width=LEVEL / 100, yearly_seasonality=len(train) > 2 * YEAR)
            for column in task.known:
                model.add_regressor(column)
            model.fit(train[["ds", "y", *task.known]])
            found = model.predict(ahead[uid][["ds", *task.known]])
            columns = {"yhat": found["yhat"], "lo-80": found["yhat_lower"], "hi-80": found["yhat_upper"]}
            parts.append(pd.DataFrame({"unique_id": uid, "ds": found["ds"], **columns}))
        return pd.concat(parts, ignore_index=True)

    return run


PEERS: dict[str, Peer] = {
    "statsforecast seasonal naive": statsforecast("SeasonalNaive", season_length=WEEK),
    "statsforecast AutoETS": statsforecast("AutoETS", season_length=WEEK),
    "statsforecast AutoARIMA": statsforecast("AutoARIMA", season_length=WEEK, approximation=True),
    "statsforecast seasonal ARIMA with columns": statsforecast(
        "ARIMA", with_known=True, order=(1, 0, 1), season_length=WEEK, seasonal_order=(0, 1, 1)
    ),
    "statsforecast Theta": statsforecast(
        "DynamicOptimizedTheta", season_length=WEEK, decomposition_type="additive"
    ),
    "statsforecast MSTL": statsforecast("MSTL", season_length=WEEK),
    "statsforecast Croston SBA": statsforecast("CrostonSBA"),
    "statsforecast ADIDA": statsforecast("ADIDA"),
    "mlforecast LightGBM absolute": mlforecast("l1", 500, 31, 0.05),
    "mlforecast LightGBM absolute large": mlforecast("l1", 1000, 63, 0.04),
    "mlforecast LightGBM Tweedie": mlforecast("tweedie", 500, 31, 0.05),
    "neuralforecast LSTM": neuralforecast("LSTM", windows_batch_size=64, encoder_hidden_size=64),
    "neuralforecast NHITS": neuralforecast("NHITS", windows_batch_size=256),
    "Prophet on 50 series": prophet(50),
}
_CALENDAR = ("week_sin", "week_cos", "week_sin2", "week_cos2", "year_sin", "year_cos")


def _with_calendar(frame: pd.DataFrame) -> pd.DataFrame:
    week = 2 * np.pi * frame["ds"].dt.dayofweek / WEEK
    year = 2 * np.pi * frame["ds"].dt.dayofyear / 365.25
    waves = (np.sin(week), np.cos(week), np.sin(2 * week), np.cos(2 * week), np.sin(year), np.cos(year))
    return frame.assign(**dict(zip(_CALENDAR, waves, strict=True)))


def _named(found: pd.DataFrame, name: str) -> pd.DataFrame:
    bands = {f"{name}-{side}-{LEVEL}": f"{side}-{LEVEL}" for side in ("lo", "hi")}
    columns = {name: "yhat"} | bands
    return found.reset_index(drop="unique_id" in found)[[*KEY, *columns]].rename(columns=columns)
