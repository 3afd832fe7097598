"""Rules of a workspace, and which of them have not yet looked at the data of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import ColumnElement, String, cast, func, select, update
from sqlalchemy.orm import Session

from storage.bulk import storable_data
from storage.errors import Conflict, NotFound
from storage.models import AlertRule, Destination, Job, Product, Workspace
from storage.tenancy import own

MOST = 50
FORECASTING = ("train", "refresh")
EDITABLE = (
    *("name", "kind", "aspect", "sensitivity", "scope", "destination_ids"),
    *("throttle_hours", "quiet_from", "quiet_to", "is_on"),
)


def list_rules(session: Session, workspace_id: int) -> list[AlertRule]:
    """Return a workspace's rules, oldest first."""
    query = select(AlertRule).where(AlertRule.workspace_id == workspace_id)
    return list(session.scalars(query.order_by(AlertRule.id)))


def get_rule(session: Session, workspace_id: int, rule_id: int) -> AlertRule:
    """Return the rule, or raise `NotFound`."""
    return own(session, workspace_id, AlertRule, rule_id, "rule")


def add_rule(session: Session, workspace_id: int, values: Mapping[str, Any]) -> AlertRule:
    """Keep a rule; `Conflict` beyond fifty, `NotFound` for a product or destination of somebody else."""
    if len(list_rules(session, workspace_id)) >= MOST:
        raise Conflict(f"a workspace has at most {MOST} rules")
    rule = AlertRule(workspace_id=workspace_id)
    _write(session, rule, values)
    session.add(rule)
    session.flush()
    return rule


def change_rule(session: Session, workspace_id: int, rule_id: int, values: Mapping[str, Any]) -> AlertRule:
    """Change some columns of a rule; it looks at all products anew."""
    rule = get_rule(session, workspace_id, rule_id)
    _write(session, rule, values)
    rule.checked = ""
    session.flush()
    return rule


def remove_rule(session: Session, workspace_id: int, rule_id: int) -> AlertRule:
    """Delete a rule; what it found stays."""
    rule = get_rule(session, workspace_id, rule_id)
    session.delete(rule)
    session.flush()
    return rule


def forget_destination(session: Session, workspace_id: int, destination_id: int) -> None:
    """Take a destination that goes out of all rules."""
    kept = func.array_remove(AlertRule.destination_ids, destination_id)
    session.execute(
        update(AlertRule).where(AlertRule.workspace_id == workspace_id).values(destination_ids=kept)
    )


def take_stale(session: Session) -> tuple[AlertRule, str] | None:
    """Lock and return a rule of any workspace that has not seen today's data, with the name of that state.

    The caller writes the name into `checked` in the transaction of what the rule found: a worker that is
    killed in between leaves the rule stale.
    """
    stamp = _stamp()
    query = select(AlertRule, stamp).join(Workspace, Workspace.id == AlertRule.workspace_id)
    stale = query.where(AlertRule.is_on, AlertRule.checked != stamp).order_by(AlertRule.id).limit(1)
    found = session.execute(stale.with_for_update(of=AlertRule, skip_locked=True)).one_or_none()
    return (found[0], found[1]) if found else None


def _stamp() -> ColumnElement[str]:
    """Name the state of a workspace's data and of its forecasts."""
    forecast = (
        select(func.max(Job.finished_at))
        .where(Job.workspace_id == Workspace.id, Job.kind.in_(FORECASTING), Job.state == "succeeded")
        .scalar_subquery()
    )
    told = func.coalesce(cast(func.extract("epoch", forecast), String), "")
    return func.concat(Workspace.data_version, " ", told)


def _write(session: Session, rule: AlertRule, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if name not in EDITABLE:
            raise ValueError(f"a rule has no {name!r}; it has {', '.join(EDITABLE)}")
        setattr(rule, name, storable_data(value))
    named = rule.scope.get("product_ids", []) if rule.scope else []
    _check_ids(session, Product, rule.workspace_id, named, "product")
    _check_ids(session, Destination, rule.workspace_id, rule.destination_ids or [], "destination")


def _check_ids(
    session: Session, model: type[Product] | type[Destination], workspace_id: int, ids: list[int], what: str
) -> None:
    query = select(model.id).where(model.workspace_id == workspace_id, model.id.in_(ids))
    missing = sorted(set(ids) - set(session.scalars(query))) if ids else []
    if missing:
        raise NotFound(what, ", ".join(map(str, missing)))
