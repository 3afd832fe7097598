from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules, destinations, jobs
from storage.errors import Conflict, NotFound
from storage.models import AlertItem, AlertRule
from tests.storage.factories import make_products
from tests.storage.test_alert_items import seen


def rule(session: Session, workspace_id: int, **values: Any) -> AlertRule:
    return alert_rules.add_rule(session, workspace_id, {"name": "规则", "kind": "stockout"} | values)


def place(session: Session, workspace_id: int) -> int:
    return destinations.add_destination(session, workspace_id, "email", "组", "li@example.com", "sealed").id


def look(session: Session) -> AlertRule | None:
    """Take the next stale rule as a worker does, and note that it has looked."""
    found = alert_rules.take_stale(session)
    if found is None:
        return None
    found[0].checked = found[1]
    session.flush()
    return found[0]


def test_rules_are_listed_oldest_first_with_what_is_not_said(
    session: Session, workspace_id: int, other_id: int
) -> None:
    one, two = (rule(session, workspace_id, name=name) for name in ("b", "a"))
    rule(session, other_id)
    assert alert_rules.list_rules(session, workspace_id) == [one, two]
    session.refresh(one)
    assert (one.sensitivity, one.throttle_hours, one.is_on, one.checked) == (3, 24, True, "")
    assert (one.scope, one.destination_ids, one.quiet_from, one.quiet_to) == ({}, [], None, None)


def test_rules_name_rows_of_their_own_workspace_only(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [mine], [theirs] = (make_products(session, of, "A") for of in (workspace_id, other_id))
    with pytest.raises(NotFound, match=f"product {theirs} "):
        rule(session, workspace_id, scope={"product_ids": [mine, theirs]})
    foreign = place(session, other_id)
    with pytest.raises(NotFound, match=f"destination {foreign}, {foreign + 1} "):
        rule(session, workspace_id, destination_ids=[foreign + 1, foreign])
    assert alert_rules.list_rules(session, workspace_id) == []
    kept = rule(session, workspace_id, scope={"product_ids": [mine]})
    assert kept.scope == {"product_ids": [mine]}
    with pytest.raises(NotFound, match="product"):
        alert_rules.change_rule(session, workspace_id, kept.id, {"scope": {"product_ids": [theirs]}})


def test_a_neighbours_rule_is_not_there(session: Session, workspace_id: int, other_id: int) -> None:
    mine = rule(session, workspace_id)
    for refused in (alert_rules.get_rule, alert_rules.remove_rule):
        with pytest.raises(NotFound):
            refused(session, other_id, mine.id)
    with pytest.raises(NotFound):
        alert_rules.change_rule(session, other_id, mine.id, {"name": "x"})
    assert alert_rules.get_rule(session, workspace_id, mine.id).name == "规则"


@pytest.mark.parametrize("column", ["checked", "workspace_id", "id"])
def test_what_is_not_for_editing_is_named(session: Session, workspace_id: int, column: str) -> None:
    with pytest.raises(ValueError, match=f"no '{column}'"):
        alert_rules.add_rule(session, workspace_id, {"name": "规则", "kind": "stockout", column: "1"})


def test_a_changed_rule_looks_again(session: Session, workspace_id: int) -> None:
    mine = rule(session, workspace_id)
    mine.checked = "seen"
    alert_rules.change_rule(session, workspace_id, mine.id, {"sensitivity": 5})
    assert (mine.checked, mine.sensitivity, mine.name) == ("", 5, "规则")


def test_there_is_an_end_to_rules(session: Session, workspace_id: int, other_id: int) -> None:
    for _ in range(alert_rules.MOST):
        rule(session, workspace_id)
    with pytest.raises(Conflict, match="at most 50"):
        rule(session, workspace_id)
    rule(session, other_id)


def test_what_a_removed_rule_found_stays(session: Session, workspace_id: int) -> None:
    [id] = make_products(session, workspace_id, "A")
    mine = rule(session, workspace_id)
    item, _ = alert_items.see(session, mine, seen(id))
    alert_rules.remove_rule(session, workspace_id, mine.id)
    session.refresh(item)
    assert item.rule_id is None
    assert session.get(AlertItem, item.id) is item


def test_a_destination_that_goes_is_taken_out_of_all_rules_of_its_workspace(
    session: Session, workspace_id: int, other_id: int
) -> None:
    kept, gone, theirs = (place(session, of) for of in (workspace_id, workspace_id, other_id))
    mine = [rule(session, workspace_id, destination_ids=ids) for ids in ([kept, gone], [gone], [])]
    foreign = rule(session, other_id, destination_ids=[theirs])
    for destination_id in (gone, theirs):
        alert_rules.forget_destination(session, workspace_id, destination_id)
    session.expire_all()
    assert [one.destination_ids for one in mine] == [[kept], [], []]
    assert foreign.destination_ids == [theirs]


def test_a_rule_looks_once_at_each_state_of_the_data(session: Session, workspace_id: int) -> None:
    one, two = rule(session, workspace_id), rule(session, workspace_id)
    rule(session, workspace_id, is_on=False)
    assert [look(session), look(session), look(session)] == [one, two, None]
    jobs.touch_data(session, workspace_id)
    session.expire_all()
    assert [look(session), look(session), look(session)] == [one, two, None]


def test_data_of_a_neighbour_makes_no_rule_stale(session: Session, workspace_id: int, other_id: int) -> None:
    rule(session, workspace_id)
    look(session)
    jobs.touch_data(session, other_id)
    assert look(session) is None


@pytest.mark.parametrize(
    ("kind", "state", "stale"),
    [
        ("train", "succeeded", True),
        ("refresh", "succeeded", True),
        ("train", "failed", False),
        ("score", "succeeded", False),
    ],
)
def test_a_rule_looks_again_after_new_forecasts(
    session: Session, workspace_id: int, kind: str, state: str, stale: bool
) -> None:
    mine = rule(session, workspace_id)
    look(session)
    job = jobs.create_job(session, workspace_id, kind)
    job.state, job.finished_at = state, job.created_at
    session.flush()
    assert look(session) == (mine if stale else None)


def test_a_rule_that_no_one_noted_down_is_still_stale(session: Session, workspace_id: int) -> None:
    mine = rule(session, workspace_id)
    first, again = alert_rules.take_stale(session), alert_rules.take_stale(session)
    assert first == again
    assert first is not None
    assert first[0] == mine
