"""Rules, issues and destinations where they are kept; what they see is tested in tests/workers."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from storage import alert_days, alert_items, alert_rules, destinations
from storage.alert_items import Sighting
from storage.errors import BadCursor, Conflict, NotFound
from storage.models import AlertRule, Backtest, DailyFeature, MarkedDay
from tests.storage.factories import make_model, make_products, make_sales

DAY = date(2026, 6, 10)


def rule(session: Session, workspace_id: int, **values: Any) -> AlertRule:
    return alert_rules.add_rule(session, workspace_id, {"name": "规则", "kind": "stockout"} | values)


def place(session: Session, workspace_id: int) -> int:
    return destinations.add_destination(session, workspace_id, "email", "组", "li@example.com", "sealed").id


def seen(product_id: int, lost: float | None = None, strength: float = 1.0, **values: Any) -> Sighting:
    return Sighting(
        **{"product_id": product_id, "aspect": "", "day": DAY} | values,
        figures={},
        strength=strength,
        units_lost=lost,
    )


def test_issues_are_ranked_by_units_lost_then_by_strength(session: Session, workspace_id: int) -> None:
    ids = make_products(session, workspace_id, "A", "B", "C", "D", "E")
    watched = rule(session, workspace_id)
    costs = [(None, 9.0), (5.0, 1.0), (None, 2.0), (70.0, 0.5), (0.0, 3.0)]
    for id, (lost, strength) in zip(ids, costs, strict=True):
        alert_items.see(session, watched, seen(id, lost, strength))
    found = alert_items.list_items(session, workspace_id, limit=2)
    rest = alert_items.list_items(session, workspace_id, cursor=found.next, limit=3)
    assert [product.external_id for _, product in found.items + rest.items] == ["D", "B", "E", "A", "C"]
    assert rest.next is None
    with pytest.raises(BadCursor):
        alert_items.list_items(session, workspace_id, cursor="x")


def test_one_issue_for_product_kind_and_aspect(session: Session, workspace_id: int) -> None:
    [id] = make_products(session, workspace_id, "A")
    watched, other = rule(session, workspace_id), rule(session, workspace_id)
    first, news = alert_items.see(session, watched, seen(id))
    again, no_news = alert_items.see(session, other, seen(id, day=DAY + timedelta(days=1)))
    assert (first.id, news, no_news, again.times) == (again.id, True, False, 1)
    _, gone = alert_items.see(session, other, seen(id, day=DAY + timedelta(days=12)))
    assert (again.times, gone) == (2, False), "a new spell of an open issue is counted, not told"
    elsewhere, _ = alert_items.see(session, watched, seen(id, aspect="物流"))
    assert elsewhere.id != first.id
    assert alert_items.count_items(session, workspace_id) == {"open": 2}


def test_states_and_neighbours(session: Session, workspace_id: int, other_id: int) -> None:
    [id] = make_products(session, workspace_id, "A")
    item, _ = alert_items.see(session, rule(session, workspace_id), seen(id))
    with pytest.raises(Conflict, match="open, acknowledged"):
        alert_items.set_state(session, workspace_id, item.id, "typo", DAY)
    with pytest.raises(NotFound):
        alert_items.set_state(session, other_id, item.id, "open", DAY)
    alert_items.set_state(session, workspace_id, item.id, "resolved", DAY)
    assert item.resolved_on == DAY
    assert alert_items.list_items(session, workspace_id).items == []
    assert len(alert_items.list_items(session, workspace_id, states=["resolved"]).items) == 1
    alert_items.set_state(session, workspace_id, item.id, "open", DAY)
    assert item.resolved_on is None
    assert alert_items.list_items(session, other_id).items == []


def test_rules_name_rows_of_their_own_workspace_only(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [theirs] = make_products(session, other_id, "A")
    with pytest.raises(NotFound, match="product"):
        rule(session, workspace_id, scope={"product_ids": [theirs]})
    with pytest.raises(NotFound, match="destination"):
        rule(session, workspace_id, destination_ids=[place(session, other_id)])
    with pytest.raises(ValueError, match="no 'checked'"):
        rule(session, workspace_id, checked="x")
    mine = rule(session, workspace_id)
    for refused in (alert_rules.get_rule, alert_rules.remove_rule):
        with pytest.raises(NotFound):
            refused(session, other_id, mine.id)
    with pytest.raises(NotFound):
        alert_rules.change_rule(session, other_id, mine.id, {"name": "x"})


def test_a_changed_rule_looks_again(session: Session, workspace_id: int) -> None:
    mine = rule(session, workspace_id)
    mine.checked = "seen"
    alert_rules.change_rule(session, workspace_id, mine.id, {"sensitivity": 5})
    assert (mine.checked, mine.sensitivity) == ("", 5)


def test_a_destination_that_goes_leaves_the_rules_with_its_messages(
    session: Session, workspace_id: int, other_id: int
) -> None:
    kept, gone = place(session, workspace_id), place(session, workspace_id)
    mine = rule(session, workspace_id, destination_ids=[kept, gone])
    destinations.queue(session, workspace_id, gone, {"test": True})
    with pytest.raises(NotFound):
        destinations.remove_destination(session, other_id, gone)
    destinations.remove_destination(session, workspace_id, gone)
    session.refresh(mine)
    assert mine.destination_ids == [kept]
    assert destinations.last_messages(session, workspace_id) == {}
    with pytest.raises(NotFound):
        destinations.queue(session, workspace_id, gone, {"test": True})


def test_there_is_an_end_to_rules_and_destinations(session: Session, workspace_id: int) -> None:
    for _ in range(destinations.MOST):
        place(session, workspace_id)
    with pytest.raises(Conflict, match="at most 20"):
        place(session, workspace_id)
    with pytest.raises(Conflict, match="wecom, dingtalk"):
        destinations.add_destination(session, workspace_id, "fax", "x", "y", "z")
    for _ in range(alert_rules.MOST):
        rule(session, workspace_id)
    with pytest.raises(Conflict, match="at most 50"):
        rule(session, workspace_id)


def test_columns_hold_what_is_stored(session: Session, workspace_id: int) -> None:
    [id] = make_products(session, workspace_id, "A")
    start = DAY - timedelta(days=19)
    make_sales(session, workspace_id, id, start, [4.0] * 20)
    make_sales(session, workspace_id, id, DAY, [1.0], stockout=1.0)
    shares = {"negative_share": 0.25, "positive_share": 0.5, "suspect_share": 0.25}
    session.add(
        DailyFeature(workspace_id=workspace_id, product_id=id, day=DAY, reviews=8.0, version="1", **shares)
    )
    soon = DAY + timedelta(days=14)
    session.add(MarkedDay(day=soon, name_zh="大促", name_en="Sale", kind="promotion"))
    session.add(MarkedDay(day=DAY, name_zh="大促", name_en="Sale", kind="promotion"))
    cutoff = DAY - timedelta(days=15)
    points = [
        {"ds": str(cutoff + timedelta(days=step)), "cutoff": str(cutoff), "yhat": 5.0, "lo-80": 3.0}
        for step in range(1, 15)
    ]
    make_model(session, workspace_id, id)
    session.query(Backtest).filter_by(product_id=id).one().cv = points
    session.flush()
    said = alert_days.product_columns(session, workspace_id, [id], start, DAY, "negative_share")[id]
    last = {name: float(values[-1]) for name, values in said.items()}
    assert last == {
        **{"units": 1.0, "stockout": 1.0, "special": 1.0, "special_ahead": 1.0},
        **{"reviews": 8.0, "negative": 2.0, "positive": 4.0, "suspects": 2.0},
    }
    told = alert_days.product_columns(session, workspace_id, [id], start, DAY, "below_band")[id]
    assert (told["yhat"][5], told["low"][5]) == (5.0, 3.0)
    assert told["ahead"][(cutoff - start).days] == pytest.approx(70.0)
    assert alert_days.product_columns(session, workspace_id, [], start, DAY, "below_band") == {}


def test_the_last_day_is_that_of_what_is_looked_at(session: Session, workspace_id: int) -> None:
    [id] = make_products(session, workspace_id, "A")
    make_sales(session, workspace_id, id, DAY, [1.0])
    assert alert_days.last_day_of(session, workspace_id, "stockout") == DAY
    assert alert_days.last_day_of(session, workspace_id, "negative_share") is None
