"""Changing the state of an issue and adding the usual rules, by page, API and command line alike."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from storage import alert_items, alert_rules
from storage.alert_days import last_day_of
from storage.models import AlertItem, AlertRule
from webapp.auth.audit import note

# Of a dozen aspects one is always out of the ordinary: the rule that looks at each is less sensitive.
USUAL = {"negative_share": 3, "aspect_complaints": 2, "below_band": 3, "stockout": 3}


def change_state(session: Session, item: AlertItem, state: str) -> AlertItem:
    """Bring an issue into a state from the last day with data on, and note who did; not yet committed."""
    before = item.state
    day = last_day_of(session, item.workspace_id, item.kind) or item.last_seen
    changed = alert_items.set_state(session, item.workspace_id, item.id, state, day)
    target = f"{item.kind} {item.aspect} {item.product_id}"
    note(session, item.workspace_id, "alert.state", target, before={"state": before}, after={"state": state})
    return changed


def add_usual_rules(session: Session, workspace_id: int, name: Callable[[str], str]) -> list[AlertRule]:
    """Add the usual rules of kinds that a workspace has none of, over all products, telling nobody yet.

    Parameters
    ----------
    name : callable
        Names a kind in the reader's language.
    """
    have = {rule.kind for rule in alert_rules.list_rules(session, workspace_id)}
    added = []
    for kind, sensitivity in USUAL.items():
        if kind not in have:
            values = {"name": name(kind), "kind": kind, "sensitivity": sensitivity}
            added.append(alert_rules.add_rule(session, workspace_id, values))
            note(session, workspace_id, "alert_rule.add", values["name"], after=values)
    return added
