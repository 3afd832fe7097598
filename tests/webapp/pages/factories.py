"""Products with days, reviews, forecasts and backtests, written straight into the tables."""

import math
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from storage import jobs, months
from storage.backtests import add_model
from storage.forecasts import data_stamp
from storage.models import (
    Chunk,
    ForecastPoint,
    ForecastRun,
    Job,
    MarkedDay,
    Product,
    Refusal,
    Review,
    Sale,
    Upload,
)
from tests.storage.factories import day_of_reviews

LAST = date(2026, 11, 20)
TEXTS = {
    "positive": "收到货很满意，质量比想象中好，物流也快。",
    "negative": "打开有一股异味，晾了三天还在，客服也不回复。",
    "neutral": "中规中矩，和描述差不多。",
}


def make_product(session: Session, workspace_id: int, external_id: str = "P1", **values: Any) -> Product:
    product = Product(
        workspace_id=workspace_id, external_id=external_id, **{"title": "空气炸锅 5L", **values}
    )
    session.add(product)
    session.flush()
    return product


def make_sales(session: Session, product: Product, days: int = 90, level: float = 40.0) -> None:
    """Sell `level` a day with a weekly wave, a 双11 peak and a stock-out three weeks before the end."""
    for back in range(days):
        day = LAST - timedelta(days=back)
        units = level * (1 + 0.25 * math.sin(day.weekday())) * (3 if (day.month, day.day) == (11, 11) else 1)
        empty = back in (20, 21)
        session.add(
            Sale(
                workspace_id=product.workspace_id,
                product_id=product.id,
                day=day,
                units=0.0 if empty else float(round(units)),
                stockout=float(empty),
            )
        )
    session.flush()


def make_review(
    session: Session, product: Product, day: date = LAST, label: str = "positive", **values: Any
) -> Review:
    number = session.query(Review).filter_by(workspace_id=product.workspace_id).count()
    months.make(session, [day])
    review = Review(
        workspace_id=product.workspace_id,
        product_id=product.id,
        external_id=f"r{number}",
        user_key=f"buyer {number}",
        created_at=datetime(day.year, day.month, day.day, 4, 30, tzinfo=UTC),
        day=day,
        label=label,
        score={"positive": 0.9, "negative": -0.9}.get(label, 0.0),
        scored_by="test-1",
        **{
            "text": TEXTS.get(label, TEXTS["neutral"]),
            "rating": {"positive": 5.0, "negative": 1.0}.get(label, 3.0),
        }
        | values,
    )
    session.add(review)
    session.flush()
    return review


def make_forecast(session: Session, product: Product, daily: float = 45.0, **values: Any) -> ForecastRun:
    run = ForecastRun(
        workspace_id=product.workspace_id,
        product_id=product.id,
        models="auto",
        horizon=14,
        level=[80, 95],
        cutoff=LAST,
        feature_version=data_stamp(session, product.workspace_id),
        coverage={},
        assumptions={"promo": "0"},
        **{
            "scenario": {},
            "state": "succeeded",
            "model": "Regression",
            "drivers": [{"name": "promo", "effect": 60.0}, {"name": "sentiment", "effect": -25.5}],
            "versions": {"analyzer": "test-1"},
            "finished_at": datetime(2026, 11, 21, tzinfo=UTC),
        }
        | values,
    )
    run.points = [
        ForecastPoint(
            ds=LAST + timedelta(days=ahead),
            yhat=daily,
            bands={"lo-80": daily * 0.8, "hi-80": daily * 1.2, "lo-95": daily * 0.7, "hi-95": daily * 1.3},
        )
        for ahead in range(1, 15)
    ]
    session.add(run)
    session.flush()
    return run


def lift(verdict: str = "none", **values: Any) -> dict[str, Any]:
    """Return what the backtest found about sentiment, in the shape of LIFT.json."""
    found = {"wape_without": 0.21, "wape_with": 0.205, "delta_mae": -0.1, "ci": [-0.6, 0.4]}
    return found | {"p_value": 0.61, "q_value": 0.8, "verdict": verdict} | values


