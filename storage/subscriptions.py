"""Who gets which report each week, and which of this week are still to be made."""

from __future__ import annotations

from datetime import date

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from storage.destinations import get_destination
from storage.errors import NotFound
from storage.models import Destination, Export, Membership, Subscription


def subscribe(
    session: Session,
    workspace_id: int,
    user_id: int,
    product_id: int | None,
    *,
    format: str,
    language: str,
    week: date,
    destination_id: int | None = None,
) -> Subscription:
    """Keep somebody's wish for a report each week; asked for again, it is changed.

    Parameters
    ----------
    product_id
        None for the overview of all products.
    week
        The Monday of this week: the first report is of the next one.
    destination_id
        Where it is told of; None lists it on its page and nowhere else.

    Raises
    ------
    NotFound
        The destination is not one of the workspace.
    """
    if destination_id is not None:
        get_destination(session, workspace_id, destination_id)
    wishes = {"format": format, "language": language, "destination_id": destination_id}
    keys = {"workspace_id": workspace_id, "user_id": user_id, "product_id": product_id}
    made = session.execute(
        insert(Subscription)
        .values(**keys, **wishes, sent_for=week)
        .on_conflict_do_update(index_elements=["user_id", "workspace_id", "product_id"], set_=wishes)
        .returning(Subscription.id)
    ).scalar_one()
    return session.scalars(
        select(Subscription).where(Subscription.id == made).execution_options(populate_existing=True)
    ).one()


def list_subscriptions(session: Session, workspace_id: int, user_id: int) -> list[Subscription]:
    """Return what somebody gets each week from a workspace."""
    query = select(Subscription).where(
        Subscription.workspace_id == workspace_id, Subscription.user_id == user_id
    )
    return list(session.scalars(query.order_by(Subscription.id)))


def unsubscribe(session: Session, workspace_id: int, user_id: int, subscription_id: int) -> Subscription:
    """End a weekly report of one's own; `NotFound` for that of another."""
    row = session.get(Subscription, subscription_id)
    if row is None or (row.workspace_id, row.user_id) != (workspace_id, user_id):
        raise NotFound("subscription", subscription_id)
    session.delete(row)
    session.flush()
    return row


def due(session: Session, week: date) -> list[tuple[int, int]]:
    """Return (workspace, id) of the subscriptions, of all workspaces, whose report of a week is not made."""
    query = select(Subscription.workspace_id, Subscription.id)
    query = query.where(or_(Subscription.sent_for.is_(None), Subscription.sent_for < week))
    return [(row[0], row[1]) for row in session.execute(query.order_by(Subscription.id))]


def take_due(session: Session, subscription_id: int, week: date) -> Subscription | None:
    """Mark a week's report as made and return the subscription; None where somebody else was faster."""
    query = select(Subscription).where(
        Subscription.id == subscription_id, func.coalesce(Subscription.sent_for, date.min) < week
    )
    row = session.scalar(query.with_for_update(of=Subscription, skip_locked=True))
    if row is not None:
        row.sent_for = week
        session.flush()
    return row


def told_at(session: Session, export: Export) -> int | None:
    """Return the destination that is told of a weekly report; it stays until the end of the transaction.

    None for a file that somebody asked for, one whose subscription ended or names no destination, and one
    of somebody who left the workspace.
    """
    member = (Membership.user_id == Subscription.user_id, Membership.workspace_id == export.workspace_id)
    query = (
        select(Destination.id)
        .join(Subscription, Subscription.destination_id == Destination.id)
        .join(Membership, and_(*member))
        .where(Subscription.id == export.subscription_id, Subscription.workspace_id == export.workspace_id)
        .where(Destination.workspace_id == export.workspace_id)
    )
    return session.scalar(query.with_for_update(of=Destination, read=True, key_share=True))
