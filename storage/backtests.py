"""Trained models of a workspace and how each product fared in the backtest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from storage.models import Backtest, ForecastModel

DEFAULT_HORIZON = 14
KEPT_MODELS = 2


def add_model(
    session: Session, workspace_id: int, values: Mapping[str, Any], backtests: Iterable[Mapping[str, Any]]
) -> ForecastModel:
    """Keep a trained model with its backtests.

    Parameters
    ----------
    values
        Columns of `ForecastModel`.
    backtests
        Columns of `Backtest` but the model's and the workspace's, a row per product.
    """
    model = ForecastModel(workspace_id=workspace_id, **values)
    session.add(model)
    session.flush()
    rows = [{"lift": None, **row, "model_id": model.id, "workspace_id": workspace_id} for row in backtests]
    if rows:
        session.execute(insert(Backtest), rows)
    session.refresh(model)
    return model


def latest_model(
    session: Session, workspace_id: int, *, horizon: int | None = None, models: str = "auto"
) -> ForecastModel | None:
    """Return the newest model, or None.

    Parameters
    ----------
    horizon
        Days it must reach; without one the model of the default horizon is preferred.
    models
        What it was trained for: auto, or the name of one forecaster.
    """
    query = select(ForecastModel).where(
        ForecastModel.workspace_id == workspace_id, ForecastModel.models == models
    )
    if horizon is None:
        query = query.order_by((ForecastModel.horizon == DEFAULT_HORIZON).desc(), ForecastModel.id.desc())
    else:
        query = query.where(ForecastModel.horizon >= horizon).order_by(
            ForecastModel.data_version.desc(), ForecastModel.horizon, ForecastModel.id.desc()
        )
    return session.scalar(query.limit(1))


def get_backtest(
    session: Session, workspace_id: int, product_id: int, model_id: int | None = None
) -> Backtest | None:
    """Return how a product fared under a model, the workspace's newest by default."""
    model = None if model_id is not None else latest_model(session, workspace_id)
    wanted = model_id if model_id is not None else model.id if model else None
    if wanted is None:
        return None
    found = session.get(Backtest, (wanted, product_id))
    return found if found is not None and found.workspace_id == workspace_id else None


def lifts(session: Session, workspace_id: int) -> list[Backtest]:
    """Return the newest model's backtests in which the worth of sentiment was measured."""
    model = latest_model(session, workspace_id)
    if model is None:
        return []
    query = select(Backtest).where(Backtest.model_id == model.id, Backtest.lift.is_not(None))
    return list(session.scalars(query.order_by(Backtest.product_id)))


def drop_old_models(session: Session, model: ForecastModel) -> list[str]:
    """Delete all but the newest models of the same kind; return the folders that may go too."""
    old = (
        select(ForecastModel.id)
        .where(
            ForecastModel.workspace_id == model.workspace_id,
            ForecastModel.horizon == model.horizon,
            ForecastModel.models == model.models,
        )
        .order_by(ForecastModel.id.desc())
        .offset(KEPT_MODELS)
    )
    dropped = session.execute(
        delete(ForecastModel).where(ForecastModel.id.in_(old)).returning(ForecastModel.path)
    )
    return list(dropped.scalars())
