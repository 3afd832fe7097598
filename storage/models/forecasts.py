"""Trained models, how they fared in the backtest, and what they say about days to come."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from storage.models.base import Base, Created, Id, Json, Owned, Words, one_of

RUN_STATES = ("queued", "running", "succeeded", "failed")
ROLES = ("champion", "challenger")


class ForecastModel(Owned, Base):
    """A model trained on a part of a workspace's products; its artefact lies at `path` among the artifacts.

    A challenger is only watched; a champion speaks.
    """

    __tablename__ = "forecast_models"
    __table_args__ = (CheckConstraint(one_of("role", ROLES), name="role"),)

    id: Mapped[Id]
    version: Mapped[str]
    models: Mapped[str] = mapped_column(server_default="auto")
    part: Mapped[int] = mapped_column(server_default="0")
    role: Mapped[str] = mapped_column(server_default="champion")
    horizon: Mapped[int]
    cutoff: Mapped[date]
    data_version: Mapped[int] = mapped_column(BigInteger)
    feature_version: Mapped[Words]
    path: Mapped[str]
    metrics: Mapped[Json]
    params: Mapped[Json]
    seconds: Mapped[float]
    created_at: Mapped[Created]


class Backtest(Owned, Base):
    """One product's backtest: champion, errors per model, worth of sentiment, the curve, further findings."""

    __tablename__ = "backtests"

    model_id: Mapped[int] = mapped_column(
        ForeignKey("forecast_models.id", ondelete="CASCADE"), primary_key=True
    )
    product_id: Mapped[int] = mapped_column(
        ForeignKey("products.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    champion: Mapped[str]
    metrics: Mapped[Json]
    lift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    coverage: Mapped[Json]
    cv: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    findings: Mapped[Json]

    model: Mapped[ForecastModel] = relationship(lazy="joined")


class ForecastRun(Owned, Base):
    """One forecast of one product; asking for the same twice finds the same row.

    `feature_version` names the state of the data it was asked for, so new data makes a new run. `remarks` say
    by `code` and `values` what the warnings, or the refusal in `error`, say in English.
    """

    __tablename__ = "forecast_runs"
    __table_args__ = (
        UniqueConstraint(
            "product_id",
            "models",
            "horizon",
            "cutoff",
            "feature_version",
            "scenario_hash",
            name="uq_forecast_runs_question",
        ),
        CheckConstraint(one_of("state", RUN_STATES), name="state"),
        Index("ix_forecast_runs_newest", "workspace_id", text("created_at DESC"), text("id DESC")),
        Index("ix_forecast_runs_waiting", "id", postgresql_where=text("state IN ('queued', 'running')")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    workspace_id: Mapped[int] = mapped_column(ForeignKey("workspaces.id", ondelete="CASCADE"))
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id", ondelete="CASCADE"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id", ondelete="SET NULL"))
    model_id: Mapped[int | None] = mapped_column(ForeignKey("forecast_models.id", ondelete="SET NULL"))
    models: Mapped[str]
    horizon: Mapped[int]
    level: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    cutoff: Mapped[date]
    feature_version: Mapped[str]
    scenario: Mapped[Json]
    scenario_hash: Mapped[Words]
    state: Mapped[str] = mapped_column(server_default="queued")
    model: Mapped[Words]
    drivers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    evidence: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), server_default="{}")
    lift: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    coverage: Mapped[Json]
    direction: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    warnings: Mapped[list[str]] = mapped_column(JSONB, server_default="[]")
    remarks: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, server_default="[]")
    assumptions: Mapped[Json]
    versions: Mapped[Json]
    error: Mapped[Words]
    attempts: Mapped[int] = mapped_column(server_default="0")
    leased_by: Mapped[Words]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[Created]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]

    points: Mapped[list[ForecastPoint]] = relationship(
        order_by="ForecastPoint.ds", cascade="all, delete-orphan"
    )


class ForecastPoint(Base):
    """A day to come: the expected units and the bands, e.g. ``{"lo-80": 3.1, "hi-80": 7.4}``."""

    __tablename__ = "forecast_points"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("forecast_runs.id", ondelete="CASCADE"), primary_key=True)
    ds: Mapped[date] = mapped_column(primary_key=True)
    yhat: Mapped[float]
    bands: Mapped[Json]


class MarkedDay(Base):
    """A day the charts mark: 618, 双11, the Spring Festival, a shifted working day."""

    __tablename__ = "marked_days"

    day: Mapped[date] = mapped_column(primary_key=True)
    name_zh: Mapped[str] = mapped_column(primary_key=True)
    name_en: Mapped[str]
    kind: Mapped[str]
