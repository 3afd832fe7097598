"""Why a forecast is what it is, down to the reviews: they are taken away, and it is made again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from forecasting.drivers import SENTIMENT, driver, drivers_of
from forecasting.scenario import Scenario
from nlp.aggregate import daily_features
from storage.models import ForecastModel
from storage.reviews import review_frame
from storage.themes import mentions
from workers.context import Context
from workers.panel import COUNTED
from workers.panel import SENTIMENT as MEASURED

RECENT_DAYS = 28
MOST_ASPECTS = 8

Weights = Mapping[int, float]


@dataclass(frozen=True)
class Heard:
    """A product's reviews up to a day, and which of the last four weeks blame or praise an aspect.

    Attributes
    ----------
    reviews
        As `storage.reviews.review_frame` returns them.
    about
        (category, polarity) -> ids of reviews, the most spoken of first.
    cutoff
        The last day.
    """

    reviews: pd.DataFrame
    about: dict[tuple[str, str], list[int]]
    cutoff: date

    def without(self, weights: Weights) -> pd.DataFrame:
        """Return the past columns of the last weeks, had some reviews counted differently.

        Parameters
        ----------
        weights
            Review id -> what it counts instead of 1.
        """
        weighed = self.reviews.assign(weight=self.reviews["id"].map(dict(weights)).fillna(1.0))
        days = daily_features(weighed, recent(self.cutoff), self.cutoff)
        days["unique_id"] = days["product_id"].astype(str)
        return days[["unique_id", "ds", *COUNTED, *MEASURED]]


def recent(cutoff: date) -> date:
    """Return the first of the days whose reviews a forecast is explained by."""
    return cutoff - timedelta(days=RECENT_DAYS - 1)


def hear(session: Session, workspace_id: int, product_id: int, cutoff: date) -> Heard:
    """Read what a product's reviews say."""
    reviews = review_frame(session, workspace_id, [product_id])
    about = mentions(session, workspace_id, product_id, recent(cutoff), cutoff)
    ordered = sorted(about.items(), key=lambda item: (-len(item[1]), item[0]))
    return Heard(reviews[reviews["ds"] <= pd.Timestamp(cutoff)], dict(ordered), cutoff)


def drivers_with_reviews(
    context: Context,
    model: ForecastModel,
    forecaster: Any,
    product_id: int,
    scenario: Scenario | None = None,
    weights: Weights = MappingProxyType({}),
) -> list[dict[str, Any]]:
    """Explain a product's forecast; what reviews do to it, aspect by aspect, with the ids of the reviews.

    The effect of an aspect is what the same model forecasts less once the reviews of the last four weeks
    that blame it, or praise it, are taken away. What the aspects leave of the whole effect of sentiment is
    ``sentiment:other``.

    Parameters
    ----------
    scenario, weights
        What is different in a what-if, and what reviews count in it.
    """
    unique_id = str(product_id)
    drivers = list(forecaster.explain(unique_id, scenario=scenario))
    felt = {found["name"]: found["effect"] for found in drivers}.get(SENTIMENT)
    if not felt:
        return drivers
    with context.sessions() as session:
        heard = hear(session, model.workspace_id, product_id, model.cutoff)
    aspects = list(_by_aspect(forecaster, unique_id, heard, scenario or Scenario(), weights))
    left = felt - sum(found["effect"] for found in aspects)
    others = {found["name"]: found["effect"] for found in drivers if found["name"] != SENTIMENT}
    rest = drivers_of(others | {f"{SENTIMENT}:other": left})
    return sorted([*rest, *aspects], key=lambda found: -abs(found["effect"]))


def evidence_of(drivers: list[dict[str, Any]], limit: int) -> list[int]:
    """Return the ids of the newest reviews behind the strongest aspects."""
    ids = [id for found in drivers for id in sorted(found.get("reviews", ()), reverse=True)]
    return list(dict.fromkeys(ids))[:limit]


def _by_aspect(
    forecaster: Any, unique_id: str, heard: Heard, scenario: Scenario, weights: Weights
) -> Iterator[dict[str, Any]]:
    def total(counted: Weights) -> float:
        told = replace(scenario, past=heard.without(counted))
        return float(forecaster.predict(unique_ids=[unique_id], scenario=told)["yhat"].sum())

    whole = total(weights)
    for (category, polarity), ids in list(heard.about.items())[:MOST_ASPECTS]:
        effect = whole - total({**weights, **dict.fromkeys(ids, 0.0)})
        if effect:
            yield driver(f"{SENTIMENT}:{category}", effect) | {"polarity": polarity, "reviews": ids}
