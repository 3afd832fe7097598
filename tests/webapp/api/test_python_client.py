"""The Python client against the application itself, and against a server that stumbles."""

import json
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import httpx2 as httpx
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from fengping_client import ApiError, Fengping, JobFailed, StillRunning, client, shapes
from storage.models import Workspace
from tests.webapp import factories

Handler = Callable[[httpx.Request], httpx.Response]

SHAPES = [
    "Analysis",
    "Aspect",
    "Day",
    "Driver",
    "Job",
    "Point",
    "Product",
    "Review",
    "Run",
    "Sentiment",
    "Suspect",
]


@pytest.fixture
def shop(app: Flask, bearer: Callable[..., dict[str, str]]) -> Iterator[Fengping]:
    token = bearer("analyst")["Authorization"].removeprefix("Bearer ")
    with Fengping("http://shop", token, transport=httpx.WSGITransport(app=app)) as made:
        yield made


@pytest.fixture
def stumbling(monkeypatch: pytest.MonkeyPatch) -> Callable[[Handler], Fengping]:
    """Return a function that makes a client of a server which answers as told, without waiting."""
    monkeypatch.setattr(client.time, "sleep", lambda _seconds: None)
    return lambda handler: Fengping("http://shop", "fp_x", transport=httpx.MockTransport(handler))


@pytest.mark.parametrize("name", SHAPES)
def test_shapes_are_those_of_the_api(client: FlaskClient, name: str) -> None:
    spec = client.get("/api/v1/openapi.json").json
    assert spec is not None
    assert set(getattr(shapes, name).__annotations__) == set(
        spec["components"]["schemas"][name]["properties"]
    )


def test_products_come_page_by_page(shop: Fengping, session: Session, workspace: Workspace) -> None:
    made = [factories.product(session, workspace, external_id=f"p{n:03}") for n in range(105)]
    session.commit()
    assert {product["id"] for product in shop.products()} == {product.id for product in made}
    assert [product["external_id"] for product in shop.products(q="p007")] == ["p007"]
    assert shop.product(made[0].id)["external_id"] == "p000"
    assert list(shop.daily(made[0].id, date(2026, 1, 1), date(2026, 1, 2))) == []
    assert list(shop.reviews(made[0].id, polarity="negative")) == []


def test_an_import_becomes_a_job(shop: Fengping) -> None:
    rows = [{"product_id": "a", "date": "2026-11-11", "units": 3}]
    job = shop.import_rows("sales", rows, wait=False)
    assert job["state"] == "queued"
    assert [found["id"] for found in shop.jobs()] == [job["id"]]
    assert shop.job(job["id"])["kind"] == "import_sales"


def test_a_file_goes_with_its_mapping(shop: Fengping, tmp_path: Any) -> None:
    path = tmp_path / "评论.csv"
    path.write_text("商品,时间,说了什么\na,2026-11-11,很好\n", encoding="gb18030")
    mapping = {"商品": "product_id", "时间": "created_at", "说了什么": "text"}
    assert shop.import_file("reviews", path, mapping=mapping, wait=False)["kind"] == "import_reviews"


def test_a_refusal_says_what_was_wrong(shop: Fengping) -> None:
    with pytest.raises(ApiError, match="404") as missing:
        shop.product(12345)
    assert missing.value.status == 404
    with pytest.raises(ApiError) as refused:
        shop.analyze([])
    assert "texts" in json.dumps(refused.value.errors)


def test_a_write_is_sent_again_under_the_same_key(stumbling: Callable[[Handler], Fengping]) -> None:
    keys = []

    def handler(asked: httpx.Request) -> httpx.Response:
        keys.append(asked.headers["Idempotency-Key"])
        if len(keys) == 1:
            raise httpx.ConnectError("gone")
        if len(keys) == 2:
            return httpx.Response(503, headers={"Retry-After": "1"})
        return httpx.Response(200, json={"results": [{"keywords": ["物流"]}]})

    assert stumbling(handler).analyze(["物流很快"]) == [{"keywords": ["物流"]}]
    assert len(set(keys)) == 1
    assert len(keys) == 3


def test_a_server_that_stays_away_is_given_up(stumbling: Callable[[Handler], Fengping]) -> None:
    asked: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path)
        return httpx.Response(503, text="<html>")

    with pytest.raises(ApiError, match="503"):
        list(stumbling(handler).jobs())
    assert len(asked) == client.ATTEMPTS


def test_a_long_analysis_is_fetched_when_it_is_done(stumbling: Callable[[Handler], Fengping]) -> None:
    done = {"id": "7", "state": "succeeded", "result_url": "/api/v1/jobs/7/result"}
    answers = iter(
        [
            httpx.Response(202, json={"id": "7", "state": "queued"}),
            httpx.Response(200, json={"id": "7", "state": "running"}),
            httpx.Response(200, json=done),
            httpx.Response(200, json={"results": [{"language": "zh"}]}),
        ]
    )
    assert stumbling(lambda _request: next(answers)).analyze(["好"]) == [{"language": "zh"}]


def test_a_refused_scenario_is_told_with_its_remarks(stumbling: Callable[[Handler], Fengping]) -> None:
    failed = {"id": "7", "state": "failed", "error": "no price", "remarks": [{"code": "unknown_column"}]}
    with pytest.raises(JobFailed, match="no price") as refused:
        stumbling(lambda _request: httpx.Response(202, json=failed)).forecast(1, scenario={"price": 3})
    assert refused.value.found["remarks"] == [{"code": "unknown_column"}]


def test_patience_ends(stumbling: Callable[[Handler], Fengping]) -> None:
    waiting = stumbling(lambda _request: httpx.Response(200, json={"id": "7", "state": "running"}))
    waiting.patience = 0
    with pytest.raises(StillRunning, match="/api/v1/jobs/7"):
        waiting.wait("7")
