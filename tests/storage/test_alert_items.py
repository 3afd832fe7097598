"""Issues where they are kept; what rules see is tested in tests/workers/test_alerts.py."""

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage import alert_items, alert_rules
from storage.alert_items import MOST_EVIDENCE, OVER, SPELL, Sighting
from storage.errors import BadCursor, Conflict, NotFound
from storage.models import AlertItem, AlertRule
from tests.storage.factories import analysis, aspect, make_products, make_reviews, review_row

DAY = date(2026, 6, 10)


def after(days: int) -> date:
    return DAY + timedelta(days=days)


@pytest.fixture
def product_id(session: Session, workspace_id: int) -> int:
    return make_products(session, workspace_id, "A")[0]


@pytest.fixture
def rule(session: Session, workspace_id: int) -> AlertRule:
    return add_rule(session, workspace_id)


@pytest.fixture
def item(session: Session, rule: AlertRule, product_id: int) -> AlertItem:
    return alert_items.see(session, rule, seen(product_id))[0]


def add_rule(session: Session, workspace_id: int, kind: str = "stockout") -> AlertRule:
    return alert_rules.add_rule(session, workspace_id, {"name": "规则", "kind": kind})


def seen(product_id: int, day: date = DAY, **values: Any) -> Sighting:
    plain = {"aspect": "", "figures": {}, "strength": 1.0, "units_lost": None}
    return Sighting(**{"product_id": product_id, "day": day} | plain | values)


def ranked(session: Session, workspace_id: int, **asked: Any) -> list[str]:
    page = alert_items.list_items(session, workspace_id, **asked)
    return [product.external_id for _, product in page.items]


def test_issues_are_ranked_by_units_lost_then_by_strength(
    session: Session, workspace_id: int, rule: AlertRule
) -> None:
    ids = make_products(session, workspace_id, "A", "B", "C", "D", "E")
    costs = [(None, 9.0), (5.0, 1.0), (None, 2.0), (70.0, 0.5), (0.0, 3.0)]
    for id, (lost, strength) in zip(ids, costs, strict=True):
        alert_items.see(session, rule, seen(id, units_lost=lost, strength=strength))
    found = alert_items.list_items(session, workspace_id, limit=2)
    rest = alert_items.list_items(session, workspace_id, cursor=found.next, limit=3)
    assert [product.external_id for _, product in found.items + rest.items] == ["D", "B", "E", "A", "C"]
    assert rest.next is None
    assert ranked(session, workspace_id, product_id=ids[2]) == ["C"]
    with pytest.raises(BadCursor):
        alert_items.list_items(session, workspace_id, cursor="x")
    with pytest.raises(ValueError, match="1 to 1000"):
        alert_items.list_items(session, workspace_id, limit=0)


def test_one_issue_for_product_kind_and_aspect(
    session: Session, workspace_id: int, rule: AlertRule, product_id: int
) -> None:
    other = add_rule(session, workspace_id)
    first, news = alert_items.see(session, rule, seen(product_id))
    again, no_news = alert_items.see(session, other, seen(product_id, after(1)))
    assert (first.id, news, no_news, again.times) == (again.id, True, False, 1)
    elsewhere, _ = alert_items.see(session, rule, seen(product_id, aspect="物流"))
    otherwise, _ = alert_items.see(
        session, add_rule(session, workspace_id, "forecast_falls"), seen(product_id)
    )
    assert len({first.id, elsewhere.id, otherwise.id}) == 3
    assert alert_items.count_items(session, workspace_id) == {"open": 3}


def test_the_same_day_again_brings_figures_only(
    session: Session, rule: AlertRule, product_id: int, item: AlertItem
) -> None:
    _, news = alert_items.see(
        session, rule, seen(product_id, figures={"now": 2}, units_lost=3.0, evidence=[7])
    )
    assert (item.figures, item.units_lost, item.evidence) == ({"now": 2}, 3.0, [7])
    assert (news, item.times, item.first_seen, item.last_seen) == (False, 1, DAY, DAY)
    alert_items.see(session, rule, seen(product_id, after(-3)))
    assert (item.times, item.first_seen, item.last_seen) == (1, DAY, DAY), "an older day ends no spell"


