"""The panel the forecasters learn from: sales, what reviews said by each day, and the days ahead."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from forecasting import PanelSpec
from storage import features, sales
from storage.errors import NoData
from workers.facts import places, static_columns

SENTIMENT = ("sentiment_mean_7", "negative_share_7", "sentiment_mean_28", "negative_share_28")
# Stars are left out: they say nearly what the text says, and would hide what the text is worth.
COUNTED = ("reviews_7",)
KEY = ["unique_id", "ds"]


@dataclass(frozen=True)
class TrainingPanel:
    """A frame for `forecasting`, with the rows of the days ahead, and how those were filled.

    Attributes
    ----------
    assumptions
        Of each known-ahead column: plan (imported for every day), 0, or last (the last known value).
    sentiment
        The past columns whose worth is measured.
    """

    frame: pd.DataFrame
    spec: PanelSpec
    cutoff: date
    assumptions: dict[str, str]
    sentiment: tuple[str, ...]


def training_panel(
    session: Session,
    workspace_id: int,
    horizon: int,
    product_ids: Collection[int] | None = None,
    *,
    unsold: int | None = None,
) -> TrainingPanel:
    """Load sales and features of some products, or all, through the workspace's last day with sales.

    Parameters
    ----------
    unsold
        A further product, which never sold: it is there without any known ``y``.

    Raises
    ------
    NoData
        There are no sales.
    """
    cutoff = sales.last_day(session, workspace_id)
    if cutoff is None:
        raise NoData(f"workspace {workspace_id} has no sales yet")
    if unsold is not None and product_ids is not None:
        product_ids = [*product_ids, unsold]
    panel = sales.load_panel(session, workspace_id, product_ids=product_ids, cutoff=cutoff)
    sold = panel.frame.groupby("unique_id")["y"].transform("count") > 0
    frame = panel.frame[sold]
    if unsold is not None:
        frame = pd.concat([frame, _unsold(panel, str(unsold), pd.Timestamp(cutoff))], ignore_index=True)
    known = _every_day(frame[frame["ds"] <= pd.Timestamp(cutoff)], pd.Timestamp(cutoff))
    said = _said(features.feature_frame(session, workspace_id, product_ids))
    ahead, assumptions = days_ahead(frame, panel.future, cutoff, horizon)
    full = pd.concat([known.merge(said, on=KEY, how="left"), ahead], ignore_index=True)
    selling = panel.static[panel.static["unique_id"].isin(frame["unique_id"])]
    static = _static(session, workspace_id, selling, panel.future)
    full = full.merge(static, on="unique_id", how="left")
    measured = tuple(name for name in (*COUNTED, *SENTIMENT) if full[name].notna().any())
    spec = PanelSpec(future=panel.future, past=(*panel.past, *measured), static=tuple(static.columns[1:]))
    wanted = [
        *KEY,
        "y",
        *(["stockout"] if "stockout" in full else []),
        *spec.future,
        *spec.past,
        *spec.static,
    ]
    sentiment = tuple(name for name in SENTIMENT if name in measured)
    return TrainingPanel(full[wanted], spec, cutoff, assumptions, sentiment)


def days_ahead(
    frame: pd.DataFrame, columns: tuple[str, ...], cutoff: date, horizon: int
) -> tuple[pd.DataFrame, dict[str, str]]:
    """Fill the known-ahead columns of the days after the cutoff.

    Imported plans stand. Else a column that only ever was 0 or 1 (a promotion) is taken as 0, any
    other (a price) as its last known value.

    Returns
    -------
    DataFrame, dict
        unique_id, ds and the columns, `horizon` rows per series; and what was assumed of each.
    """
    ids = frame["unique_id"].drop_duplicates()
    days = pd.date_range(pd.Timestamp(cutoff) + pd.Timedelta(days=1), periods=horizon, name="ds")
    index = pd.MultiIndex.from_product([ids, days], names=KEY)
    known = frame[frame["ds"] <= pd.Timestamp(cutoff)].sort_values("ds")
    planned = frame.set_index(KEY).reindex(index)[list(columns)]
    assumptions = {}
    for column in columns:
        is_plan = bool(planned[column].notna().all())
        is_flag = bool(known[column].dropna().isin((0.0, 1.0)).all())
        assumptions[column] = "plan" if is_plan else "0" if is_flag else "last"
        if not is_flag:
            last = known.groupby("unique_id")[column].last().reindex(ids)
            planned[column] = planned[column].fillna(pd.Series(np.repeat(last.to_numpy(), horizon), index))
        planned[column] = planned[column].fillna(0.0)
    return planned.reset_index(), assumptions


def _unsold(panel: sales.Panel, unique_id: str, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Return a row at the cutoff for a product that never sold, at its price, and the days planned for it."""
    planned = panel.frame[(panel.frame["unique_id"] == unique_id) & (panel.frame["ds"] > cutoff)]
    price = panel.static.set_index("unique_id").loc[unique_id, "price"]
    known = {"price": price} if "price" in panel.future else {}
    row = pd.DataFrame({"unique_id": [unique_id], "ds": [cutoff], **known})
    return pd.concat([row.reindex(columns=planned.columns), planned]) if len(planned) else row


def _every_day(known: pd.DataFrame, cutoff: pd.Timestamp) -> pd.DataFrame:
    """Give each product a row for every day from its first on: a day without one sold nothing.

    A shop keeps rows of days with sales, and a product that sells on Saturdays only is not a weekly series.
    """
    first = known.groupby("unique_id")["ds"].min()
    days = [pd.date_range(start, cutoff) for start in first]
    index = [first.index.repeat([len(span) for span in days]), np.concatenate(days)]
    full = pd.DataFrame({"unique_id": index[0], "ds": index[1]}).merge(
        known.assign(_given=True), on=KEY, how="left"
    )
    absent = full.pop("_given").isna()
    filled = [name for name in ("y", "stockout") if name in full]
    full.loc[absent, filled] = 0.0
    return full


def _said(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the feature columns that the models get; those a workspace lacks are empty."""
    return frame.reindex(columns=[*KEY, *COUNTED, *SENTIMENT]).astype({"unique_id": str})


def _static(
    session: Session, workspace_id: int, static: pd.DataFrame, future: tuple[str, ...]
) -> pd.DataFrame:
    """Return what never changes of the products of a panel: unique_id, and a column for each fact."""
    placed = places(session, workspace_id, [int(uid) for uid in static["unique_id"]])
    return static_columns(static, future).merge(placed, on="unique_id", how="left")
