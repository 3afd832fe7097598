"""By how many days a product's reviews, and its complaints about each aspect, lead its sales."""

from __future__ import annotations

from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from forecasting import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.lags import measure_lags
from storage import features, themes
from workers.panel import KEY, TrainingPanel
from workers.verdicts import plain

SENTIMENT = "sentiment_mean"
BLAME = "negative_share"
LEAST_DAYS = 20
"""Days on which something must have been said before its lag is worth measuring."""
PRIOR = 3.0
"""Reviews' worth of the product's mean that a day is drawn to, so that a day without reviews says nothing."""


def lag_panel(session: Session, workspace_id: int, panel: TrainingPanel) -> pd.DataFrame:
    """Return sales with what reviews said on each day, unsmoothed; the models never see these columns.

    Returns
    -------
    DataFrame
        The known days of the panel, its known-ahead columns, ``sentiment_mean``, ``negative_share`` and per
        aspect ``negative_share:物流``; empty where a product's reviews say too little of it.
    """
    ids = panel.frame["unique_id"].unique()
    known = [*KEY, "y", *(["stockout"] if "stockout" in panel.frame else []), *panel.spec.future]
    days = panel.frame.loc[panel.frame["ds"] <= pd.Timestamp(panel.cutoff), known]
    said = features.feature_frame(session, workspace_id, [int(id) for id in ids])
    blamed = themes.aspect_days(session, workspace_id, [int(id) for id in ids])
    totals = said[KEY].assign(
        reviews=said["reviews"],
        **{name: said[name] * said["reviews"] for name in (SENTIMENT, BLAME)},
    )
    by_aspect = blamed[blamed["negative"] > 0].pivot(index=KEY, columns="category", values="negative")
    by_aspect = by_aspect.add_prefix(f"{BLAME}:").reset_index()
    full = days.merge(totals, on=KEY, how="left").merge(by_aspect, on=KEY, how="left")
    columns = [name for name in full.columns if name not in days.columns and name != "reviews"]
    full[["reviews", *columns]] = full[["reviews", *columns]].fillna(0.0)
    return full[days.columns].join(daily_means(full, columns))


def daily_means(full: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Divide sums by reviews, each day drawn to the product's mean; what was said too rarely is empty.

    Parameters
    ----------
    full
        unique_id, reviews, and the columns as sums over the reviews of a day.
    """
    ids = full["unique_id"]
    total = full[["reviews", *columns]].groupby(ids).transform("sum")
    usual = total[columns].div(total["reviews"].clip(lower=1.0), axis=0)
    means = (full[columns] + PRIOR * usual).div(full["reviews"] + PRIOR, axis=0)
    spoken = (full[columns] != 0).groupby(ids).transform("sum") >= LEAST_DAYS
    return means.where(spoken).dropna(axis=1, how="all")


def lags_of(frame: pd.DataFrame, future: tuple[str, ...]) -> dict[str, list[dict[str, Any]]]:
    """Measure what `lag_panel` returned, all products and columns judged together.

    Returns
    -------
    dict
        unique_id -> what could be measured, likeliest lead first: ``column`` (sentiment_mean or
        negative_share), ``aspect`` (None: the whole review), ``days, lag, correlation, ci, p_value, q_value,
        verdict``, and ``ccf`` from lag -7 on where it leads, see `forecasting.lags.measure_lags`.
    """
    columns = tuple(name for name in frame.columns if name == SENTIMENT or name.startswith(BLAME))
    if not columns:
        return {}
    spec = PanelSpec(future=future, past=columns)
    found = measure_lags(Grid.from_frame(validate_panel(frame, spec), spec), columns)["products"]
    told: dict[str, list[dict[str, Any]]] = {}
    for row in sorted(found, key=lambda row: row["p_value"] or 0.0):
        if row["p_value"] is not None:
            told.setdefault(row["unique_id"], []).append(_short(row))
    return told


def _short(row: dict[str, Any]) -> dict[str, Any]:
    column, _, aspect = row["column"].partition(":")
    rest = {name: row[name] for name in ("days", "lag", "correlation", "ci", "p_value", "q_value", "verdict")}
    curve = {"ccf": row["ccf"]} if row["verdict"] == "leads" else {}
    return dict(plain({"column": column, "aspect": aspect or None, **rest, **curve}))
