"""What every message that waits to be sent has, wherever it goes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from storage.models.base import Created, Id, Json, Words


class Queued:
    """A message that is tried from `not_before` on until it was taken or given up, at `ended_at`.

    `status` and `error` are what the last try was answered; an empty error means that it was taken.
    """

    id: Mapped[Id]
    body: Mapped[Json]
    attempts: Mapped[int] = mapped_column(server_default="0")
    not_before: Mapped[Created]
    status: Mapped[int | None]
    error: Mapped[Words]
    created_at: Mapped[Created]
    ended_at: Mapped[datetime | None]
