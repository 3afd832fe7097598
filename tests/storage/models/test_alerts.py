from datetime import date

import pytest
from sqlalchemy.orm import Session

from storage.models import AlertItem, AlertRule, Destination, Message, Product
from storage.models.alerts import ALERT_STATES, CHANNELS
from tests.storage.models.rows import count, put, refusal, remove

DAY = date(2026, 6, 8)
SEEN = {"kind": "aspect_complaints", "aspect": "物流", "first_seen": DAY, "last_seen": DAY}


@pytest.fixture
def product(session: Session, workspace_id: int) -> Product:
    return put(session, Product, workspace_id=workspace_id, external_id="A")


def destination(session: Session, workspace_id: int) -> Destination:
    return put(
        session, Destination, workspace_id=workspace_id, kind="wecom", name="组", sealed="s", shown="…"
    )


def test_a_new_rule_is_on_and_has_looked_at_nothing(session: Session, workspace_id: int) -> None:
    rule = put(session, AlertRule, workspace_id=workspace_id, name="缺货", kind="stockout")
    assert (rule.is_on, rule.checked, rule.sensitivity, rule.throttle_hours) == (True, "", 3, 24)
    assert (rule.scope, rule.destination_ids, rule.quiet_from, rule.quiet_to) == ({}, [], None, None)


def test_an_issue_is_written_once_for_each_product_kind_and_aspect(
    session: Session, product: Product
) -> None:
    issue = {"workspace_id": product.workspace_id, "product_id": product.id, **SEEN}
    row = put(session, AlertItem, **issue)
    assert (row.state, row.times, row.units_lost, row.evidence, row.effect) == ("open", 1, None, [], {})
    assert refusal(session, AlertItem, **issue) == "uq_alert_items_workspace_id_product_id_kind_aspect"
    assert refusal(session, AlertItem, **issue | {"aspect": "质量"}) is None


def test_only_known_states_and_channels_are_kept(session: Session, product: Product) -> None:
    tenant = product.workspace_id
    for state in ALERT_STATES:
        one = {"workspace_id": tenant, "product_id": product.id, **SEEN, "aspect": state, "state": state}
        assert refusal(session, AlertItem, **one) is None
        assert refusal(session, AlertItem, **one | {"state": "closed"}) == "ck_alert_items_state"
    place = {"workspace_id": tenant, "name": "组", "sealed": "s", "shown": "…"}
    assert {refusal(session, Destination, **place, kind=kind) for kind in CHANNELS} == {None}
    assert refusal(session, Destination, **place, kind="fax") == "ck_destinations_kind"


def test_an_issue_outlives_its_rule_but_not_its_product(session: Session, product: Product) -> None:
    rule = put(session, AlertRule, workspace_id=product.workspace_id, name="投诉", kind="aspect_complaints")
    issue = {"workspace_id": product.workspace_id, "product_id": product.id, "rule_id": rule.id, **SEEN}
    row = put(session, AlertItem, **issue)
    remove(session, rule)
    assert session.get_one(AlertItem, row.id).rule_id is None
    remove(session, product)
    assert count(session, AlertItem) == 0


def test_a_destination_takes_what_was_to_be_told_there_with_it(session: Session, workspace_id: int) -> None:
    gone, kept = destination(session, workspace_id), destination(session, workspace_id)
    for one in (gone, kept):
        put(session, Message, workspace_id=workspace_id, destination_id=one.id)
    remove(session, gone)
    assert count(session, Message, workspace_id=workspace_id) == 1
    assert count(session, Message, destination_id=kept.id) == 1