def make_backtest(session: Session, *products: Product, **values: Any) -> None:
    """Save one model with a backtest for each product."""
    metrics = {
        "SeasonalNaive": {"wape": 0.30, "mase": 1.0, "mae": 9.0, "bias": 0.01},
        "Regression": {"wape": 0.21, "mase": 0.7, "mae": 6.3, "bias": -0.02},
    }
    model = {"version": "m1", "horizon": 14, "cutoff": LAST, "data_version": 0, "path": "m1", "seconds": 1.0}
    row = {
        "champion": "Regression",
        "metrics": metrics,
        "lift": lift(),
        "coverage": {"80": 0.78, "95": 0.85},
    } | values
    add_model(
        session,
        products[0].workspace_id,
        model | {"metrics": {}, "params": {}},
        [row | {"product_id": product.id} for product in products],
    )


def make_mark(session: Session, day: date, name: str = "双11", kind: str = "promotion") -> None:
    session.merge(MarkedDay(day=day, name_zh=name, name_en={"双11": "Double 11"}.get(name, name), kind=kind))
    session.flush()


def make_study(
    session: Session, workspace_id: int, part: str, wish: dict[str, Any], result: dict[str, Any] | None = None
) -> Job:
    """Make a study of "words" or "aspects" with what it is asked; ended where it has a result."""
    job = jobs.create_job(session, workspace_id, "analyze", params={part: wish}, total=1)
    if result is not None:
        job.state, job.result = "succeeded", result
    session.flush()
    return job


def make_job(session: Session, workspace_id: int, state: str = "running", **values: Any) -> Job:
    """Make an import of 200 rows of which 50 are through and 2 refused."""
    upload = Upload(
        workspace_id=workspace_id, path="1/x.csv", original_name="评论.csv", sha256="0" * 64, size=2048
    )
    session.add(upload)
    session.flush()
    job = Job(
        workspace_id=workspace_id,
        upload_id=upload.id,
        **{
            "kind": "import_reviews",
            "state": state,
            "stage": "import",
            "params": {},
            "total": 200,
            "started_at": datetime.now(UTC) - timedelta(seconds=5),
        }
        | values,
    )
    session.add(job)
    session.flush()
    chunk = Chunk(workspace_id=workspace_id, job_id=job.id, payload={}, stage="import", state="running")
    chunk.rows, chunk.done, chunk.failed = 200, 50, 2
    session.add(chunk)
    for line, value in ((3, "=cmd()"), (9, "7")):
        session.add(
            Refusal(
                workspace_id=workspace_id,
                job_id=job.id,
                line=line,
                column="评分",
                value=value,
                code="missing_value",
            )
        )
    session.flush()
    return job


def curve(horizon: int = 14, windows: int = 3, **changes: Any) -> list[dict[str, Any]]:
    """Return backtest days up to `LAST`: 40 a day were sold, ARIMA said 44, and every seventh day 60 were."""
    points = []
    for back in range(windows * horizon - 1, -1, -1):
        day = LAST - timedelta(days=back)
        window = back // horizon
        points.append(
            {
                "ds": day.isoformat(),
                "cutoff": (LAST - timedelta(days=(window + 1) * horizon)).isoformat(),
                "y": 60.0 if back % 7 == 0 else 40.0,
                "yhat": 42.0,
                "SeasonalNaive": 30.0,
                "ARIMA": 44.0,
                "lo-80": 35.0,
                "hi-80": 50.0,
                "lo-95": 20.0,
                "hi-95": 70.0,
            }
            | changes
        )
    return points


def found_in_training() -> dict[str, Any]:
    """Return what training keeps of a product beside its curve."""
    return {
        "choice": {
            "group": "smooth",
            "series": 12,
            "weights": {"ARIMA": 0.4, "Trees": 0.6},
            "reason": "smooth demand, 12 series",
        },
        "series": {
            "from": (LAST - timedelta(days=2)).isoformat(),
            "days": 3,
            "trend": [40.0, 40.5, 41.0],
            "week": [1.0, -2.0, 1.0],
            "remainder": [0.0, 0.5, -0.5],
            "tests": {"adf_p": 0.31, "kpss_p": 0.01, "weekday_p": 0.0004, "d": 1, "D": 1},
        },
        "arima": {
            "order": [1, 1, 1, 0, 1, 1],
            "aicc": {"(1,1,2)(0,1,1)": 520.0, "(1,1,1)(0,1,1)": 512.3, "(2,1,1)(0,1,1)": None},
        },
    }


def fill_days(session: Session, product: Product, days: int = 200) -> None:
    """Ten reviews a day, one of them bad; for three weeks long ago, and for two days later, half of them."""
    for back in range(days):
        bad = 5 if 100 <= back < 121 or 50 <= back < 52 else 1
        session.add(day_of_reviews(product.workspace_id, product.id, LAST - timedelta(days=back), bad))
    session.commit()
