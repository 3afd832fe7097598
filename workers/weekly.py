"""The weekly reports: each a snapshot and the job that writes its file, made from Monday 08:00 on."""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta

from sqlalchemy.orm import Session

from reports.words import word
from storage import accounts, chunks, exports, jobs, snapshots, subscriptions
from storage.errors import NoData
from storage.models import Subscription
from storage.products import get_product
from storage.wakeups import Wakeup, wakeups_of
from workers.context import Context

log = logging.getLogger(__name__)

HOUR = time(8)


def weekly_reports(context: Context, now: datetime | None = None) -> int:
    """Start this week's reports that are not made yet; return how many.

    Asked each hour, so that a beat that was away on Monday at eight loses nobody's report.
    """
    week = week_of(now or datetime.now(context.settings.zone))
    with context.sessions() as session:
        wanted = subscriptions.due(session, week)
    wakeups: list[Wakeup] = []
    for workspace_id, subscription_id in wanted:
        with context.within(workspace_id).sessions.begin() as session:
            subscription = subscriptions.take_due(session, subscription_id, week)
            if subscription is not None:
                wakeups += _start(session, subscription, week)
    context.wake(wakeups)
    return len(wakeups)


def week_of(now: datetime) -> date:
    """Return the Monday whose reports are due at a moment of the shop: a new one from 08:00 on."""
    monday = now.date() - timedelta(days=now.weekday())
    return (
        monday if now.replace(tzinfo=None) >= datetime.combine(monday, HOUR) else monday - timedelta(days=7)
    )


def _start(session: Session, subscription: Subscription, week: date) -> list[Wakeup]:
    """Freeze the figures and make the job; somebody who left the workspace gets nothing more."""
    workspace_id = subscription.workspace_id
    if accounts.get_membership(session, workspace_id, subscription.user_id) is None:
        session.delete(subscription)
        return []
    frozen, title = None, word("overview", subscription.language)
    if subscription.product_id is not None:
        product = get_product(session, workspace_id, subscription.product_id)
        title = product.title or product.external_id
        try:
            frozen = snapshots.take(session, product, user_id=subscription.user_id)
        except NoData as error:
            log.info("no weekly report: %s", error)
            return []
    params = {"format": subscription.format, "week": week.isoformat()}
    job = jobs.create_job(session, workspace_id, "export", user_id=subscription.user_id, params=params)
    wishes = {"format": subscription.format, "language": subscription.language}
    name = exports.file_name(title, week, subscription.format)
    exports.add_export(session, job, name, frozen, subscription_id=subscription.id, **wishes)
    return wakeups_of(chunks.pending_chunks(session, workspace_id, job.id))
