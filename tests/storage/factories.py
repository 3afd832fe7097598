"""Rows to test with; every factory takes what matters and makes up the rest."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from storage import accounts, backtests, products, reviews, sales, uploads
from storage.jobs import create_job
from storage.models import DailyFeature, ForecastModel, Job, Workspace

VERSION = "reader-1"
_number = count(1)


def make_workspace(session: Session) -> Workspace:
    return accounts.create_workspace(session, f"workspace {next(_number)} {datetime.now(UTC).timestamp()}")


def make_products(session: Session, workspace_id: int, *external_ids: str, **fields: Any) -> list[int]:
    rows = [{"external_id": name, "title": f"title of {name}", **fields} for name in external_ids]
    products.copy_products(session, workspace_id, rows)
    known = products.ensure_products(session, workspace_id, dict.fromkeys(external_ids))
    return [known[name] for name in external_ids]


def review_row(product_id: int, day: date, **fields: Any) -> dict[str, Any]:
    created_at = datetime(day.year, day.month, day.day, 4, tzinfo=UTC)
    return {
        "product_id": product_id,
        "external_id": f"r{next(_number)}",
        "created_at": created_at,
        "day": day,
        "text": "发货很快",
        "rating": 5.0,
        **fields,
    }


def analysis(label: str = "positive", score: float = 0.8, **parts: Any) -> dict[str, Any]:
    sentiment = {"label": label, "score": score, "negative": 0.1, "neutral": 0.0, "positive": 0.9}
    return {
        "sentiment": sentiment,
        "aspects": [],
        "keywords": [],
        "suspect": {"is_suspect": False, "reasons": []},
        "pii": [],
        "language": "zh",
        **parts,
    }


def aspect(category: str, polarity: str) -> dict[str, Any]:
    return {
        "category": category,
        "aspect": category,
        "opinion": "挺快",
        "polarity": polarity,
        "start": 0,
        "end": 2,
    }


def make_reviews(session: Session, workspace_id: int, rows: Iterable[dict[str, Any]]) -> list[int]:
    """Put reviews in and score each as its row's `analysis` says."""
    ids = []
    for row in rows:
        found = row.pop("analysis", None)
        [(review_id, _)] = reviews.copy_reviews(session, workspace_id, [row])
        if found is not None:
            reviews.save_scores(session, workspace_id, [(review_id, found)], VERSION)
        ids.append(review_id)
    return ids


def make_sales(
    session: Session, workspace_id: int, product_id: int, start: date, units: Iterable[float], **fields: Any
) -> None:
    rows = [
        {"product_id": product_id, "day": start + timedelta(days=step), "units": amount, **fields}
        for step, amount in enumerate(units)
    ]
    sales.copy_sales(session, workspace_id, rows)


def day_of_reviews(workspace_id: int, product_id: int, day: date, bad: int) -> DailyFeature:
    """Make a day of ten reviews, `bad` of them negative and half of them positive."""
    return DailyFeature(
        workspace_id=workspace_id,
        product_id=product_id,
        day=day,
        reviews=10.0,
        negative_share=bad / 10,
        positive_share=0.5,
        suspect_share=0.0,
        version="1",
    )


def make_import(session: Session, workspace_id: int, kind: str = "import_reviews", **fields: Any) -> Job:
    upload = uploads.add_upload(
        session, workspace_id, path="a.csv", original_name="评论.csv", sha256="0" * 64, size=10
    )
    return create_job(session, workspace_id, kind, upload_id=upload.id, **fields)


def make_model(
    session: Session, workspace_id: int, *product_ids: int, lift: dict[str, Any] | None = None, **values: Any
) -> ForecastModel:
    """Keep a model of the default horizon with the same backtest for each product."""
    plain = {
        "version": "v",
        "horizon": backtests.DEFAULT_HORIZON,
        "cutoff": date(2026, 6, 1),
        "data_version": 0,
        "path": f"model-{next(_number)}",
        "metrics": {},
        "params": {},
        "seconds": 1.0,
    }
    fared = {"champion": "ARIMA", "metrics": {}, "lift": lift, "coverage": {}, "cv": []}
    rows = [{"product_id": product_id, **fared} for product_id in product_ids]
    return backtests.add_model(session, workspace_id, {**plain, **values}, rows)
