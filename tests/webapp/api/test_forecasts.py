from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from forecasting import catalogue
from storage import forecasts
from storage.backtests import add_model
from storage.jobs import touch_data
from storage.models import ForecastRun, Job, Product, Workspace
from tests.webapp import factories
from tests.webapp.outbox import Outbox
from webapp.api.forecasts import MODELS
from webapp.enqueue import RUN_FORECAST, TRAIN_MODELS

Headers = dict[str, str]
DRIVERS = [
    {"name": "promo", "group": "promotion", "effect": 1.5},
    {
        "name": "sentiment:物流",
        "group": "sentiment",
        "effect": -1.0,
        "polarity": "negative",
        "reviews": [7],
    },
]
DIRECTION = {"p_up": 0.7, "brier": 0.2, "brier_base": 0.25, "accuracy": 0.7, "base_rate": 0.5, "n": 60}
REMARK = {"code": "never_seen", "detail": "promo 3 was never seen, only 0, 1", "values": {"seen": [0, 1]}}
LIFT = {"wape_without": 0.3, "wape_with": 0.25, "p_value": 0.01, "q_value": 0.02, "verdict": "helps"}


@pytest.fixture
def sold(session: Session, workspace: Workspace) -> Product:
    made = factories.product(session, workspace)
    factories.sale(session, made, date(2026, 6, 1), 3)
    return made


def ask(client: FlaskClient, headers: Headers, product: Product | int, body: Any = None) -> TestResponse:
    number = product if isinstance(product, int) else product.id
    return client.post(f"/api/v1/products/{number}/forecasts", json=body, headers=headers)


def finish(session: Session, run_id: str) -> ForecastRun:
    run = session.get_one(ForecastRun, UUID(run_id))
    bands = {"lo-80": 1.0, "hi-80": 5.0, "lo-95": 0.0, "hi-95": 7.0}
    outcome = forecasts.Outcome(
        model="Regression",
        points=[{"ds": date(2026, 6, 2), "yhat": 3.0, "bands": bands}],
        drivers=DRIVERS,
        warnings=["promo 3 was never seen, only 0, 1"],
        remarks=[REMARK],
        evidence=[7, 8],
        lift=LIFT,
        coverage={"80": 0.79},
        direction=DIRECTION,
        versions={"features": "1"},
    )
    forecasts.save_outcome(session, run, outcome)
    session.commit()
    return run


def test_a_new_question_starts_a_run(
    client: FlaskClient, analyst: Headers, sold: Product, outbox: Outbox
) -> None:
    answer = ask(client, analyst, sold, {"horizon": 7})
    assert answer.status_code == 202
    run_id = answer.json["id"]
    assert answer.location == f"/api/v1/forecasts/{run_id}"
    assert outbox.sent == [(RUN_FORECAST, (run_id,), "forecast")]
    assert (answer.json["horizon"], answer.json["models"], answer.json["state"]) == (7, "auto", "queued")
    assert answer.json["cutoff"] == "2026-06-01"


def test_every_model_can_be_asked_for_by_name() -> None:
    assert set(MODELS) == {"auto", *catalogue.names((), "")}


def test_no_body_asks_for_the_usual(client: FlaskClient, analyst: Headers, sold: Product) -> None:
    answer = client.post(f"/api/v1/products/{sold.id}/forecasts", headers=analyst)
    assert answer.status_code == 202
    assert (answer.json["horizon"], answer.json["level"]) == (14, [80, 95])


def test_asking_twice_makes_one_run(
    client: FlaskClient, analyst: Headers, sold: Product, outbox: Outbox, session: Session
) -> None:
    first, second = ask(client, analyst, sold, {}), ask(client, analyst, sold, {"level": [80]})
    assert first.json["id"] == second.json["id"]
    assert second.status_code == 202
    assert len(outbox.sent) == 1
    finish(session, first.json["id"])
    third = ask(client, analyst, sold, {})
    assert third.status_code == 200
    assert third.json["points"][0]["yhat"] == 3.0
    assert len(outbox.sent) == 1


def test_a_scenario_is_another_question(
    client: FlaskClient, analyst: Headers, sold: Product, session: Session
) -> None:
    plain = ask(client, analyst, sold, {}).json
    fewer = {"aspect": "物流", "polarity": "negative", "change": -0.3}
    scenario = {"promo": 1, "price": 79.0, "holiday": True, "sentiment": [fewer]}
    scenario |= {"from": "2026-06-02", "to": "2026-06-05"}
    answer = ask(client, analyst, sold, {"scenario": scenario})
    assert answer.status_code == 202
    assert answer.json["id"] != plain["id"]
    assert answer.json["scenario"] == scenario


def test_a_finished_run_holds_its_reasons(
    client: FlaskClient, analyst: Headers, sold: Product, session: Session
) -> None:
    run_id = ask(client, analyst, sold, {}).json["id"]
    finish(session, run_id)
    found = client.get(f"/api/v1/forecasts/{run_id}", headers=analyst).json
    assert found["state"] == "succeeded"
    assert found["model"] == "Regression"
    assert found["points"] == [
        {"ds": "2026-06-02", "yhat": 3.0, "bands": {"lo-80": 1.0, "hi-80": 5.0, "lo-95": 0.0, "hi-95": 7.0}}
    ]
    assert found["drivers"] == DRIVERS
    assert found["warnings"] == ["promo 3 was never seen, only 0, 1"]
    assert found["remarks"] == [REMARK]
    assert found["evidence"] == [7, 8]
    assert found["lift"] == LIFT
    assert found["lags"] == []
    assert found["coverage"] == {"80": 0.79}
    assert found["direction"] == DIRECTION
    assert found["stale"] is False


