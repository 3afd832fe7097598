"""Products: lists, search, bulk loading, and the analysis of their texts."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID

import numpy as np
import numpy.typing as npt
from sqlalchemy import ARRAY, Select, Text, any_, bindparam, func, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import aggregate_order_by, insert
from sqlalchemy.orm import Session

from storage.bulk import stage
from storage.errors import NotFound
from storage.models import Product
from storage.paging import Page, checked_limit, decode_cursor, page_of
from storage.replaced import keep
from storage.stamps import written
from storage.tenancy import own

Embeddings = npt.NDArray[np.float32]

TEXTS = ("title", "description", "category", "brand", "shop")
COLUMNS = ("workspace_id", "external_id", *TEXTS, "price", "launched_at")


@dataclass(frozen=True)
class ProductText:
    """What the analyser reads of a product, and the category the shop gives it, "" where none."""

    id: int
    title: str
    description: str
    category: str


def get_product(session: Session, workspace_id: int, product_id: int) -> Product:
    """Return the product, or raise `NotFound`."""
    return own(session, workspace_id, Product, product_id, "product")


def products_by_ids(session: Session, workspace_id: int, ids: Collection[int]) -> list[Product]:
    """Return those of the products that the workspace has, in order."""
    query = select(Product).where(Product.workspace_id == workspace_id, Product.id.in_(ids))
    return list(session.scalars(query.order_by(Product.id)))


def check_product(session: Session, workspace_id: int, product_id: int) -> None:
    """Raise `NotFound` unless the workspace has the product; nothing of it is loaded."""
    found = select(Product.id).where(Product.id == product_id, Product.workspace_id == workspace_id)
    if session.scalar(found) is None:
        raise NotFound("product", product_id)


def product_by_external_id(session: Session, workspace_id: int, external_id: str) -> Product | None:
    """Return the product the shop calls `external_id`, or None."""
    return session.scalar(
        select(Product).where(Product.workspace_id == workspace_id, Product.external_id == external_id)
    )


def list_products(
    session: Session,
    workspace_id: int,
    *,
    query: str = "",
    category: str | None = None,
    brand: str | None = None,
    shop: str | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Product]:
    """List products in the order they came, those whose id or title holds `query`.

    Raises
    ------
    BadCursor
        The cursor is not of this list.
    """
    found = matching(select(Product), workspace_id, query=query, category=category, brand=brand, shop=shop)
    rows = session.scalars(_page(found, cursor, limit)).all()
    return page_of(rows, limit, lambda product: (product.id,))


def list_stamp(
    session: Session, workspace_id: int, *, cursor: str | None = None, limit: int = 50, **wanted: Any
) -> str:
    """Return the stamp of the page that `list_products` would give for the same words."""
    found = matching(cast("Select[Any]", select(Product.id, written(Product))), workspace_id, **wanted)
    page = _page(found, cursor, limit).subquery()
    words = func.concat(page.c[0], ".", page.c[1])
    return session.scalar(select(func.string_agg(words, aggregate_order_by(literal(","), page.c[0])))) or ""


def _page(statement: Select[Any], cursor: str | None, limit: int) -> Select[Any]:
    if cursor:
        (after,) = decode_cursor(cursor, int)
        statement = statement.where(Product.id > after)
    return statement.order_by(Product.id).limit(checked_limit(limit) + 1)


def matching(
    statement: Select[Any],
    workspace_id: int,
    *,
    query: str = "",
    category: str | None = None,
    brand: str | None = None,
    shop: str | None = None,
) -> Select[Any]:
    """Restrict a statement over products to those a user searched for."""
    statement = statement.where(Product.workspace_id == workspace_id)
    if query.strip():
        words = query.strip()
        statement = statement.where(
            or_(
                Product.title.icontains(words, autoescape=True),
                Product.external_id.icontains(words, autoescape=True),
            )
        )
    for column, value in ((Product.category, category), (Product.brand, brand), (Product.shop, shop)):
        if value is not None:
            statement = statement.where(column == value)
    return statement


def words_in_use(session: Session, workspace_id: int) -> dict[str, list[str]]:
    """Return the categories, brands and shops in use, each sorted."""
    columns = {"category": Product.category, "brand": Product.brand, "shop": Product.shop}
    listed = (func.array_agg(column.distinct()).filter(column != "") for column in columns.values())
    found = session.execute(select(*listed).where(Product.workspace_id == workspace_id)).one()
    return {name: sorted(words or []) for name, words in zip(columns, found, strict=True)}


def count_products(session: Session, workspace_id: int) -> int:
    """Count the workspace's products."""
    return session.scalar(select(func.count()).where(Product.workspace_id == workspace_id)) or 0