@pytest.mark.parametrize(("gap", "times"), [(SPELL, 1), (SPELL + 1, 2)])
def test_a_new_spell_of_an_open_issue_is_counted_and_no_news(
    session: Session, rule: AlertRule, product_id: int, item: AlertItem, gap: int, times: int
) -> None:
    _, news = alert_items.see(session, rule, seen(product_id, after(gap)))
    assert (item.times, item.last_seen, news) == (times, after(gap), False)


@pytest.mark.parametrize("gap", [0, 2])
def test_a_resolved_issue_stays_so_up_to_the_day_of_its_fix(
    session: Session, workspace_id: int, rule: AlertRule, product_id: int, item: AlertItem, gap: int
) -> None:
    alert_items.set_state(session, workspace_id, item.id, "resolved", after(2))
    _, news = alert_items.see(session, rule, seen(product_id, after(gap)))
    assert (item.state, item.times, item.resolved_on, news) == ("resolved", 1, after(2), False)


def test_an_issue_that_comes_back_is_news_and_no_longer_fixed(
    session: Session, workspace_id: int, rule: AlertRule, product_id: int, item: AlertItem
) -> None:
    alert_items.set_state(session, workspace_id, item.id, "resolved", DAY)
    item.effect = {"after": 0.1}
    _, news = alert_items.see(session, rule, seen(product_id, after(1)))
    session.refresh(item)
    assert (item.state, item.times, news) == ("open", 2, True)
    assert (item.resolved_on, item.effect) == (None, {})
    assert alert_items.resolved_lately(session, rule, after(1)) == []


@pytest.mark.parametrize("state", ["ignored", "acknowledged", "fixing"])
def test_an_issue_that_is_ignored_or_being_worked_on_stays_so(
    session: Session, workspace_id: int, rule: AlertRule, product_id: int, item: AlertItem, state: str
) -> None:
    alert_items.set_state(session, workspace_id, item.id, state, DAY)
    _, news = alert_items.see(session, rule, seen(product_id, after(30)))
    assert (item.state, news) == (state, False)


def test_states_and_neighbours(session: Session, workspace_id: int, other_id: int, item: AlertItem) -> None:
    with pytest.raises(Conflict, match="open, acknowledged"):
        alert_items.set_state(session, workspace_id, item.id, "typo", DAY)
    for refused in (
        lambda: alert_items.get_item(session, other_id, item.id),
        lambda: alert_items.set_state(session, other_id, item.id, "resolved", DAY),
    ):
        with pytest.raises(NotFound, match=f"alert {item.id}"):
            refused()
    alert_items.set_state(session, workspace_id, item.id, "resolved", DAY)
    item.effect = {"after": 0.1}
    assert item.resolved_on == DAY
    assert ranked(session, workspace_id) == []
    assert ranked(session, workspace_id, states=["resolved"]) == ["A"]
    alert_items.set_state(session, workspace_id, item.id, "open", DAY)
    assert (item.resolved_on, item.effect) == (None, {})


def test_a_neighbour_sees_and_counts_nothing(
    session: Session, workspace_id: int, other_id: int, product_id: int, item: AlertItem
) -> None:
    assert ranked(session, other_id) == []
    assert alert_items.count_items(session, other_id) == {}
    assert alert_items.active_by_product(session, other_id, [product_id]) == {}
    assert alert_items.close_quiet(session, other_id, after(99)) == 0
    alert_items.set_state(session, workspace_id, item.id, "resolved", DAY)
    assert alert_items.resolved_lately(session, add_rule(session, other_id), DAY) == []


