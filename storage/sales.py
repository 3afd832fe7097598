"""Sales per product and day, orders that are summed into them, and the forecasting panel."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import pandas as pd
from sqlalchemy import delete, func, select, text
from sqlalchemy.orm import Session

from storage.bulk import stage
from storage.errors import NotFound
from storage.models import ExogColumn, OrderLine, Product, Sale
from storage.replaced import NUMBERS, keep

KNOWN_AHEAD = ("promo", "price")
KNOWN_AFTER = ("views", "visitors", "carts")
ORDER_COLUMNS = (
    "workspace_id",
    "order_id",
    "product_id",
    "line_no",
    "ordered_at",
    "day",
    "quantity",
    "unit_price",
    "customer_id",
)


_LAST_DAY = text("""
    SELECT (SELECT max(day) FROM sales
            WHERE workspace_id = :workspace AND product_id = :product AND units IS NOT NULL) AS last
    FROM products WHERE id = :product AND workspace_id = :workspace
""")


@dataclass(frozen=True)
class Panel:
    """Sales as the forecasters want them.

    Attributes
    ----------
    frame
        Long: unique_id (our product id as text), ds (datetime64), y (units, NaN on days that are
        only planned), stockout (0 or 1, where any is known), and a float column for each exogenous
        one that has any value.
    future, past
        Names of the columns known ahead, and known only once they happened.
    static
        A row per unique_id: category, brand, price (NaN where unknown).
    """

    frame: pd.DataFrame
    future: tuple[str, ...]
    past: tuple[str, ...]
    static: pd.DataFrame


def sales_by_day(
    session: Session, workspace_id: int, product_id: int, start: date | None = None, end: date | None = None
) -> list[Sale]:
    """Return a product's days in order, planned days too."""
    query = select(Sale).where(Sale.workspace_id == workspace_id, Sale.product_id == product_id)
    if start is not None:
        query = query.where(Sale.day >= start)
    if end is not None:
        query = query.where(Sale.day <= end)
    return list(session.scalars(query.order_by(Sale.day)))


def last_day(session: Session, workspace_id: int, product_id: int | None = None) -> date | None:
    """Return the last day with known sales, of a product or of the workspace."""
    query = select(func.max(Sale.day)).where(Sale.workspace_id == workspace_id, Sale.units.is_not(None))
    if product_id is not None:
        query = query.where(Sale.product_id == product_id)
    return session.scalar(query)


def last_day_of(session: Session, workspace_id: int, product_id: int) -> date | None:
    """Return the last day with known sales of a product, which must be there; nothing of it is loaded.

    Raises
    ------
    NotFound
        No such product in this workspace.
    """
    found = session.execute(_LAST_DAY, {"workspace": workspace_id, "product": product_id}).one_or_none()
    if found is None:
        raise NotFound("product", product_id)
    last: date | None = found.last
    return last


def selling_products(session: Session, workspace_id: int) -> list[int]:
    """Return the products with any known sales, in order."""
    sold = select(Sale.product_id).where(Sale.product_id == Product.id, Sale.units.is_not(None))
    query = select(Product.id).where(Product.workspace_id == workspace_id, sold.exists())
    return list(session.scalars(query.order_by(Product.id)))


def alike_products(session: Session, workspace_id: int, product_id: int, limit: int) -> list[int]:
    """Return products with any known sales, those of a product's category first, in order."""
    sold = select(Sale.product_id).where(Sale.product_id == Product.id, Sale.units.is_not(None))
    category = select(Product.category).where(Product.id == product_id).scalar_subquery()
    query = select(Product.id).where(Product.workspace_id == workspace_id, sold.exists())
    ordered = query.order_by((Product.category == category).desc(), Product.id).limit(limit)
    return sorted(session.scalars(ordered))


def known_days(session: Session, workspace_id: int) -> int:
    """Return how many days lie between the workspace's first and last known sales, both included."""
    query = select(func.min(Sale.day), func.max(Sale.day)).where(
        Sale.workspace_id == workspace_id, Sale.units.is_not(None)
    )
    first, last = session.execute(query).one()
    return (last - first).days + 1 if last else 0


def exog_columns(session: Session, workspace_id: int) -> dict[str, str]:
    """Return the role, future or past, of each further numeric column."""
    found = session.scalars(select(ExogColumn).where(ExogColumn.workspace_id == workspace_id))
    return {column.name: column.role for column in found}


