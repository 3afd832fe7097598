"""The forecast of a product that never sold: from alike products, and said to be no more than that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
from sqlalchemy.orm import Session

from forecasting.remarks import Remark
from forecasting.unsold import forecast_unsold
from nlp.aggregate import FEATURE_VERSION
from storage import sales
from storage.accounts import get_workspace
from storage.forecasts import Outcome
from storage.models import ForecastRun
from workers.context import Context
from workers.leases import HopelessError
from workers.panel import training_panel

ABLE = ("auto", "Analogues")


def is_unsold(session: Session, run: ForecastRun) -> bool:
    """Tell whether nothing is known to have been sold of a run's product."""
    return sales.last_day(session, run.workspace_id, run.product_id) is None


def unsold_outcome(context: Context, run: ForecastRun) -> tuple[Outcome, date]:
    """Forecast a product that never sold; return what is stored, and the last day of the data it is from.

    It is compared with as many products as one part of a workspace may have, those of its category first.

    Raises
    ------
    HopelessError
        The run asks for a model that needs sales, or for a scenario.
    NoData
        The workspace has no sales.
    """
    _refuse(run)
    with context.sessions() as session:
        most = context.settings.forecast_part_products
        others = sales.alike_products(session, run.workspace_id, run.product_id, most)
        panel = training_panel(session, run.workspace_id, run.horizon, others, unsold=run.product_id)
        version = get_workspace(session, run.workspace_id).data_version
    frame = forecast_unsold(panel.frame, panel.spec, str(run.product_id), run.horizon, run.level)
    sentence = f"it has never sold: this is what {len(others)} other products say of one like it"
    said = Remark("never_sold", sentence, products=len(others))
    outcome = Outcome(
        model=str(frame["model"].iloc[0]),
        points=[point(row, run.level) for row in frame.to_dict("records")],
        assumptions=panel.assumptions,
        warnings=[said],
        remarks=[said.to_json()],
        versions={"features": FEATURE_VERSION, "data": version},
    )
    return outcome, panel.cutoff


def point(row: dict[Any, Any], level: Sequence[int]) -> dict[str, Any]:
    """Return a row of a forecast as it is stored."""
    bands = {f"{side}-{value}": float(row[f"{side}-{value}"]) for value in level for side in ("lo", "hi")}
    return {"ds": pd.Timestamp(row["ds"]).date(), "yhat": float(row["yhat"]), "bands": bands}


def _refuse(run: ForecastRun) -> None:
    if run.models not in ABLE:
        sentence = f"it has never sold: only {' or '.join(ABLE)} can forecast it, not {run.models}"
        raise HopelessError(Remark("never_sold_model", sentence, model=run.models))
    if run.scenario:
        sentence = "it has never sold, so nothing is known of what a scenario would change"
        raise HopelessError(Remark("never_sold_scenario", sentence))
