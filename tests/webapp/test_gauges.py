from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from storage import gauges
from storage.models import Workspace
from tests.webapp import factories
from webapp.gauges import WorkCollector

DAY = date(2026, 6, 1)


def told(app: Flask) -> dict[str, list[tuple[dict[str, str], float]]]:
    with app.app_context():
        return {
            metric.name: [(sample.labels, sample.value) for sample in metric.samples]
            for metric in WorkCollector().collect()
        }


def test_what_is_not_known_has_no_value_rather_than_zero(app: Flask, workspace: Workspace) -> None:
    found = told(app)
    assert found["fengping_database_up"] == [({}, 1.0)]
    assert found["fengping_forecast_days"] == [({}, 0.0)]
    for name in ("abstain_ratio", "interval_coverage", "forecast_wape", "chunk_seconds", "rows_per_second"):
        assert found[f"fengping_{name}"] == [], name


def test_the_share_of_uncertain_reviews_is_told(app: Flask, session: Session, workspace: Workspace) -> None:
    product = factories.product(session, workspace)
    for step, label in enumerate(("positive", "uncertain", "negative", "positive")):
        factories.review(session, product, day=DAY + timedelta(days=step), label=label, scored_by="1")
    assert told(app)["fengping_abstain_ratio"] == [({}, 0.25)]


def test_half_an_answer_is_no_answer(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(_session: Session) -> None:
        raise OperationalError("SELECT", {}, OSError("no connection"))

    monkeypatch.setattr(gauges, "kept", away)
    assert told(app) == {"fengping_database_up": [({}, 0.0)]}
