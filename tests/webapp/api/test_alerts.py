from datetime import date
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules
from storage.alert_items import Sighting
from storage.models import AlertItem, Workspace
from tests.webapp import factories

DAY = date(2026, 6, 10)


@pytest.fixture
def item(session: Session, workspace: Workspace) -> AlertItem:
    product = factories.product(session, workspace)
    factories.sale(session, product, DAY, 3.0)
    rule = alert_rules.add_rule(session, workspace.id, {"name": "Stock", "kind": "stockout"})
    made, _ = alert_items.see(session, rule, Sighting(product.id, "", DAY, {"now": 0.4}, 1.0, 35.0, [7]))
    session.commit()
    return made


def test_issues_are_listed_for_viewers(client: FlaskClient, viewer: Any, item: AlertItem) -> None:
    found = client.get("/api/v1/alerts", headers=viewer).get_json()
    [alert] = found["items"]
    assert found["next"] is None
    assert (alert["id"], alert["product_id"], alert["state"]) == (item.id, item.product_id, "open")
    assert (alert["units_lost"], alert["evidence"], alert["figures"]) == (35.0, [7], {"now": 0.4})
    assert client.get("/api/v1/alerts?state=resolved", headers=viewer).get_json()["items"] == []
    assert client.get("/api/v1/alerts?product_id=0", headers=viewer).get_json()["items"] == []
    for wrong in ("state=typo", "limit=0", "further=1", "product_id=x"):
        assert client.get(f"/api/v1/alerts?{wrong}", headers=viewer).status_code == 400


def test_analysts_change_the_state_and_viewers_do_not(
    client: FlaskClient, viewer: Any, analyst: Any, item: AlertItem
) -> None:
    address = f"/api/v1/alerts/{item.id}"
    assert client.patch(address, json={"state": "fixing"}, headers=viewer).status_code == 403
    once = {**analyst, "Idempotency-Key": "once"}
    for _ in range(2):
        answer = client.patch(address, json={"state": "resolved"}, headers=once)
        assert answer.status_code == 200
        assert (answer.get_json()["state"], answer.get_json()["resolved_on"]) == ("resolved", "2026-06-10")
    assert client.patch(address, json={"state": "typo"}, headers=analyst).status_code == 400
    assert client.patch("/api/v1/alerts/999999", json={"state": "open"}, headers=analyst).status_code == 404