def test_a_run_says_by_how_many_days_reviews_lead(
    client: FlaskClient, analyst: Headers, sold: Product, session: Session, workspace: Workspace
) -> None:
    run_id = ask(client, analyst, sold, {}).json["id"]
    run = finish(session, run_id)
    values = {"version": "m", "horizon": 14, "cutoff": run.cutoff, "data_version": 0, "path": "m"}
    lags = [{"column": "negative_share", "aspect": "物流", "lag": 3, "q_value": 0.01, "verdict": "leads"}]
    changes = [{"ds": "2026-05-02", "before": 4.0, "after": 9.0}]
    fared = {"product_id": sold.id, "champion": "ARIMA", "metrics": {}, "coverage": {}}
    model = add_model(
        session,
        workspace.id,
        values | {"metrics": {}, "params": {}, "seconds": 1.0},
        [fared | {"findings": {"lags": lags, "changes": changes}}],
    )
    run.model_id = model.id
    session.commit()
    found = client.get(f"/api/v1/forecasts/{run_id}", headers=analyst).json
    assert (found["lags"], found["changes"]) == (lags, changes)


def test_newer_data_makes_it_stale(
    client: FlaskClient, analyst: Headers, sold: Product, session: Session, workspace: Workspace
) -> None:
    run_id = ask(client, analyst, sold, {}).json["id"]
    touch_data(session, workspace.id)
    session.commit()
    assert client.get(f"/api/v1/forecasts/{run_id}", headers=analyst).json["stale"] is True


def test_a_product_that_was_never_sold_is_a_conflict_only_where_nothing_was_or_it_is_nameless(
    client: FlaskClient, analyst: Headers, session: Session, workspace: Workspace
) -> None:
    unsold = factories.product(session, workspace, external_id="NEW1", title="cup")
    answer = ask(client, analyst, unsold, {})
    assert answer.status_code == 409
    assert "has no sales yet" in answer.json["detail"]
    factories.sale(session, factories.product(session, workspace, external_id="OLD"), date(2026, 6, 9), 1)
    assert ask(client, analyst, unsold, {}).status_code == 202
    nameless = factories.product(session, workspace, external_id="NEW2", title="", description="")
    answer = ask(client, analyst, nameless, {})
    assert answer.status_code == 409
    assert "NEW2" in answer.json["detail"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"horizon": 0}, "horizon"),
        ({"horizon": 91}, "horizon"),
        ({"horizon": "soon"}, "horizon"),
        ({"horizon": 1.5}, "horizon"),
        ({"level": [50]}, "level"),
        ({"level": []}, "level"),
        ({"models": "Magic"}, "models"),
        ({"scenario": {"weather": 1}}, "scenario"),
        ({"scenario": {"price": 0}}, "scenario"),
        ({"scenario": {"discount": 2}}, "scenario"),
        ({"scenario": {"holiday": "maybe"}}, "scenario"),
        ({"scenario": {"holiday": 0}}, "scenario"),
        ({"scenario": {"sentiment": []}}, "scenario"),
        ({"scenario": {"sentiment": [{"aspect": "物流", "polarity": "negative", "change": -2}]}}, "scenario"),
        ({"scenario": {"sentiment": [{"aspect": "物流", "polarity": "mixed", "change": 1}]}}, "scenario"),
        ({"seed": 1}, "seed"),
    ],
)
def test_a_wrong_wish_is_named(
    client: FlaskClient, analyst: Headers, sold: Product, body: dict[str, Any], field: str
) -> None:
    answer = ask(client, analyst, sold, body)
    assert answer.status_code == 400
    assert list(answer.json["errors"]) == [field]


def test_foreign_things_are_not_there(
    client: FlaskClient,
    analyst: Headers,
    bearer: Callable[..., Headers],
    sold: Product,
    stranger_workspace: Workspace,
) -> None:
    run_id = ask(client, analyst, sold, {}).json["id"]
    stranger = bearer("analyst", of=stranger_workspace)
    assert ask(client, stranger, sold, {}).status_code == 404
    assert ask(client, analyst, 10**15, {}).status_code == 404
    assert client.get(f"/api/v1/forecasts/{run_id}", headers=stranger).status_code == 404
    assert client.get(f"/api/v1/forecasts/{uuid4()}", headers=analyst).status_code == 404


def test_viewers_read_but_do_not_ask(
    client: FlaskClient, analyst: Headers, viewer: Headers, sold: Product
) -> None:
    run_id = ask(client, analyst, sold, {}).json["id"]
    assert client.get(f"/api/v1/forecasts/{run_id}", headers=viewer).status_code == 200
    assert ask(client, viewer, sold, {}).status_code == 403
    assert client.get(f"/api/v1/forecasts/{run_id}").status_code == 401


class TestRefresh:
    URL = "/api/v1/workspace/refresh"

    def test_it_starts_one_job(
        self, client: FlaskClient, analyst: Headers, session: Session, outbox: Outbox
    ) -> None:
        answer = client.post(self.URL, headers=analyst)
        assert answer.status_code == 202
        job = session.scalars(select(Job)).one()
        assert answer.location == f"/api/v1/jobs/{job.id}"
        assert job.kind == "refresh"
        assert outbox.sent == [(TRAIN_MODELS, (str(job.id),), "forecast")]

    def test_asked_twice_it_is_the_same_job(
        self, client: FlaskClient, analyst: Headers, session: Session
    ) -> None:
        first, second = (client.post(self.URL, headers=analyst).json["id"] for _ in range(2))
        assert first == second

    def test_it_takes_nothing(self, client: FlaskClient, analyst: Headers) -> None:
        answer = client.post(self.URL, json={"models": "LSTM"}, headers=analyst)
        assert answer.status_code == 400
        assert list(answer.json["errors"]) == ["models"]
