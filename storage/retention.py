"""How long a workspace keeps what, in days; what is older goes each night."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from storage import replaced
from storage.models import Job, LoginAttempt, OrderLine, Review, Upload, Workspace

KINDS = ("reviews", "customers", "uploads", "jobs")
MOST_DAYS = 36500
LOGIN_DAYS = 90
ENDED = ("succeeded", "failed", "cancelled")


def set_retention(session: Session, workspace: Workspace, days: Mapping[str, int]) -> None:
    """Say after how many days each kind goes; a kind that is left out stays.

    Raises
    ------
    ValueError
        A kind is unknown or its days are not within 1 … 36,500.
    """
    wrong = [kind for kind, number in days.items() if kind not in KINDS or not 1 <= number <= MOST_DAYS]
    if wrong:
        raise ValueError(f"not a kind with days within 1 and {MOST_DAYS}: {', '.join(wrong)}")
    workspace.retention = dict(days)
    session.flush()


def apply(
    session: Session, workspace: Workspace, now: datetime | None = None
) -> tuple[dict[str, int], list[str]]:
    """Delete what is too old; return how many rows of each kind, and the uploaded files that must go too."""
    now, counts, files = now or datetime.now(UTC), dict[str, int](), list[str]()
    for kind, days in workspace.retention.items():
        before = now - timedelta(days=days)
        if kind == "uploads":
            files = _uploads(session, workspace.id, before)
            counts[kind] = len(files)
        else:
            counts[kind] = REMOVE[kind](session, workspace.id, before)
    return {kind: count for kind, count in counts.items() if count}, files


def forget_logins(session: Session) -> int:
    """Delete tries to log in older than ninety days."""
    before = datetime.now(UTC) - timedelta(LOGIN_DAYS)
    return _gone(session, delete(LoginAttempt).where(LoginAttempt.at < before))


def _reviews(session: Session, workspace_id: int, before: datetime) -> int:
    """Delete reviews that arrived before; the features of their days stay."""
    old = (Review.workspace_id == workspace_id, Review.day < before.date())
    return _gone(session, delete(Review).where(*old))


def _customers(session: Session, workspace_id: int, before: datetime) -> int:
    replaced.unname_before(session, workspace_id, before)
    old = (OrderLine.workspace_id == workspace_id, OrderLine.ordered_at < before, OrderLine.customer_id != "")
    return _gone(session, update(OrderLine).where(*old).values(customer_id=""))


def _jobs(session: Session, workspace_id: int, before: datetime) -> int:
    old = (Job.workspace_id == workspace_id, Job.finished_at < before, Job.state.in_(ENDED))
    return _gone(session, delete(Job).where(*old))


def _uploads(session: Session, workspace_id: int, before: datetime) -> list[str]:
    """Forget files sent before; those of a job that is not over stay."""
    busy = select(Job.upload_id).where(
        Job.workspace_id == workspace_id, Job.state.not_in(ENDED), Job.upload_id.is_not(None)
    )
    old = (Upload.workspace_id == workspace_id, Upload.created_at < before, Upload.path != "")
    paths = list(session.scalars(select(Upload.path).where(*old, Upload.id.not_in(busy))))
    _gone(session, update(Upload).where(*old, Upload.id.not_in(busy)).values(path=""))
    return paths


def _gone(session: Session, statement: Any) -> int:
    done: Any = session.execute(statement, execution_options={"synchronize_session": False})
    return int(done.rowcount)


REMOVE: dict[str, Callable[[Session, int, datetime], int]] = {
    "reviews": _reviews,
    "customers": _customers,
    "jobs": _jobs,
}
