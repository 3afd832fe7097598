"""Work as rows: a job, its chunks, and what it refused. The broker only wakes workers."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship
from sqlalchemy.types import Text

from storage.models.base import Base, Created, Id, Json, Owned, Words, one_of

IMPORT_KINDS = ("import_reviews", "import_products", "import_sales", "import_orders")
KINDS = (*IMPORT_KINDS, "score", "analyze", "train", "refresh", "digest", "undo", "export")
JOB_STATES = ("queued", "running", "succeeded", "failed", "cancelled")
STAGES = ("import", "score", "suspects", "daily", "analyze", "train", "forecast", "digest", "undo", "export")
CHUNK_STATES = ("pending", "running", "done", "quarantined", "cancelled")


class Upload(Owned, Base):
    """A file as it was sent, untouched; `path` is relative to the uploads folder."""

    __tablename__ = "uploads"

    id: Mapped[Id]
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    path: Mapped[str]
    original_name: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[Created]


class Job(Owned, Base):
    """Something a user asked for; its state is derived from its chunks."""

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(one_of("kind", KINDS), name="kind"),
        CheckConstraint(one_of("state", JOB_STATES), name="state"),
        Index("ix_jobs_newest", "workspace_id", text("created_at DESC"), text("id DESC")),
        Index("ix_jobs_active", "state", postgresql_where=text("state IN ('queued', 'running')")),
        Index(
            "uq_jobs_waiting",
            "workspace_id",
            "kind",
            unique=True,
            postgresql_where=text("state = 'queued' AND kind IN ('score', 'train', 'refresh', 'digest')"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="SET NULL"))
    upload_id: Mapped[int | None] = mapped_column(ForeignKey("uploads.id"))
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="queued")
    stage: Mapped[str]
    params: Mapped[Json]
    result: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    total: Mapped[int | None]
    error: Mapped[Words]
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    upload: Mapped[Upload | None] = relationship(lazy="joined")


class Chunk(Owned, Base):
    """A short, idempotent piece of a job, owned by one worker until `lease_until`.

    `cursor` is what an import has committed (the last line); `rows` is the size,
    of which `done`, `failed` and `duplicates` are through.
    """

    __tablename__ = "chunks"
    __table_args__ = (
        CheckConstraint(one_of("stage", STAGES), name="stage"),
        CheckConstraint(one_of("state", CHUNK_STATES), name="state"),
        Index("ix_chunks_job", "job_id", "stage", "state"),
        Index("ix_chunks_waiting", "id", postgresql_where=text("state IN ('pending', 'running')")),
    )

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    stage: Mapped[str]
    state: Mapped[str] = mapped_column(server_default="pending")
    payload: Mapped[Json]
    cursor: Mapped[int] = mapped_column(server_default="0")
    rows: Mapped[int] = mapped_column(server_default="0")
    done: Mapped[int] = mapped_column(server_default="0")
    failed: Mapped[int] = mapped_column(server_default="0")
    duplicates: Mapped[int] = mapped_column(server_default="0")
    attempts: Mapped[int] = mapped_column(server_default="0")
    leased_by: Mapped[Words]
    lease_until: Mapped[datetime | None]
    not_before: Mapped[datetime | None]
    error: Mapped[Words]
    created_at: Mapped[Created]
    finished_at: Mapped[datetime | None]


class Refusal(Owned, Base):
    """A row of a file that did not go in, and why: `code` is `ingest`'s name of the reason."""

    __tablename__ = "refusals"
    __table_args__ = (Index("ix_refusals_job_line", "job_id", "line", "id"),)

    id: Mapped[Id]
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    job_id: Mapped[UUID] = mapped_column(ForeignKey("jobs.id", ondelete="CASCADE"))
    line: Mapped[int]
    column: Mapped[Words]
    value: Mapped[Words]
    code: Mapped[str]


class WorkerHeartbeat(Base):
    """A living worker process and the queues it serves."""

    __tablename__ = "worker_heartbeats"

    name: Mapped[str] = mapped_column(primary_key=True)
    queues: Mapped[list[str]] = mapped_column(ARRAY(Text), server_default="{}")
    pid: Mapped[int]
    started_at: Mapped[datetime]
    seen_at: Mapped[Created]