def declare_columns(
    session: Session, workspace_id: int, roles: Mapping[str, str], job_id: UUID | None = None
) -> None:
    """Say of further columns whether they are known ahead (future) or only afterwards (past).

    Raises
    ------
    ValueError
        A role is neither; the message names the columns.
    """
    wrong = sorted(name for name, role in roles.items() if role not in ("future", "past"))
    if wrong:
        raise ValueError(f"columns must be declared future or past: {', '.join(wrong)}")
    if not roles:
        return
    given = "SELECT key AS name, value AS role FROM jsonb_each_text(CAST(:roles AS jsonb))"
    changed = "exog_columns.role <> excluded.role"
    told = {"roles": json.dumps(dict(roles))}
    keep(session, workspace_id, job_id, "exog_columns", given, changed, told)
    session.execute(
        text(f"""
        INSERT INTO exog_columns (workspace_id, name, role, job_id)
        SELECT :workspace, name, role, CAST(:job AS uuid) FROM ({given}) AS given
        ON CONFLICT (workspace_id, name) DO UPDATE SET role = excluded.role, job_id = excluded.job_id
        WHERE {changed}
        """),  # noqa: S608  (names are our own)
        {"workspace": workspace_id, "job": job_id, **told},
    )
    session.expire_all()


def copy_sales(
    session: Session,
    workspace_id: int,
    rows: Iterable[Mapping[str, Any]],
    job_id: UUID | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> set[int]:
    """Put daily sales in, or correct days that are there; an empty field leaves what is there.

    Parameters
    ----------
    rows
        `product_id` (ours), `day`, and any of units, revenue, price, promo, stockout, views,
        visitors, carts, `extra` (dict of number). Of two rows for one day the later wins.
    job_id
        The import they come from, which can then be undone.
    meanwhile
        Called when the rows are handed over and the database begins its part.

    Returns
    -------
    set of int
        Products with days that are new or changed.
    """
    columns = ("workspace_id", "product_id", "day", *NUMBERS, "extra")
    full = ({"extra": {}, **row, "workspace_id": workspace_id} for row in rows)
    staged = stage(session, Sale, columns, full)
    meanwhile()
    listed = ", ".join(columns)
    merged = {name: f"COALESCE(excluded.{name}, sales.{name})" for name in NUMBERS}
    merged |= {"extra": "sales.extra || excluded.extra", "from_orders": "false"}
    assigned = ", ".join(f"{name} = {value}" for name, value in merged.items())
    before = ", ".join(f"sales.{name}" for name in merged)
    differs = f"({before}) IS DISTINCT FROM ({', '.join(merged.values())})"
    given = f"""
        SELECT DISTINCT ON (product_id, day) {listed}, CAST(:job AS uuid) AS job_id FROM {staged}
        WHERE workspace_id = :workspace ORDER BY product_id, day, ordinal DESC
    """  # noqa: S608  (names are our own)
    keep(session, workspace_id, job_id, "sales", given, differs)
    changed = session.execute(
        text(f"""
        INSERT INTO sales ({listed}, job_id) {given}
        ON CONFLICT (product_id, day) DO UPDATE SET {assigned}, job_id = excluded.job_id
        WHERE {differs} RETURNING product_id
        """),
        {"workspace": workspace_id, "job": job_id},
    )
    return set(changed.scalars())


def copy_orders(
    session: Session,
    workspace_id: int,
    rows: Iterable[Mapping[str, Any]],
    job_id: UUID | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> set[int]:
    """Put order lines in, or correct lines that are there.

    Parameters
    ----------
    rows
        order_id, `product_id` (ours), line_no, ordered_at, day (local), quantity, and unit_price,
        customer_id where known.
    job_id
        The import they come from, which can then be undone.
    meanwhile
        Called when the rows are handed over and the database begins its part.

    Returns
    -------
    set of int
        Products whose orders changed; `rebuild_from_orders` must follow.
    """
    full = (
        {**row, "customer_id": row.get("customer_id") or "", "workspace_id": workspace_id} for row in rows
    )
    staged = stage(session, OrderLine, ORDER_COLUMNS, full)
    meanwhile()
    listed = ", ".join(ORDER_COLUMNS)
    key = ("workspace_id", "order_id", "product_id", "line_no")
    values = [name for name in ORDER_COLUMNS if name not in key]
    before, new = (", ".join(f"{row}.{name}" for name in values) for row in ("order_lines", "excluded"))
    differs = f"({before}) IS DISTINCT FROM ({new})"
    given = f"""
        SELECT DISTINCT ON (order_id, product_id, line_no) {listed}, CAST(:job AS uuid) AS job_id
        FROM {staged} WHERE workspace_id = :workspace
        ORDER BY order_id, product_id, line_no, ordinal DESC
    """  # noqa: S608  (names are our own)
    keep(session, workspace_id, job_id, "order_lines", given, differs)
    changed = session.execute(
        text(f"""
        INSERT INTO order_lines ({listed}, job_id) {given}
        ON CONFLICT ({", ".join(key)}) DO UPDATE SET
            {", ".join(f"{name} = excluded.{name}" for name in values)}, job_id = excluded.job_id
        WHERE {differs} RETURNING product_id
        """),
        {"workspace": workspace_id, "job": job_id},
    )
    return set(changed.scalars())


def rebuild_from_orders(session: Session, workspace_id: int, product_ids: Collection[int]) -> int:
    """Sum order lines into days; imported days stay, a day without orders sold nothing.

    A product's days run from its first order to the workspace's last order, so that a quiet
    product is seen to be quiet. Whole ranges are made anew, never incremented.

    Returns
    -------
    int
        Days written.
    """
    ids = list(product_ids)
    session.execute(
        delete(Sale).where(Sale.workspace_id == workspace_id, Sale.product_id.in_(ids), Sale.from_orders)
    )
    written = session.execute(
        text("""
        INSERT INTO sales (workspace_id, product_id, day, units, revenue, price, from_orders)
        SELECT :workspace, span.product_id, each_day::date, GREATEST(COALESCE(sum(line.quantity), 0), 0),
            COALESCE(sum(line.quantity * line.unit_price), 0),
            sum(line.quantity * line.unit_price) FILTER (WHERE line.quantity > 0)
                / sum(line.quantity) FILTER (WHERE line.quantity > 0 AND line.unit_price IS NOT NULL),
            true
        FROM (
            SELECT product_id, min(day) AS first FROM order_lines
            WHERE workspace_id = :workspace AND product_id = ANY(:ids) GROUP BY product_id
        ) AS span
        CROSS JOIN LATERAL generate_series(
            span.first,
            (SELECT max(day) FROM order_lines WHERE workspace_id = :workspace),
            interval '1 day'
        ) AS each_day
        LEFT JOIN order_lines AS line
            ON line.workspace_id = :workspace AND line.product_id = span.product_id
            AND line.day = each_day::date
        GROUP BY span.product_id, each_day
        ON CONFLICT (product_id, day) DO NOTHING RETURNING 1
        """),
        {"workspace": workspace_id, "ids": ids},
    )
    return len(written.all())


def load_panel(
    session: Session,
    workspace_id: int,
    *,
    product_ids: Collection[int] | None = None,
    cutoff: date | None = None,
) -> Panel:
    """Load sales for training or forecasting.

    Parameters
    ----------
    product_ids
        Only these products.
    cutoff
        Nothing measured after this day is given; later days keep only what is known ahead.
    """
    roles = exog_columns(session, workspace_id)
    future = (*KNOWN_AHEAD, *sorted(name for name, role in roles.items() if role == "future"))
    past = (*KNOWN_AFTER, *sorted(name for name, role in roles.items() if role == "past"))
    names = ("stockout", *future, *past)
    frame = _sales_frame(session, workspace_id, product_ids, names)
    if cutoff is not None:
        frame.loc[frame["ds"] > pd.Timestamp(cutoff), ["y", "stockout", *past]] = float("nan")
    used = {name for name in names if frame[name].notna().any()}
    return Panel(
        frame.drop(columns=[name for name in names if name not in used]),
        tuple(name for name in future if name in used),
        tuple(name for name in past if name in used),
        _static_frame(session, workspace_id, product_ids),
    )


def _sales_frame(
    session: Session, workspace_id: int, product_ids: Collection[int] | None, names: tuple[str, ...]
) -> pd.DataFrame:
    measured = [getattr(Sale, name) for name in NUMBERS]
    query = select(Sale.product_id, Sale.day, *measured, Sale.extra).where(Sale.workspace_id == workspace_id)
    if product_ids is not None:
        query = query.where(Sale.product_id.in_(product_ids))
    found = session.execute(query.order_by(Sale.product_id, Sale.day))
    frame = pd.DataFrame(found.all(), columns=["product_id", "ds", *NUMBERS, "extra"])
    for name in names:
        if name not in NUMBERS:
            frame[name] = [extra.get(name) for extra in frame["extra"]]
    frame["unique_id"] = frame.pop("product_id").astype(str)
    frame["ds"] = pd.to_datetime(frame["ds"])
    frame = frame.rename(columns={"units": "y"})
    return frame[["unique_id", "ds"]].join(frame[["y", *names]].astype("float64"))


def _static_frame(session: Session, workspace_id: int, product_ids: Collection[int] | None) -> pd.DataFrame:
    columns = Product.id, Product.category, Product.brand, Product.price
    query = select(*columns).where(Product.workspace_id == workspace_id)
    if product_ids is not None:
        query = query.where(Product.id.in_(product_ids))
    found = session.execute(query.order_by(Product.id)).all()
    frame = pd.DataFrame(found, columns=["unique_id", "category", "brand", "price"])
    return frame.astype({"unique_id": str, "price": "float64"})
