"""Rules look at the stored days of their products; what they see becomes issues and messages."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from alerting import Days, Rule, Signal, effect, signals, strength, units_lost
from settings import Settings
from storage import alert_items, destinations, tenancy
from storage.alert_days import OF_SALES, last_day_of, product_columns, products_in
from storage.alert_items import Sighting
from storage.alert_rules import take_stale
from storage.aspects import english_names
from storage.forecasts import latest_run
from storage.models import AlertItem, AlertRule, Product
from workers.context import Context

log = logging.getLogger(__name__)

MOST = 200
AT_ONCE = 200
LOOK_BACK = 100
WEEK = 7
COUNTED = {"negative_share": "negative", "net_sentiment": "negative", "suspect_burst": "suspects"}


def check_rules(context: Context) -> int:
    """Let every rule that has not seen today's data look at it; return how many did.

    A rule, what it found and what is to be told of it are one transaction: a worker that is killed leaves
    nothing half done, and a second look at the same day finds the same issues.
    """
    for checked in range(MOST):
        with context.sessions.begin() as session:
            found = take_stale(session)
            if found is None:
                return checked
            rule, stamp = found
            tenancy.bind(session, rule.workspace_id)
            seen = check(session, context.settings, rule)
            rule.checked = stamp
        log.info("rule %s saw %s issues", rule.id, seen)
    return MOST


def check(session: Session, settings: Settings, rule: AlertRule) -> int:
    """Look at the last day of the data; return how many issues were seen."""
    day = last_day_of(session, rule.workspace_id, rule.kind)
    if day is None:
        return 0
    seen = 0
    product_ids = products_in(session, rule)
    for start in range(0, len(product_ids), AT_ONCE):
        for sighting in sightings(session, rule, product_ids[start : start + AT_ONCE], day):
            seen += 1
            item, is_news = alert_items.see(session, rule, sighting)
            if is_news and rule.destination_ids and alert_items.may_tell(session, item, rule.throttle_hours):
                _queue(session, settings, rule, item)
    _measure_fixes(session, rule, day)
    alert_items.close_quiet(session, rule.workspace_id, day)
    return seen


def sightings(session: Session, rule: AlertRule, product_ids: Sequence[int], day: date) -> Iterator[Sighting]:
    """Yield what a rule sees of some products on a day."""
    looked, start = Rule(rule.kind, rule.sensitivity, rule.aspect), day - timedelta(days=LOOK_BACK - 1)
    found = product_columns(session, rule.workspace_id, product_ids, start, day, rule.kind)
    for product_id, columns in found.items():
        days = Days(start, columns)
        for signal in signals(looked, days):
            if len(days) and signal.fires[-1]:
                yield _sighting(session, rule, looked, product_id, days, signal, day)


def _sighting(
    session: Session,
    rule: AlertRule,
    looked: Rule,
    product_id: int,
    days: Days,
    signal: Signal,
    day: date,
) -> Sighting:
    run = None if rule.kind in OF_SALES else latest_run(session, rule.workspace_id, product_id)
    verdict = (run.lift or {}).get("verdict") if run else None
    week = (day - timedelta(days=WEEK - 1), day)
    return Sighting(
        product_id=product_id,
        aspect=signal.aspect,
        day=day,
        figures=figures_of(signal),
        strength=strength(signal),
        units_lost=units_lost(looked, signal, days, run.drivers if run else (), verdict),
        evidence=alert_items.evidence_of(
            session, rule.workspace_id, product_id, rule.kind, signal.aspect, week
        ),
    )


def figures_of(signal: Signal) -> dict[str, Any]:
    """Return what a signal compares on the last day, as JSON holds it."""
    values = {name: float(getattr(signal, name)[-1]) for name in ("now", "before", "low", "high")}
    plain: dict[str, Any] = {name: None if math.isnan(value) else value for name, value in values.items()}
    return plain | {"n": int(signal.n[-1]), "n_before": int(signal.n_before[-1])}


def quiet_until(now: datetime, rule: AlertRule) -> datetime | None:
    """Return when the quiet hours that `now`, by the shop's clock, falls into are over; None outside them."""
    start, end = rule.quiet_from, rule.quiet_to
    if start is None or end is None or start == end:
        return None
    inside = start <= now.hour < end if start < end else now.hour >= start or now.hour < end
    if not inside:
        return None
    over = now.replace(hour=end, minute=0, second=0, microsecond=0)
    return over if over > now else over + timedelta(days=1)


def _queue(session: Session, settings: Settings, rule: AlertRule, item: AlertItem) -> None:
    product = session.get_one(Product, item.product_id)
    body = {
        "alert_id": item.id,
        "product_id": item.product_id,
        "product": product.title or product.external_id,
        "kind": item.kind,
        "aspect": item.aspect,
        "aspect_en": english_names(session).get(item.aspect, item.aspect),
        "day": item.last_seen.isoformat(),
        "came_back": item.times > 1,
        "units_lost": item.units_lost,
        **item.figures,
    }
    later = quiet_until(datetime.now(UTC).astimezone(settings.zone), rule)
    for destination_id in rule.destination_ids:
        destinations.queue(session, rule.workspace_id, destination_id, body, later)


def _measure_fixes(session: Session, rule: AlertRule, day: date) -> None:
    """Write what became of the share of complaints after fixes."""
    if rule.kind in OF_SALES:
        return
    for item in alert_items.resolved_lately(session, rule, day):
        fixed = item.resolved_on or day
        start, end = fixed - timedelta(days=27), min(day, fixed + timedelta(days=28))
        ids = [item.product_id]
        columns = product_columns(session, rule.workspace_id, ids, start, end, rule.kind).get(item.product_id)
        column = COUNTED.get(rule.kind, f"complaints:{item.aspect}")
        found = effect(Days(start, columns), column, 27) if columns else None
        if found is not None:
            item.effect = found
    session.flush()
