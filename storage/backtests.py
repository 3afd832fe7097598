"""Trained models of a workspace and how each product fared in the backtest."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select
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
    session: Session,
    workspace_id: int,
    *,
    horizon: int = DEFAULT_HORIZON,
    models: str = "auto",
    part: int = 0,
) -> ForecastModel | None:
    """Return the newest champion for a part of the products, or None.

    Parameters
    ----------
    horizon
        Days it must reach.
    models
        What it was trained for: auto, or the name of one forecaster.
    part
        Which part of the workspace's products.
    """
    query = select(ForecastModel).where(
        ForecastModel.workspace_id == workspace_id,
        ForecastModel.models == models,
        ForecastModel.part == part,
        ForecastModel.role == "champion",
        ForecastModel.horizon >= horizon,
    )
    newest = (ForecastModel.data_version.desc(), ForecastModel.horizon, ForecastModel.id.desc())
    return session.scalar(query.order_by(*newest).limit(1))


def challenger_of(session: Session, champion: ForecastModel) -> ForecastModel | None:
    """Return the model that is watched beside a champion of its kind, or None."""
    return session.scalar(
        select(ForecastModel)
        .where(*_kind(champion), ForecastModel.part == champion.part, ForecastModel.role == "challenger")
        .order_by(ForecastModel.id.desc())
        .limit(1)
    )


def get_backtest(
    session: Session, workspace_id: int, product_id: int, model_id: int | None = None
) -> Backtest | None:
    """Return how a product fared under a model, by default the newest champion of the default horizon."""
    query = select(Backtest).where(Backtest.workspace_id == workspace_id, Backtest.product_id == product_id)
    if model_id is not None:
        return session.scalar(query.where(Backtest.model_id == model_id))
    query = query.join(ForecastModel, ForecastModel.id == Backtest.model_id)
    query = query.where(ForecastModel.models == "auto", ForecastModel.role == "champion")
    preferred = ((ForecastModel.horizon == DEFAULT_HORIZON).desc(), ForecastModel.id.desc())
    return session.scalar(query.order_by(*preferred).limit(1))


def drop_old_models(session: Session, model: ForecastModel, parts: int = 1) -> list[str]:
    """Delete models that are needed no more; return the folders that may go too.

    The newest champions of each part stay, and of a part's challengers the newest with the
    champion that it is compared with (``params["beside"]``).

    Parameters
    ----------
    model
        The newest champion.
    parts
        How many parts there are now; models of further ones go.
    """
    here = select(ForecastModel).where(*_kind(model), ForecastModel.part == model.part)
    newest = here.order_by(ForecastModel.id.desc())
    champions = session.scalars(newest.where(ForecastModel.role == "champion").limit(KEPT_MODELS))
    kept = [champion.id for champion in champions]
    challenger = challenger_of(session, model)
    if challenger is not None:
        kept += [challenger.id, challenger.params.get("beside", challenger.id)]
    gone = or_(
        and_(ForecastModel.part == model.part, ForecastModel.id.not_in(kept)), ForecastModel.part >= parts
    )
    dropped = session.execute(delete(ForecastModel).where(*_kind(model), gone).returning(ForecastModel.path))
    return list(dropped.scalars())


def _kind(model: ForecastModel) -> tuple[ColumnElement[bool], ...]:
    return (
        ForecastModel.workspace_id == model.workspace_id,
        ForecastModel.horizon == model.horizon,
        ForecastModel.models == model.models,
    )
