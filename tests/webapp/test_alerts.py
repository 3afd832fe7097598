from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules
from storage.alert_items import Sighting
from storage.errors import Conflict
from storage.models import AlertItem, AuditEntry, Workspace
from tests.webapp import factories
from webapp.alerts import USUAL, add_usual_rules, change_state

SEEN = date(2026, 6, 8)


@pytest.fixture(autouse=True)
def at_the_command_line(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


@pytest.fixture
def item(session: Session, workspace: Workspace) -> AlertItem:
    rule = alert_rules.add_rule(session, workspace.id, {"name": "缺货", "kind": "stockout"})
    product = factories.product(session, workspace)
    sighting = Sighting(product.id, aspect="", day=SEEN, figures={}, strength=1.0, units_lost=None)
    return alert_items.see(session, rule, sighting)[0]


def entries(session: Session, workspace: Workspace) -> list[AuditEntry]:
    found = session.scalars(select(AuditEntry).where(AuditEntry.workspace_id == workspace.id))
    return sorted(found, key=lambda entry: entry.place)


def test_a_fix_counts_from_the_last_day_with_data(session: Session, item: AlertItem) -> None:
    assert change_state(session, item, "resolved").resolved_on == SEEN, "no day yet: the issue's own"
    product = factories.product(session, session.get_one(Workspace, item.workspace_id))
    factories.sale(session, product, SEEN + timedelta(days=3), 1.0)
    assert change_state(session, item, "resolved").resolved_on == SEEN + timedelta(days=3)


def test_who_moved_an_issue_from_what_to_what_is_noted(
    session: Session, workspace: Workspace, item: AlertItem
) -> None:
    change_state(session, item, "fixing")
    [entry] = entries(session, workspace)
    assert (entry.action, entry.target) == ("alert.state", f"stockout  {item.product_id}")
    assert (entry.before, entry.after) == ({"state": "open"}, {"state": "fixing"})
    assert entry.actor.startswith("command line")


def test_a_state_that_is_none_changes_and_notes_nothing(
    session: Session, workspace: Workspace, item: AlertItem
) -> None:
    with pytest.raises(Conflict, match="closed"):
        change_state(session, item, "closed")
    assert item.state == "open"
    assert entries(session, workspace) == []


def test_only_kinds_that_a_workspace_lacks_are_added(
    session: Session, workspace: Workspace, stranger_workspace: Workspace, item: AlertItem
) -> None:
    added = add_usual_rules(session, workspace.id, str.upper)
    assert [rule.kind for rule in added] == [kind for kind in USUAL if kind != "stockout"]
    assert {rule.name: rule.sensitivity for rule in added} == {
        kind.upper(): sensitivity for kind, sensitivity in USUAL.items() if kind != "stockout"
    }
    assert [(rule.scope, rule.destination_ids) for rule in added] == [({}, [])] * 3
    assert [entry.target for entry in entries(session, workspace)] == [rule.name for rule in added]
    assert add_usual_rules(session, workspace.id, str.upper) == []
    assert alert_rules.list_rules(session, stranger_workspace.id) == []
