"""A product whose sales follow complaints about its smell, through the real workers and the database."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sqlalchemy import Engine, delete
from sqlalchemy.orm import Session

from demo.complaints import waves
from settings import Settings
from storage import features, forecasts, jobs, reviews
from storage.database import session_factory
from storage.models import ForecastModel, ForecastRun, Review, Workspace
from tests.storage.factories import (
    VERSION,
    analysis,
    aspect,
    make_products,
    make_sales,
    make_workspace,
    review_row,
)
from tests.workers.factories import Sent, SmallArtifacts
from workers.context import Context
from workers.daily import rebuild
from workers.forecasts import run_forecast
from workers.reasons import evidence_of, hear, recent

START, DAYS = date(2026, 1, 5), 280
LAST = START + timedelta(days=DAYS - 1)
PER_DAY = 5
WEEK = [1.0, 0.95, 0.9, 0.95, 1.1, 1.4, 1.3]
SMELL = ("气味", "negative")


class FeelingArtifacts(SmallArtifacts):
    """Of the real forecasters the quick one, without and with sentiment."""

    def new_forecaster(self, **options: Any) -> Any:
        models = ["Regression", "Regression+sentiment"]
        return super(SmallArtifacts, self).new_forecaster(**{**options, "models": models})


@dataclass
class Shop:
    """What was forecast before and after the complaints about the smell were taken away."""

    before: ForecastRun
    other: ForecastRun
    sentiment: float
    whatifs: dict[float, ForecastRun]
    told: pd.DataFrame
    rebuilt: pd.DataFrame
    after: ForecastRun

    @property
    def smell(self) -> dict[str, Any]:
        """The driver in question."""
        [found] = [
            found
            for found in self.before.drivers
            if (found["name"], found.get("polarity")) == (f"sentiment:{SMELL[0]}", SMELL[1])
        ]
        return found


def units(run: ForecastRun) -> float:
    return sum(point.yhat for point in run.points)


@pytest.fixture(scope="module")
def shop(database_url: str, engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = str(tmp_path_factory.mktemp("data"))
    settings = Settings.from_env(
        {"DATABASE_URL": database_url, "DATA_DIR": folder, "SECRET_KEY": "test " * 8}
    )
    context = Context(settings, session_factory(engine), FeelingArtifacts(settings), Sent())
    with context.sessions.begin() as session:
        workspace_id = make_workspace(session).id
        smelling, plain = make_products(session, workspace_id, "S1", "P1")
        plant(session, workspace_id, smelling, plain)
    before, other = forecast(context, workspace_id, smelling), forecast(context, workspace_id, plain)
    with context.sessions() as session:
        forecaster = context.artifacts.forecaster(session.get_one(ForecastModel, before.model_id).path)
    [whole] = [d["effect"] for d in forecaster.explain(str(smelling)) if d["name"] == "sentiment"]
    whatifs = {change: forecast(context, workspace_id, smelling, wish(change)) for change in (-1.0, -0.3)}
    with context.sessions.begin() as session:
        heard = hear(session, workspace_id, smelling, LAST)
        blamed = heard.about[SMELL]
        session.execute(delete(Review).where(Review.id.in_(blamed)))
        rebuild(session, workspace_id, [smelling])
        jobs.touch_data(session, workspace_id)
        rebuilt = features.feature_frame(session, workspace_id, [smelling])
    after = forecast(context, workspace_id, smelling)
    told = heard.without(dict.fromkeys(blamed, 0.0))
    yield Shop(before, other, whole, whatifs, told, rebuilt, after)
    with context.sessions.begin() as session:
        session.execute(delete(Workspace).where(Workspace.id == workspace_id))


def plant(session: Session, workspace_id: int, smelling: int, plain: int) -> None:
    """Let waves of complaints about the smell come and go, and the sales of one product follow them."""
    rng = np.random.default_rng(3)
    path = waves(DAYS, rng)
    for product_id, factor in ((smelling, path.sales_factor), (plain, np.ones(DAYS))):
        mean = 60 * np.resize(WEEK, DAYS) * factor
        make_sales(session, workspace_id, product_id, START, rng.poisson(mean).astype(float))
    rows, found = [], []
    for day in range(DAYS):
        for _ in range(PER_DAY):
            blames = rng.random() < path.negative_share[day]
            number = f"r{len(rows):06d}"  # they are stored in this order
            rows.append(review_row(smelling, START + timedelta(days=day), external_id=number))
            found.append(
                analysis("negative", -0.8, aspects=[aspect(*SMELL)])
                if blames
                else analysis("positive", 0.7, aspects=[aspect("物流", "positive")])
            )
    ids = [id for id, _ in reviews.copy_reviews(session, workspace_id, rows)]
    reviews.save_scores(session, workspace_id, list(zip(ids, found, strict=True)), VERSION)
    rebuild(session, workspace_id, [smelling])
    jobs.touch_data(session, workspace_id)


def wish(change: float) -> dict[str, Any]:
    return {"sentiment": [{"aspect": SMELL[0], "polarity": SMELL[1], "change": change}]}


def forecast(
    context: Context, workspace_id: int, product_id: int, scenario: Mapping[str, Any] | None = None
) -> ForecastRun:
    with context.sessions.begin() as session:
        run, _ = forecasts.get_or_create_run(session, workspace_id, product_id, scenario=scenario)
    run_forecast(context, run.id)
    with context.sessions() as session:
        run = forecasts.get_run(session, workspace_id, run.id)
        assert (run.error, len(run.points)) == ("", 14)
        return run


def test_the_aspects_add_up_to_what_sentiment_does(shop: Shop) -> None:
    assert shop.before.model.endswith("+sentiment")
    parts = [found for found in shop.before.drivers if found["group"] == "sentiment"]
    assert {found["name"] for found in parts} == {"sentiment:气味", "sentiment:物流", "sentiment:other"}
    assert sum(found["effect"] for found in parts) == pytest.approx(shop.sentiment)


def test_complaints_cost_sales_and_are_the_evidence(shop: Shop) -> None:
    assert shop.smell["effect"] < -0.05 * units(shop.before)
    assert shop.before.evidence[:2] == sorted(shop.smell["reviews"], reverse=True)[:2]


def test_a_what_if_without_them_is_the_forecast_without_their_effect(shop: Shop) -> None:
    none, fewer = (units(shop.whatifs[change]) for change in (-1.0, -0.3))
    assert none - units(shop.before) == pytest.approx(-shop.smell["effect"])
    assert units(shop.before) < fewer < none
    assert shop.whatifs[-0.3].assumptions["sentiment"] == "scenario: 气味 negative -30%"
    assert shop.whatifs[-0.3].warnings == []


def test_days_told_without_reviews_are_those_rebuilt_once_they_are_gone(shop: Shop) -> None:
    columns = list(shop.told.columns)
    rebuilt = shop.rebuilt[shop.rebuilt["ds"] >= pd.Timestamp(recent(LAST))]
    pd.testing.assert_frame_equal(
        shop.told.reset_index(drop=True), rebuilt[columns].reset_index(drop=True), check_dtype=False
    )


def test_removing_them_and_running_again_moves_the_forecast_in_the_stated_direction(shop: Shop) -> None:
    # The model is trained anew, and low sales without complaints teach it that complaints mean less.
    assert shop.after.model_id != shop.before.model_id
    assert units(shop.after) - units(shop.before) > -0.2 * shop.smell["effect"] > 0


def test_where_reviews_do_not_help_their_effect_is_exactly_nothing(shop: Shop) -> None:
    assert not shop.other.model.endswith("+sentiment")
    [found] = [found for found in shop.other.drivers if found["group"] == "sentiment"]
    assert found == {"name": "sentiment", "group": "sentiment", "effect": 0.0}


def test_evidence_is_of_the_strongest_first_and_names_no_review_twice() -> None:
    drivers = [{"reviews": [1, 5]}, {"effect": 1.0}, {"reviews": [5, 7, 9]}]
    assert evidence_of(drivers, 4) == [5, 1, 9, 7]
