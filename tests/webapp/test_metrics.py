import os
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage import heartbeats, jobs
from storage.models import Workspace
from tests.webapp import factories


def read(client: FlaskClient) -> dict[tuple[str, frozenset[tuple[str, str]]], float]:
    answer = client.get("/metrics")
    assert answer.status_code == 200
    assert answer.mimetype == "text/plain"
    families = text_string_to_metric_families(answer.text)
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


def labels(**values: str) -> frozenset[tuple[str, str]]:
    return frozenset(values.items())


def test_requests_are_counted_by_route_not_by_address(client: FlaskClient) -> None:
    for number in (1, 2, 3):
        client.get(f"/api/v1/products/{number}")
    found = read(client)
    by_route = labels(method="GET", route="/api/v1/products/<int:product_id>", status="401")
    assert found["fengping_requests_total", by_route] == 3


def test_requests_are_timed(client: FlaskClient) -> None:
    client.get("/healthz")
    found = read(client)
    assert found["fengping_request_seconds_count", labels(method="GET", route="/healthz")] == 1


def test_addresses_that_do_not_exist_make_no_new_series(client: FlaskClient) -> None:
    for number in range(5):
        client.get(f"/api/v1/nothing/{number}")
    found = read(client)
    assert found["fengping_requests_total", labels(method="GET", route="(none)", status="404")] == 5


def test_methods_nobody_knows_make_no_new_series(client: FlaskClient) -> None:
    for method in ("FOO", "BAR"):
        client.open("/healthz", method=method)
    found = read(client)
    assert found["fengping_requests_total", labels(method="(other)", route="(none)", status="405")] == 2


def test_jobs_and_workers_are_shown(client: FlaskClient, session: Session, workspace: Workspace) -> None:
    factories.job(session, workspace)
    factories.job(session, workspace, state="failed")
    heartbeats.beat(session, "nlp@a", ["nlp"], 1, datetime.now(UTC))
    heartbeats.beat(session, "both@a", ["nlp", "forecast"], 2, datetime.now(UTC))
    session.commit()
    found = read(client)
    assert found["fengping_jobs", labels(kind="analyze", state="queued")] == 1
    assert found["fengping_jobs", labels(kind="analyze", state="failed")] == 1
    assert found["fengping_workers", labels(queue="nlp")] == 2
    assert found["fengping_workers", labels(queue="forecast")] == 1
    assert found["fengping_chunks", labels(stage="analyze", state="pending")] == 2
    assert found["fengping_oldest_chunk_seconds", labels(stage="analyze")] < 60
    assert found["fengping_forecast_days", labels()] == 0
    assert found["fengping_database_up", labels()] == 1


def test_requests_are_told_also_while_the_database_is_away(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(_session: Session) -> None:
        raise OperationalError("SELECT", {}, OSError("no connection"))

    monkeypatch.setattr(jobs, "job_counts", away)
    client.get("/healthz")
    found = read(client)
    assert found["fengping_database_up", labels()] == 0
    assert found["fengping_request_seconds_count", labels(method="GET", route="/healthz")] == 1


def test_processes_add_up_where_they_share_a_folder(tmp_path: Path) -> None:
    program = """
from flask import Flask
from webapp.metrics import RequestMetrics
from prometheus_client import generate_latest
app, measured = Flask("x"), RequestMetrics()
with app.test_request_context("/"):
    measured.start()
    measured.finish(app.response_class())
print(generate_latest(measured.of_all_processes()).decode())
"""
    environment = {**os.environ, "PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for wanted in (1.0, 2.0):
        command = [sys.executable, "-c", program]
        shown = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout
        assert f'fengping_requests_total{{method="GET",route="(none)",status="200"}} {wanted}' in shown


def test_two_apps_do_not_share_their_counts(client: FlaskClient) -> None:
    client.get("/healthz")
    key = ("fengping_requests_total", labels(method="GET", route="/healthz", status="200"))
    assert read(client)[key] == 1
