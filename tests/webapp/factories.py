"""Rows as the workers would have left them."""

from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy.orm import Session

from storage import jobs, months
from storage.models import DailyFeature, Job, Product, Review, Sale, Workspace

numbers = count(1)


def product(session: Session, workspace: Workspace, **values: Any) -> Product:
    number = next(numbers)
    made = Product(
        **{"workspace_id": workspace.id, "external_id": f"P{number}", "title": f"产品 {number}"} | values
    )
    session.add(made)
    session.commit()
    return made


def review(session: Session, of: Product, **values: Any) -> Review:
    number = next(numbers)
    day = values.setdefault("day", date(2026, 6, 1))
    given = {
        "workspace_id": of.workspace_id,
        "product_id": of.id,
        "external_id": f"R{number}",
        "created_at": datetime(day.year, day.month, day.day, 4, tzinfo=UTC) + timedelta(seconds=number),
        "text": "物流很快",
    }
    months.make(session, [day])
    made = Review(**given | values)
    session.add(made)
    session.commit()
    return made


def sale(session: Session, of: Product, day: date, units: float, **values: Any) -> Sale:
    made = Sale(product_id=of.id, workspace_id=of.workspace_id, day=day, units=units, **values)
    session.add(made)
    session.commit()
    return made


def feature(session: Session, of: Product, day: date, **values: Any) -> DailyFeature:
    made = DailyFeature(
        product_id=of.id, workspace_id=of.workspace_id, day=day, version="1", **{"reviews": 1.0} | values
    )
    session.add(made)
    session.commit()
    return made


def job(session: Session, workspace: Workspace, kind: str = "analyze", **values: Any) -> Job:
    """Return a job of `kind` that has got as far as `values` say."""
    details = {"params": {"texts": ["好"]}} if kind == "analyze" else {}
    made = jobs.create_job(session, workspace.id, kind, **details)
    for name, value in values.items():
        setattr(made, name, value)
    session.commit()
    return made
