"""From checked rows of each kind of file to rows of the database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from operator import itemgetter
from typing import Any

from sqlalchemy.orm import Session

from ingest import Refusal, Row
from settings import Settings
from storage import products, replaced, reviews, sales
from storage.models import Job
from workers.stages import Part, describe_parts, score_parts

Values = Mapping[str, Any]
Meanwhile = Callable[[], object]
"""Called when rows are handed over and the database begins its part."""

product_of = itemgetter("product_id")


@dataclass(frozen=True)
class Loaded:
    """What a batch did: rows that need nothing further, work that follows, products touched."""

    duplicates: int = 0
    parts: Sequence[Part] = ()
    touched: set[int] = field(default_factory=set)


def load_reviews(
    session: Session,
    settings: Settings,
    job: Job,
    rows: Sequence[Values],
    meanwhile: Meanwhile = lambda: None,
) -> Loaded:
    """Put reviews in, each on its local day; the new ones are to be scored."""
    titles = {row["product_id"]: row.get("product_title") for row in rows}
    ids = products.ensure_products(session, job.workspace_id, titles, job.id)
    full = [
        {
            **row,
            "product_id": ids[row["product_id"]],
            "external_id": row["review_id"],
            "user_key": row["user_id"],
            "day": day,
        }
        for row, day in zip(rows, review_days(settings, rows), strict=True)
    ]
    inserted = reviews.copy_reviews(session, job.workspace_id, full, job.id, meanwhile)
    parts = score_parts(inserted, settings.score_chunk_rows)
    return Loaded(len(rows) - len(inserted), parts)


def review_days(settings: Settings, rows: Sequence[Values]) -> list[date]:
    """Return the local day on which each review arrived."""
    zone = settings.zone
    return [row["created_at"].astimezone(zone).date() for row in rows]


def load_products(
    session: Session,
    settings: Settings,
    job: Job,
    rows: Sequence[Values],
    meanwhile: Meanwhile = lambda: None,
) -> Loaded:
    """Put products in; new and changed texts are to be read."""
    replaced.lock_rows(session, job.workspace_id)
    full = [{**row, "external_id": row["product_id"]} for row in rows]
    unread = products.copy_products(session, job.workspace_id, full, job.id, meanwhile)
    return Loaded(len(rows) - len(unread), describe_parts(unread, settings.score_chunk_rows))


def load_sales(
    session: Session,
    settings: Settings,
    job: Job,
    rows: Sequence[Values],
    meanwhile: Meanwhile = lambda: None,
) -> Loaded:
    """Put daily sales in, with what the extra columns were declared as."""
    replaced.lock_rows(session, job.workspace_id)
    sales.declare_columns(session, job.workspace_id, job.params.get("columns") or {}, job.id)
    ids = products.ensure_products(session, job.workspace_id, dict.fromkeys(map(product_of, rows)), job.id)
    full = [{**row, **flags(row), "product_id": ids[row["product_id"]], "day": row["date"]} for row in rows]
    return Loaded(touched=sales.copy_sales(session, job.workspace_id, full, job.id, meanwhile))


def flags(row: Values) -> dict[str, float | None]:
    """Return the yes-or-no columns of a day as the numbers that models read."""
    return {name: None if row.get(name) is None else float(row[name]) for name in ("promo", "stockout")}


def load_orders(
    session: Session,
    settings: Settings,
    job: Job,
    rows: Sequence[Values],
    meanwhile: Meanwhile = lambda: None,
) -> Loaded:
    """Put order lines in; the days of the products they change are summed later."""
    replaced.lock_rows(session, job.workspace_id)
    ids = products.ensure_products(session, job.workspace_id, dict.fromkeys(map(product_of, rows)), job.id)
    zone = settings.zone
    full = [
        {**row, "product_id": ids[row["product_id"]], "day": row["ordered_at"].astimezone(zone).date()}
        for row in rows
    ]
    return Loaded(touched=sales.copy_orders(session, job.workspace_id, full, job.id, meanwhile))


LOADERS: dict[str, Callable[[Session, Settings, Job, Sequence[Values], Meanwhile], Loaded]] = {
    "import_reviews": load_reviews,
    "import_products": load_products,
    "import_sales": load_sales,
    "import_orders": load_orders,
}


def numbered(items: Iterator[Row | Refusal]) -> Iterator[Row | Refusal]:
    """Number the lines of each order and product, so that the same file gives the same lines again."""
    seen: Counter[int] = Counter()
    for item in items:
        if isinstance(item, Row):
            # A hash instead of the words: a file may hold millions of orders.
            key = hash((item.values["order_id"], item.values["product_id"]))
            seen[key] += 1
            item = Row(item.line, {**item.values, "line_no": seen[key]})
        yield item
