"""Training jobs: when they may start, and the nightly round."""

from __future__ import annotations

import logging
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from forecasting.calendar import marked_days
from storage import accounts, audit, chunks, destinations, exports, jobs, marks, retention, sign_ins, webhooks
from storage.digests import request_digests
from storage.erasure import remove_files
from storage.idempotency import forget_keys
from storage.models import Job
from storage.retention import forget_logins
from storage.sales import known_days
from storage.wakeups import Wakeup, wakeups_of
from workers.context import Context
from workers.forecasts import forecast_all
from workers.leases import WAIT_SECONDS, Assignment, finish, work_on_job
from workers.months import keep_months
from workers.parts import plan_parts
from workers.stages import ENOUGH_DAYS
from workers.telling import Telling
from workers.training import Question, ensure_model

log = logging.getLogger(__name__)

# After this long a refresh no longer waits for imports to end.
PATIENCE = timedelta(minutes=30)
MARKED_YEARS = (10, 2)
# A cookie lives for thirty days.
SESSION_DAYS = 31


def train_models(context: Context, job_id: UUID) -> bool:
    """Do the next chunk of a training job, unless data is still coming in."""
    if must_wait(context, job_id):
        return False
    return work_on_job(context, job_id, _train_or_forecast)


def must_wait(context: Context, job_id: UUID) -> bool:
    """Put off a refresh while other jobs still change the workspace's data."""
    with context.sessions.begin() as session:
        job = session.get(Job, job_id)
        if job is None or job.kind != "refresh" or job.stage != "train":
            return False
        if datetime.now(UTC) - job.created_at > PATIENCE or not jobs.changing_data(session, job.workspace_id):
            return False
        for chunk in chunks.pending_chunks(session, job.workspace_id, job_id):
            chunks.postpone(session, chunk.id, WAIT_SECONDS)
    return True


def nightly_refresh(context: Context) -> int:
    """Start the night's work in every workspace: re-score, rebuild, sum up, train, forecast."""
    wakeups: list[Wakeup] = []
    old: list[str] = []
    keep_months(context, datetime.now(UTC))
    with context.sessions.begin() as session:
        keep_marks(session, datetime.now(context.settings.zone).date())
        forget_keys(session)
        jobs.forget_texts(session)
        forget_logins(session)
        sign_ins.forget_old(session, SESSION_DAYS)
        webhooks.forget_deliveries(session)
        destinations.forget_messages(session)
        for workspace in accounts.list_workspaces(session):
            counts, files = retention.apply(session, workspace)
            if counts:
                audit.record(session, workspace.id, audit.Actor("retention"), "retention", after=counts)
            old += files
            exports.forget_old(session, workspace.id)
            kinds = ["score"]
            if known_days(session, workspace.id) >= ENOUGH_DAYS:
                kinds.append("refresh")
            for kind in kinds:
                job = jobs.create_job(session, workspace.id, kind)
                wakeups += wakeups_of(chunks.pending_chunks(session, workspace.id, job.id))
            job = request_digests(session, workspace.id)
            wakeups += wakeups_of(chunks.pending_chunks(session, workspace.id, job.id))
    remove_files(context.settings, old)
    with context.sessions() as session:
        for workspace in accounts.list_workspaces(session):
            exports.remove_orphans(session, context.settings, workspace.id)
    context.wake(wakeups)
    return len(wakeups)


def keep_marks(session: Session, today: date) -> int:
    """Keep the calendar's marked days for the charts, ten years back and two ahead."""
    back, ahead = MARKED_YEARS
    start, end = date(today.year - back, 1, 1), date(today.year + ahead, 12, 31)
    return marks.replace_marks(session, start, end, marked_days(start, end))


def _train_or_forecast(assignment: Assignment) -> None:
    if assignment.chunk.stage == "forecast":
        forecast_all(assignment)
    elif "part" in assignment.chunk.payload:
        _train(assignment)
    else:
        plan_parts(assignment)


def _train(assignment: Assignment) -> None:
    question = Question(assignment.workspace_id, part=assignment.chunk.payload["part"])
    told = Telling(assignment)
    ensure_model(assignment.context, question, anew=assignment.job.kind == "train", told=told)
    told.end()
    with assignment.context.sessions.begin() as session:
        keep_marks(session, datetime.now(assignment.context.settings.zone).date())
        wake = finish(session, assignment)
    wake()
