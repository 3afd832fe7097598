"""Which reviews count: all, or only those of a source, of a channel, and without suspected fakes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from storage.models import Product, Review

MOST_RIVALS = 100
NEWEST = 500
"""Reviews that are looked at for where they come from: all of them take as long as the rest of a page."""


class Scope(TypedDict, total=False):
    """What a reader narrows reviews to; what is left out narrows nothing."""

    exclude_suspect: bool
    source: str | None
    channel: str | None


@dataclass(frozen=True)
class Origins:
    """Where a product's reviews come from, and whether any of them is suspect."""

    sources: list[str]
    channels: list[str]
    suspects: int


@dataclass(frozen=True)
class Rival:
    """Another product of the same category."""

    id: int
    name: str


def within(
    start: date | None,
    end: date | None,
    exclude_suspect: bool = False,
    source: str | None = None,
    channel: str | None = None,
) -> list[ColumnElement[bool]]:
    """Conditions for reviews of some days and of a scope."""
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        conditions.append(Review.day >= start)
    if end is not None:
        conditions.append(Review.day <= end)
    if exclude_suspect:
        conditions.append(~Review.is_suspect)
    if source is not None:
        conditions.append(Review.source == source)
    if channel is not None:
        conditions.append(Review.channel == channel)
    return conditions


SCOPED = """NOT (:exclude_suspect AND review.is_suspect)
    AND (CAST(:source AS text) IS NULL OR review.source = :source)
    AND (CAST(:channel AS text) IS NULL OR review.channel = :channel)"""
"""The same for handwritten SQL in which reviews are called `review`."""


def of_product(product_id: int | None, condition: str) -> str:
    """Return a condition on a product for handwritten SQL, where one is meant.

    A condition that a parameter may switch off would do, but PostgreSQL could not keep a plan for it: a kept
    one looks at all products of the days, or each question is planned anew.
    """
    return "true" if product_id is None else condition


_ORIGINS = text(f"""
    SELECT array_agg(DISTINCT source), array_agg(DISTINCT channel) FROM (
        SELECT source, channel FROM reviews
        WHERE workspace_id = :workspace AND product_id = :product AND day >= :since
        ORDER BY created_at DESC, id DESC LIMIT {NEWEST}
    ) AS newest
""")  # noqa: S608  (a constant of ours)


def parameters(scope: Scope) -> dict[str, Any]:
    """Return the values that `SCOPED` asks for."""
    return {"exclude_suspect": False, "source": None, "channel": None} | dict(scope)


def origins(
    session: Session, workspace_id: int, product_id: int, since: date | None, suspects: int
) -> Origins:
    """Return what a product's reviews can be narrowed by: the sources and channels of the newest ones.

    Parameters
    ----------
    since
        The day from which on the newest reviews came, None where there is no review: without it every month
        would be looked at.
    suspects
        How many of its reviews are suspect.
    """
    if since is None:
        return Origins([], [], suspects)
    which = {"workspace": workspace_id, "product": product_id, "since": since}
    sources, channels = session.execute(_ORIGINS, which).one()
    return Origins(list(sources or ()), list(channels or ()), suspects)


def rivals(session: Session, workspace_id: int, product: Product) -> list[Rival]:
    """Return other products of the same category by name; none where it has no category."""
    if not product.category:
        return []
    name = func.coalesce(func.nullif(Product.title, ""), Product.external_id)
    query = select(Product.id, name.label("name")).where(
        Product.workspace_id == workspace_id, Product.category == product.category, Product.id != product.id
    )
    found = session.execute(query.order_by(name, Product.id).limit(MOST_RIVALS))
    return [Rival(*row) for row in found]
