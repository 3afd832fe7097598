"""Which products a page of the overview shows: in the order of one of their figures, by key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Literal

from sqlalchemy import ColumnElement, Double, Numeric, Subquery, and_, cast, func, nulls_last, or_, select
from sqlalchemy.orm import Session

from storage.models import Product, Review, Sale
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.products import matching

Sort = Literal["units", "reviews", "net_sentiment", "title", "change"]
DIGITS = 9


@dataclass(frozen=True)
class Span:
    """Days from `start` to `end`, both included, and as many just before them."""

    start: date
    end: date

    @property
    def before(self) -> date:
        """The first of the days before."""
        return self.start - timedelta(days=(self.end - self.start).days + 1)


def ordered_ids(
    session: Session,
    workspace_id: int,
    span: Span,
    *,
    sort: Sort = "units",
    descending: bool = True,
    cursor: str | None = None,
    limit: int = 50,
    **wanted: Any,
) -> Page[int]:
    """Return the ids of a page of products; those without a value come last either way.

    Parameters
    ----------
    **wanted
        What `storage.products.matching` restricts them by.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    ValueError
        The sort is unknown.
    """
    value, figures = _value(workspace_id, span, sort)
    query = select(Product.id, value.label("value"))
    if figures is not None:
        query = query.outerjoin(figures, figures.c.product_id == Product.id)
    query = matching(query, workspace_id, **wanted)
    if cursor:
        last, id = decode_cursor(cursor, str if sort == "title" else _number, int)
        query = query.where(_behind(value, last, id, descending))
    order = value.desc() if descending else value.asc()
    query = query.order_by(nulls_last(order), Product.id).limit(checked_limit(limit) + 1)
    page = page_of(session.execute(query).all(), limit, lambda row: (row.value, row.id))
    return Page([row.id for row in page.items], page.next)


def _value(workspace_id: int, span: Span, sort: str) -> tuple[ColumnElement[Any], Subquery | None]:
    """Return what is sorted by, and the figures of all products that it needs."""
    if sort == "title":
        return Product.title.expression, None
    figures = {"units": _units, "change": _change, "reviews": _reviews, "net_sentiment": _net}
    if sort not in figures:
        raise ValueError(f"cannot sort by {sort!r}; known are title, {', '.join(figures)}")
    found = figures[sort](workspace_id, span)
    # Rounded: the last digits of a sum depend on the order of its parts, and a cursor must find its place.
    value = func.round(cast(found.c.value, Numeric), DIGITS)
    return (func.coalesce(value, 0) if sort == "reviews" else value), found


def _units(workspace_id: int, span: Span) -> Subquery:
    return _sold(workspace_id, span.start, span.end, func.sum(Sale.units))


def _change(workspace_id: int, span: Span) -> Subquery:
    now, before = (
        func.sum(Sale.units).filter(days) for days in (Sale.day >= span.start, Sale.day < span.start)
    )
    return _sold(workspace_id, span.before, span.end, (now - before) / func.nullif(before, 0))


def _sold(workspace_id: int, first: date, last: date, value: ColumnElement[Any]) -> Subquery:
    return (
        select(Sale.product_id, value.label("value"))
        .where(Sale.workspace_id == workspace_id, Sale.day.between(first, last))
        .group_by(Sale.product_id)
        .subquery("figures")
    )


def _reviews(workspace_id: int, span: Span) -> Subquery:
    return _said(workspace_id, span, func.count())


def _net(workspace_id: int, span: Span) -> Subquery:
    liked, disliked = (func.count().filter(Review.label == label) for label in ("positive", "negative"))
    return _said(
        workspace_id, span, cast(liked - disliked, Double) / func.nullif(func.count(Review.label), 0)
    )


def _said(workspace_id: int, span: Span, value: ColumnElement[Any]) -> Subquery:
    return (
        select(Review.product_id, value.label("value"))
        .where(Review.workspace_id == workspace_id, Review.day.between(span.start, span.end))
        .group_by(Review.product_id)
        .subquery("figures")
    )


def _behind(value: ColumnElement[Any], last: Any, id: int, descending: bool) -> ColumnElement[bool]:
    """Return the condition for what comes after a product in the order."""
    if last is None:
        return and_(value.is_(None), Product.id > id)
    further = value < last if descending else value > last
    return or_(further, and_(value == last, Product.id > id), value.is_(None))


def _number(part: Any) -> Decimal | None:
    try:
        return None if part is None else Decimal(part)
    except InvalidOperation as error:
        raise ValueError(f"not a number: {part!r}") from error