def copy_products(
    session: Session,
    workspace_id: int,
    rows: Iterable[Mapping[str, Any]],
    job_id: UUID | None = None,
    meanwhile: Callable[[], object] = lambda: None,
) -> list[int]:
    """Put products in, or bring known ones up to date; an empty field leaves what is there.

    Parameters
    ----------
    rows
        `external_id` and any of title, description, category, brand, shop, price, launched_at.
        Of two rows with one id the later wins.
    job_id
        The import they come from, which can then be undone.
    meanwhile
        Called when the rows are handed over and the database begins its part.

    Returns
    -------
    list of int
        Ids of the products whose text no analyser has read yet.
    """
    full = (
        {**row, **{name: row.get(name) or "" for name in TEXTS}, "workspace_id": workspace_id} for row in rows
    )
    staged = stage(session, Product, COLUMNS, full)
    meanwhile()
    listed = ", ".join(COLUMNS)
    merged = {name: f"COALESCE(NULLIF(excluded.{name}, ''), products.{name})" for name in TEXTS}
    merged |= {name: f"COALESCE(excluded.{name}, products.{name})" for name in ("price", "launched_at")}
    assigned = ", ".join(f"{name} = {value}" for name, value in merged.items())
    reread = " OR ".join(f"{merged[name]} <> products.{name}" for name in ("title", "description"))
    before = ", ".join(f"products.{name}" for name in merged)
    differs = f"({before}) IS DISTINCT FROM ({', '.join(merged.values())})"
    given = f"""
        SELECT DISTINCT ON (external_id) {listed}, CAST(:job AS uuid) AS job_id FROM {staged}
        WHERE workspace_id = :workspace ORDER BY external_id, ordinal DESC
    """  # noqa: S608  (names are our own)
    keep(session, workspace_id, job_id, "products", given, differs)
    found = session.execute(
        text(f"""
        INSERT INTO products ({listed}, job_id) {given}
        ON CONFLICT (workspace_id, external_id) DO UPDATE SET {assigned},
            job_id = CASE WHEN {differs} THEN excluded.job_id ELSE products.job_id END,
            scored_by = CASE WHEN {reread} THEN NULL ELSE products.scored_by END,
            updated_at = now()
        RETURNING id, scored_by IS NULL
        """),
        {"workspace": workspace_id, "job": job_id},
    )
    session.expire_all()
    return sorted(row[0] for row in found if row[1])


def ensure_products(
    session: Session, workspace_id: int, titles: Mapping[str, str | None], job_id: UUID | None = None
) -> dict[str, int]:
    """Make the products that are not known yet; return our id by the shop's id.

    Parameters
    ----------
    titles
        Title by the shop's id; None gives the id as the title.
    job_id
        The import they come from, which can then be undone.
    """
    if not titles:
        return {}
    known = _ids(session, workspace_id, titles)
    unknown = [
        {
            "workspace_id": workspace_id,
            "external_id": external_id,
            "title": titles[external_id] or external_id,
            "job_id": job_id,
        }
        for external_id in sorted(titles.keys() - known.keys())
    ]
    if unknown:
        session.execute(insert(Product).values(unknown).on_conflict_do_nothing())
        known = _ids(session, workspace_id, titles)
    return known


def fetch_stale_products(
    session: Session, workspace_id: int, ids: Collection[int], version: str
) -> list[ProductText]:
    """Return the texts of those products that this analyser version has not read."""
    found = session.execute(
        select(Product.id, Product.title, Product.description, Product.category)
        .where(
            Product.workspace_id == workspace_id,
            Product.id.in_(ids),
            Product.scored_by.is_distinct_from(version),
        )
        .order_by(Product.id)
    )
    return [ProductText(*row) for row in found]