def test_active_issues_are_counted_by_product(session: Session, workspace_id: int, rule: AlertRule) -> None:
    busy, over, quiet = make_products(session, workspace_id, "A", "B", "C")
    for name in ("物流", "包装"):
        alert_items.see(session, rule, seen(busy, aspect=name))
    ended, _ = alert_items.see(session, rule, seen(over))
    alert_items.set_state(session, workspace_id, ended.id, "ignored", DAY)
    assert alert_items.active_by_product(session, workspace_id, [busy, over, quiet]) == {busy: 2}
    assert alert_items.active_by_product(session, workspace_id, []) == {}
    assert alert_items.count_items(session, workspace_id, over) == {"ignored": 1}


@pytest.mark.parametrize(("days", "closed"), [(OVER, 0), (OVER + 1, 1)])
def test_what_nobody_sees_for_two_weeks_is_over_since_it_was_seen_last(
    session: Session, workspace_id: int, item: AlertItem, days: int, closed: int
) -> None:
    assert alert_items.close_quiet(session, workspace_id, after(days)) == closed
    session.refresh(item)
    assert (item.state, item.resolved_on) == (("resolved", DAY) if closed else ("open", None))


def test_what_is_ignored_or_resolved_is_not_closed_again(
    session: Session, workspace_id: int, item: AlertItem
) -> None:
    for state, day in (("ignored", None), ("resolved", after(5))):
        alert_items.set_state(session, workspace_id, item.id, state, after(5))
        assert alert_items.close_quiet(session, workspace_id, after(99)) == 0
        session.refresh(item)
        assert (item.state, item.resolved_on) == (state, day)


@pytest.mark.parametrize(("days", "found"), [(-1, False), (0, True), (60, True), (61, False)])
def test_a_fix_is_judged_for_sixty_days(
    session: Session, workspace_id: int, rule: AlertRule, item: AlertItem, days: int, found: bool
) -> None:
    alert_items.set_state(session, workspace_id, item.id, "resolved", DAY)
    assert alert_items.resolved_lately(session, rule, after(days)) == ([item] if found else [])
    assert alert_items.resolved_lately(session, add_rule(session, workspace_id, "negative_share"), DAY) == []


@pytest.mark.parametrize(("minutes", "told"), [(59, False), (61, True)])
def test_an_issue_is_spoken_of_once_within_the_hours(
    session: Session, item: AlertItem, minutes: int, told: bool
) -> None:
    assert alert_items.may_tell(session, item, 1), "the first time"
    assert not alert_items.may_tell(session, item, 1)
    assert alert_items.may_tell(session, item, 0), "no hours, no silence"
    now = session.scalars(select(func.clock_timestamp())).one()
    before = item.told_at = now - timedelta(minutes=minutes)
    assert alert_items.may_tell(session, item, 1) is told
    assert (item.told_at > before) is told, "only what is told begins the hours anew"


def test_evidence_is_what_the_kind_speaks_of_newest_first(
    session: Session, workspace_id: int, other_id: int, product_id: int
) -> None:
    bad = analysis("negative", -0.9, aspects=[aspect("物流", "negative")])
    good = analysis(aspects=[aspect("物流", "positive")])
    rows = [(0, bad), (3, good), (1, bad), (7, bad), (6, analysis("negative", -0.5))]
    ids = make_reviews(
        session, workspace_id, [review_row(product_id, after(-ago), analysis=of) for ago, of in rows]
    )
    week = (after(-6), DAY)

    def found(kind: str, aspect: str = "", of: int = workspace_id) -> list[int]:
        return alert_items.evidence_of(session, of, product_id, kind, aspect, week)

    assert found("negative_share") == found("net_sentiment") == [ids[0], ids[2], ids[4]]
    assert found("aspect_complaints", "物流") == [ids[0], ids[2]]
    assert found("aspect_complaints", "包装") == found("suspect_burst") == found("stockout") == []
    assert found("negative_share", of=other_id) == []
    make_reviews(session, workspace_id, [review_row(product_id, DAY, analysis=bad) for _ in range(30)])
    assert len(found("negative_share")) == MOST_EVIDENCE
