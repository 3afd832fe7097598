"""The rules by role, with what one would have said."""

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import alert_rules, destinations
from storage.models import AuditEntry, Product, Workspace
from tests.webapp.pages.factories import fill_days


def test_the_slider_shows_how_often_the_rule_would_have_spoken_and_how_often_for_nothing(
    session: Session, reader: FlaskClient, product: Product
) -> None:
    fill_days(session, product)
    found = reader.get("/alerts/rules/backtest?kind=negative_share&sensitivity=3").text
    # Two spells in the 200 days of one product: three weeks that stayed, two days that went.
    assert "<dd>0.30</dd>" in found
    assert re.search(r"False alarms</dt><dd>50% <small>\d+% – \d+%</small>", found)
    assert re.search(r"Judged</dt><dd>2 <small>of 2 alarms", found)
    assert found.count("<li>") == 2
    assert "more than 2.6 standard errors" in found
    calm = reader.get("/alerts/rules/backtest?kind=negative_share&sensitivity=1").text
    assert "more than 4.0 standard errors" in calm
    assert calm.count("<li>") <= 2
    assert "No stored days yet" in reader.get("/alerts/rules/backtest?kind=negative_share&category=none").text


@pytest.mark.parametrize(
    "query",
    [
        *("kind=typo", "kind=stockout&sensitivity=9", "kind=stockout&sensitivity=x"),
        *("throttle_hours=-1", "quiet_from=24", "product=nobody", "destination=x"),
    ],
)
def test_what_the_form_cannot_send_is_refused(reader: FlaskClient, query: str) -> None:
    assert reader.get(f"/alerts/rules/backtest?{query}").status_code == 400
    fields = dict(pair.split("=") for pair in query.split("&"))
    assert reader.post("/alerts/rules/new", data=fields).status_code == 400


def test_a_rule_is_kept_changed_and_removed(
    session: Session, workspace: Workspace, reader: FlaskClient, product: Product
) -> None:
    sealed = "sealed"
    told = destinations.add_destination(
        session, workspace.id, "wecom", "Group", "https://qyapi.weixin.qq.com/x?key=abcdefgh", sealed
    )
    session.commit()
    form = {
        **{"kind": "aspect_complaints", "aspect": "物流", "sensitivity": "4", "product": product.external_id},
        **{"destination": [str(told.id)], "throttle_hours": "12", "quiet_from": "22", "quiet_to": "8"},
    }
    assert reader.post("/alerts/rules/new", data=form).status_code == 302
    [rule] = alert_rules.list_rules(session, workspace.id)
    assert (rule.name, rule.kind, rule.aspect) == ("Complaints about 物流 rise", "aspect_complaints", "物流")
    assert (rule.scope, rule.destination_ids) == ({"product_ids": [product.id]}, [told.id])
    assert (rule.sensitivity, rule.throttle_hours, rule.quiet_from, rule.quiet_to) == (4, 12, 22, 8)
    page = reader.get(f"/alerts/rules/{rule.id}").text
    assert f'name="destination" value="{told.id}" checked' in page
    assert f'value="{product.external_id}"' in page
    assert "abcdefgh" not in page
    reader.post(f"/alerts/rules/{rule.id}", data={"kind": "stockout", "name": "Empty", "is_on": "no"})
    session.expire_all()
    assert (rule.name, rule.kind, rule.is_on, rule.scope) == ("Empty", "stockout", False, {})
    assert "Empty" in reader.get("/alerts/rules").text
    reader.post(f"/alerts/rules/{rule.id}/remove")
    assert alert_rules.list_rules(session, workspace.id) == []
    acts = set(session.scalars(select(AuditEntry.action)))
    assert {"alert_rule.add", "alert_rule.change", "alert_rule.remove"} <= acts


def test_a_neighbours_destination_cannot_be_told(
    session: Session, stranger_workspace: Workspace, reader: FlaskClient
) -> None:
    theirs = destinations.add_destination(
        session, stranger_workspace.id, "email", "Theirs", "li@example.com", "sealed"
    )
    session.commit()
    answer = reader.post("/alerts/rules/new", data={"kind": "stockout", "destination": [str(theirs.id)]})
    assert answer.status_code == 404


def test_the_usual_rules_are_added_once(session: Session, workspace: Workspace, reader: FlaskClient) -> None:
    assert "Add the usual rules" in reader.get("/alerts/rules").text
    for _ in range(2):
        reader.post("/alerts/rules/usual")
    kinds = [rule.kind for rule in alert_rules.list_rules(session, workspace.id)]
    assert kinds == ["negative_share", "aspect_complaints", "below_band", "stockout"]