def stale_product_ids(
    session: Session, workspace_id: int, version: str, *, after: int = 0, limit: int = 1000
) -> list[int]:
    """Return ids above `after` of products that this analyser version has not read."""
    return list(
        session.scalars(
            select(Product.id)
            .where(
                Product.workspace_id == workspace_id,
                Product.id > after,
                Product.scored_by.is_distinct_from(version),
            )
            .order_by(Product.id)
            .limit(limit)
        )
    )


def save_analyses(
    session: Session, workspace_id: int, analyses: Sequence[tuple[int, Mapping[str, Any]]], version: str
) -> int:
    """Keep what the analyser read in product texts, stamped with its version; return how many.

    An "embedding" among it goes into a column of its own.
    """
    for product_id, analysis in analyses:
        kept = dict(analysis)
        embedding = kept.pop("embedding", None)
        session.execute(
            update(Product)
            .where(Product.workspace_id == workspace_id, Product.id == product_id)
            .values(analysis=kept, embedding=embedding, scored_by=version)
        )
    return len(analyses)


def set_aside_product(session: Session, workspace_id: int, id: int, version: str) -> None:
    """Stamp a product that an analyser version cannot read: it is not tried again before the next version."""
    session.execute(
        update(Product)
        .where(Product.id == id, Product.workspace_id == workspace_id)
        .values(scored_by=version)
    )


def count_embedded(session: Session, workspace_id: int, product_ids: Collection[int]) -> int:
    """Return how many of some products have an embedding, of whatever version."""
    query = select(func.count()).where(
        Product.workspace_id == workspace_id, Product.id.in_(product_ids), Product.embedding.is_not(None)
    )
    return session.scalars(query).one()


def embeddings(
    session: Session, workspace_id: int, product_ids: Collection[int] | None = None
) -> tuple[list[int], Embeddings]:
    """Return where the analyser placed the products: those that the version of most of them has read.

    Parameters
    ----------
    product_ids
        Only these products.

    Returns
    -------
    list of int, ndarray of shape (n, hidden)
        Ids in order, and a row of length one for each; zeros for a product without text.
    """
    placed = (Product.workspace_id == workspace_id, Product.embedding.is_not(None))
    commonest = (
        select(Product.scored_by)
        .where(*placed, Product.scored_by.is_not(None))
        .group_by(Product.scored_by)
        .order_by(func.count().desc(), Product.scored_by)
        .limit(1)
    )
    query = select(Product.id, Product.embedding).where(
        *placed, Product.scored_by == commonest.scalar_subquery()
    )
    if product_ids is not None:
        query = query.where(Product.id.in_(product_ids))
    found = session.execute(query.order_by(Product.id)).all()
    return [row.id for row in found], _matrix([row.embedding for row in found])


def embeddings_by_category(
    session: Session, workspace_id: int, version: str, *, limit: int = 5000
) -> tuple[list[str], Embeddings]:
    """Return where this analyser version placed the newest products that the shop gives a category.

    Returns
    -------
    list of str, ndarray of shape (n, hidden)
        The category of each product, and its row as in `embeddings`.
    """
    found = session.execute(
        select(Product.category, Product.embedding)
        .where(
            Product.workspace_id == workspace_id,
            Product.category != "",
            Product.scored_by == version,
            Product.embedding.is_not(None),
        )
        .order_by(Product.id.desc())
        .limit(limit)
    ).all()
    return [row.category for row in found], _matrix([row.embedding for row in found])


def _matrix(rows: list[list[float]]) -> Embeddings:
    return np.asarray(rows, np.float32) if rows else np.zeros((0, 0), np.float32)


def _ids(session: Session, workspace_id: int, external_ids: Iterable[str]) -> dict[str, int]:
    # One array: a list of hundreds of parameters takes longer to write than to look up.
    these = Product.external_id == any_(bindparam("these", list(external_ids), ARRAY(Text)))
    found = session.execute(
        select(Product.external_id, Product.id).where(Product.workspace_id == workspace_id, these)
    )
    return {row.external_id: row.id for row in found}
