"""The first page: every product with its figures."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from storage.overview import ProductRow, data_cutoff, product_rows
from storage.products import categories, count_products
from webapp.auth import current_workspace, login_required_page
from webapp.database import session
from webapp.pages.format import Change, likely_change, point_change, relative_change
from webapp.pages.sparkline import Sparkline, sparkline

DAYS = 30
PAGE = 25
SORTS = {"units": True, "change": True, "reviews": True, "net_sentiment": False, "title": False}


@dataclass(frozen=True)
class Line:
    """A product's row, ready to be shown."""

    row: ProductRow
    units_change: Change | None
    sentiment_change: Change | None
    units_line: Sparkline | None
    outlook: Change | None


@dataclass(frozen=True)
class Ordering:
    """Which column the table is sorted by."""

    sort: str
    descending: bool


def add_routes(pages: Blueprint) -> None:
    """Put the page at /."""
    pages.add_url_rule("/", "overview", overview)


@login_required_page
def overview() -> ResponseReturnValue:
    """Show a page of products of the last 30 days with data."""
    workspace = current_workspace.id
    cutoff = data_cutoff(session, workspace)
    end = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=date.today())
    ordering = read_ordering(request.args.get("sort"), request.args.get("order"))
    query, category = request.args.get("q", "").strip(), request.args.get("category") or None
    rows = product_rows(
        session,
        workspace,
        start=end - timedelta(days=DAYS - 1),
        end=end,
        query=query,
        category=category,
        sort=ordering.sort,
        descending=ordering.descending,
        cursor=request.args.get("cursor"),
        limit=PAGE,
    )
    shown: dict[str, Any] = {
        "lines": [_line(row) for row in rows.items],
        "next": rows.next,
        "cutoff": cutoff,
        "ordering": ordering,
        "query": query,
        "category": category,
        "categories": categories(session, workspace),
        "count": count_products(session, workspace),
    }
    return render_template("pages/overview.html", section="pages.overview", days=DAYS, **shown)


def read_ordering(sort: str | None, order: str | None) -> Ordering:
    """Read a sort column and direction; each column has a natural direction of its own."""
    column = sort if sort in SORTS else "units"
    return Ordering(column, order == "desc" if order in ("asc", "desc") else SORTS[column])


def _line(row: ProductRow) -> Line:
    return Line(
        row,
        relative_change(row.units, row.previous_units),
        point_change(row.net_sentiment, row.previous_net_sentiment),
        sparkline(row.units_spark),
        likely_change(row.p_up),
    )
