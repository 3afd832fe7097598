"""Issues that rules found: one living row each, ranked by what they cost."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, nulls_last, select, update
from sqlalchemy.orm import Session

from storage.errors import Conflict
from storage.models import ALERT_STATES, AlertItem, AlertRule, Product, Review
from storage.paging import Page, checked_limit, decode_cursor, encode_cursor
from storage.tenancy import own

ACTIVE = ("open", "acknowledged", "fixing")
SPELL = 7
"""Days without being seen after which an issue that is seen again has come back."""
OVER = 14
"""Days without being seen after which an issue is over by itself."""
MOST_EVIDENCE = 20
JUDGED = 60
"""Days after a fix within which its effect is measured."""


@dataclass(frozen=True)
class Sighting:
    """What a rule saw of one product on one day."""

    product_id: int
    aspect: str
    day: date
    figures: Mapping[str, Any]
    strength: float
    units_lost: float | None
    evidence: Collection[int] = ()


def see(session: Session, rule: AlertRule, seen: Sighting) -> tuple[AlertItem, bool]:
    """Write down what a rule saw; return the issue, and whether it is new or has come back.

    Seeing the same day again changes nothing but the figures. An issue that was resolved is opened again by
    a later day, without what was measured of its fix; one that is ignored stays so.
    """
    item = _find(session, rule, seen)
    is_news = item is None
    if item is None:
        item = AlertItem(
            workspace_id=rule.workspace_id,
            product_id=seen.product_id,
            kind=rule.kind,
            aspect=seen.aspect,
            state="open",
            first_seen=seen.day,
            last_seen=seen.day,
        )
        session.add(item)
    elif seen.day > item.last_seen:
        gone = (seen.day - item.last_seen).days > SPELL
        came_back = item.state == "resolved" and (item.resolved_on is None or seen.day > item.resolved_on)
        item.times += gone or came_back
        if came_back:
            item.state, item.resolved_on, item.effect, is_news = "open", None, {}, True
        item.last_seen = seen.day
    item.rule_id, item.figures, item.strength = rule.id, dict(seen.figures), seen.strength
    item.units_lost, item.evidence = seen.units_lost, list(seen.evidence)
    session.flush()
    return item, is_news


def close_quiet(session: Session, workspace_id: int, day: date) -> int:
    """Resolve issues that nobody has seen for two weeks; return how many."""
    closed = session.execute(
        update(AlertItem)
        .where(
            AlertItem.workspace_id == workspace_id,
            AlertItem.state.in_(ACTIVE),
            AlertItem.last_seen < day - timedelta(days=OVER),
        )
        .values(state="resolved", resolved_on=AlertItem.last_seen)
        .returning(AlertItem.id)
    )
    return len(closed.all())


def resolved_lately(session: Session, rule: AlertRule, day: date) -> list[AlertItem]:
    """Return the issues of a rule's kind whose fix is young enough for its effect to be measured."""
    query = select(AlertItem).where(
        AlertItem.workspace_id == rule.workspace_id,
        AlertItem.kind == rule.kind,
        AlertItem.resolved_on.between(day - timedelta(days=JUDGED), day),
    )
    return list(session.scalars(query.order_by(AlertItem.id)))


def may_tell(session: Session, item: AlertItem, hours: int) -> bool:
    """Tell whether an issue may be spoken of again, and if so note that it was."""
    now: datetime = session.scalars(select(func.clock_timestamp())).one()
    if item.told_at is not None and now - item.told_at < timedelta(hours=hours):
        return False
    item.told_at = now
    session.flush()
    return True


def set_state(session: Session, workspace_id: int, item_id: int, state: str, day: date) -> AlertItem:
    """Change the state of an issue.

    Parameters
    ----------
    day
        The last day with data: from the next one on a fix shows.

    Raises
    ------
    NotFound
        No such issue in this workspace.
    Conflict
        There is no such state.
    """
    if state not in ALERT_STATES:
        raise Conflict(f"an alert is {', '.join(ALERT_STATES)}, not {state!r}")
    item = get_item(session, workspace_id, item_id)
    item.state = state
    item.resolved_on, item.effect = (day, {}) if state == "resolved" else (None, {})
    session.flush()
    return item


def get_item(session: Session, workspace_id: int, item_id: int) -> AlertItem:
    """Return the issue, or raise `NotFound`."""
    return own(session, workspace_id, AlertItem, item_id, "alert")


def list_items(
    session: Session,
    workspace_id: int,
    *,
    states: Collection[str] = ACTIVE,
    product_id: int | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[tuple[AlertItem, Product]]:
    """List issues with their products, those that cost most first, then those of unknown cost by strength."""
    offset = decode_cursor(cursor, int)[0] if cursor else 0
    query = _matching(select(AlertItem, Product), workspace_id, states, product_id)
    ranked = query.join(Product, Product.id == AlertItem.product_id).order_by(*_rank())
    found = session.execute(ranked.offset(offset).limit(checked_limit(limit) + 1)).all()
    rows = [(item, product) for item, product in found[:limit]]
    return Page(rows, encode_cursor(offset + limit) if len(found) > limit else None)


def count_items(session: Session, workspace_id: int, product_id: int | None = None) -> dict[str, int]:
    """Count issues by state."""
    query = _matching(select(AlertItem.state, func.count()), workspace_id, ALERT_STATES, product_id)
    found = session.execute(query.group_by(AlertItem.state))
    return {row[0]: row[1] for row in found}


def active_by_product(session: Session, workspace_id: int, product_ids: Collection[int]) -> dict[int, int]:
    """Count the active issues of some products; those without any are left out."""
    query = _matching(select(AlertItem.product_id, func.count()), workspace_id, ACTIVE, None)
    of_these = query.where(AlertItem.product_id.in_(product_ids)).group_by(AlertItem.product_id)
    return {row[0]: row[1] for row in session.execute(of_these)}


def evidence_of(
    session: Session, workspace_id: int, product_id: int, kind: str, aspect: str, days: tuple[date, date]
) -> list[int]:
    """Return the newest reviews behind what a rule saw in some days, none where it speaks of sales."""
    about: dict[str, Any] = {
        "negative_share": Review.label == "negative",
        "net_sentiment": Review.label == "negative",
        "aspect_complaints": Review.aspects.contains([{"category": aspect, "polarity": "negative"}]),
        "suspect_burst": Review.is_suspect,
    }
    if kind not in about:
        return []
    query = select(Review.id).where(
        Review.workspace_id == workspace_id,
        Review.product_id == product_id,
        Review.day.between(*days),
        about[kind],
    )
    return list(session.scalars(query.order_by(Review.day.desc(), Review.id.desc()).limit(MOST_EVIDENCE)))


def _find(session: Session, rule: AlertRule, seen: Sighting) -> AlertItem | None:
    query = select(AlertItem).where(
        AlertItem.workspace_id == rule.workspace_id,
        AlertItem.product_id == seen.product_id,
        AlertItem.kind == rule.kind,
        AlertItem.aspect == seen.aspect,
    )
    return session.scalar(query.with_for_update())


def _matching(
    query: Select[*tuple[Any, ...]], workspace_id: int, states: Collection[str], product_id: int | None
) -> Select[*tuple[Any, ...]]:
    query = query.where(AlertItem.workspace_id == workspace_id, AlertItem.state.in_(states))
    return query if product_id is None else query.where(AlertItem.product_id == product_id)


def _rank() -> tuple[Any, ...]:
    return nulls_last(AlertItem.units_lost.desc()), AlertItem.strength.desc(), AlertItem.id
