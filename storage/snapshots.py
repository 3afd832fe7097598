"""A product's report frozen: the figures of a moment as plain JSON, with a hash of its text."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any, cast

from sqlalchemy.orm import Session

from storage.aspects import english_names
from storage.errors import NoData
from storage.forecasts import get_backtest, latest_run
from storage.marks import marked_days
from storage.models import Backtest, ForecastRun, Product, Snapshot
from storage.overview import AspectRow, Cutoff, DayPoint, aspects, daily_series, data_cutoff, kpis
from storage.scope import Scope
from storage.tenancy import own

FORMAT = 1
AHEAD = timedelta(days=60)
DAYS = 30
DAY_COLUMNS = ("units", "revenue", "price", "promo", "stockout", "reviews", "positive", "negative")
BANDS = ("lo-80", "hi-80", "lo-95", "hi-95")


def take(
    session: Session,
    product: Product,
    span: tuple[date, date] | None = None,
    *,
    user_id: int | None = None,
    scope: Scope | None = None,
    comparison: Mapping[str, Any] | None = None,
    against: str = "",
    conclusion: Sequence[str] = (),
) -> Snapshot:
    """Freeze what is stored of a product's report, and keep it.

    Parameters
    ----------
    span
        First and last day of the period; the last 30 days with data by default.
    scope, comparison
        Which reviews count and what is compared with, as `storage.overview.kpis` takes them.
    against, conclusion
        The name of what is compared with where it is not the period before, and the sentence on top of the
        page, clause by clause, in the language of whoever asks.

    Raises
    ------
    NoData
        The product has neither a sale nor a review.
    """
    composed = compose(session, product, span, scope or {}, comparison or {})
    figures = {**composed, "against": against, "conclusion": list(conclusion)}
    body = canonical(figures)
    row = Snapshot(
        workspace_id=product.workspace_id,
        product_id=product.id,
        body=body,
        hash=hash_of(body),
        created_by=user_id,
    )
    session.add(row)
    session.flush()
    return row


def get_snapshot(session: Session, workspace_id: int, snapshot_id: int) -> Snapshot:
    """Return the snapshot, or raise `NotFound`."""
    return own(session, workspace_id, Snapshot, snapshot_id, "snapshot")


def figures_of(snapshot: Snapshot) -> dict[str, Any]:
    """Read a snapshot's figures, with its hash beside them."""
    return {**json.loads(snapshot.body), "hash": snapshot.hash}


def canonical(figures: Mapping[str, Any]) -> str:
    """Write figures as JSON with sorted keys and no blanks: the same figures are the same text."""
    return json.dumps(
        _plain(figures), sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False
    )


def hash_of(body: str) -> str:
    """Return the SHA-256 of a snapshot's text."""
    return hashlib.sha256(body.encode()).hexdigest()


def compose(
    session: Session,
    product: Product,
    span: tuple[date, date] | None,
    scope: Scope,
    comparison: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the figures of a product's report; `NoData` where it has neither a sale nor a review."""
    workspace_id = product.workspace_id
    cutoff = data_cutoff(session, workspace_id, product.id)
    last = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=None)
    if last is None:
        raise NoData(f"product {product.external_id} has neither a sale nor a review yet")
    start, end = span or (last - timedelta(days=DAYS - 1), last)
    first = cutoff.first or last
    run = latest_run(session, workspace_id, product.id)
    backtest = get_backtest(session, workspace_id, product.id)
    figures = kpis(session, workspace_id, product.id, start=start, end=end, **scope, **comparison)
    return {
        "format": FORMAT,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "product": {
            "id": product.external_id,
            **{name: getattr(product, name) for name in ("title", "category", "brand", "shop")},
        },
        "period": {"start": start, "end": end},
        "scope": scope,
        "cutoff": _cutoff(cutoff, run),
        "kpis": asdict(figures),
        "days": [
            _day(point)
            for point in daily_series(session, workspace_id, product.id, start=first, end=last, **scope)
        ],
        "marks": [
            [mark.day, mark.name_zh, mark.name_en] for mark in marked_days(session, first, end + AHEAD)
        ],
        "forecast": _forecast(run),
        "backtest": _backtest(backtest, run),
        "aspect_names": english_names(session),
        "aspects": [
            _aspect(row) for row in aspects(session, workspace_id, product.id, start=start, end=end, **scope)
        ],
    }


def _cutoff(cutoff: Cutoff, run: ForecastRun | None) -> dict[str, date | None]:
    return {"sales": cutoff.sales, "reviews": cutoff.reviews, "forecast": run.cutoff if run else None}


def _day(point: DayPoint) -> list[Any]:
    """Return day, the named columns, and the mean score of seven days."""
    return [point.day, *(getattr(point, name) for name in DAY_COLUMNS), point.sentiment_7]


def _forecast(run: ForecastRun | None) -> dict[str, Any] | None:
    if run is None:
        return None
    return {
        "model": run.model,
        "made_at": run.finished_at or run.created_at,
        "points": [
            [point.ds, point.yhat, *(point.bands.get(band) for band in BANDS)] for point in run.points
        ],
        "drivers": [
            {name: driver.get(name, "") for name in ("name", "group", "polarity", "effect")}
            for driver in run.drivers
        ],
        "assumptions": run.assumptions,
        "direction": run.direction,
        "remarks": run.remarks,
        "versions": run.versions,
    }


def _backtest(backtest: Backtest | None, run: ForecastRun | None) -> dict[str, Any]:
    """Return how models fared; lift and coverage are of the forecast shown, else of the backtest."""
    return {
        "champion": backtest.champion if backtest else None,
        "metrics": backtest.metrics if backtest else {},
        "lift": (run.lift if run else None) or (backtest.lift if backtest else None),
        "coverage": (run.coverage if run else None) or (backtest.coverage if backtest else {}),
    }


def _aspect(row: AspectRow) -> dict[str, Any]:
    return {name: value for name, value in asdict(row).items() if name != "spark"}


def _plain(value: Any) -> Any:
    """Return a value as JSON can say it: days as text, whole amounts as they are, NaN as unknown."""
    if isinstance(value, Mapping):
        return {str(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    if isinstance(value, Decimal):
        value = float(value)
    return None if isinstance(value, float) and not math.isfinite(value) else cast(Any, value)
