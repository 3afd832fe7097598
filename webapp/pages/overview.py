"""The first page: every product with its figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue
from flask_login import current_user

from storage.alert_items import active_by_product
from storage.jobs import count_active
from storage.overview import ProductRow, data_cutoff, product_rows
from storage.products import count_products, words_in_use
from storage.saved_views import list_views
from webapp.auth import current_workspace, login_required_page
from webapp.database import session
from webapp.pages.format import Change, likely_change, point_change, relative_change
from webapp.pages.sparkline import Sparkline, sparkline

DAYS = 30
PAGE = 25
SORTS = {"units": True, "change": True, "reviews": True, "net_sentiment": False, "title": False}
FILTERS = ("category", "brand", "shop")


@dataclass(frozen=True)
class Line:
    """A product's row, ready to be shown."""

    row: ProductRow
    alerts: int
    units_change: Change | None
    sentiment_change: Change | None
    units_line: Sparkline | None
    sentiment_line: Sparkline | None
    outlook: Change | None


@dataclass(frozen=True)
class Wish:
    """What the reader asked for: words, filters by name, and the column that sorts."""

    query: str
    filters: dict[str, str]
    sort: str
    descending: bool

    @property
    def asked(self) -> dict[str, str]:
        """It as the arguments of an address, without what goes by itself."""
        order = {"sort": self.sort, "order": "desc" if self.descending else "asc"}
        usual = self.sort == "units" and self.descending
        return ({"q": self.query} if self.query else {}) | self.filters | ({} if usual else order)


def add_routes(pages: Blueprint) -> None:
    """Put the page at /."""
    pages.add_url_rule("/", "overview", overview)


@login_required_page
def overview() -> ResponseReturnValue:
    """Show a page of products of the last 30 days with data."""
    workspace = current_workspace.id
    cutoff = data_cutoff(session, workspace)
    end = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=date.today())
    wish = read_wish(request.args)
    rows = product_rows(
        session,
        workspace,
        start=end - timedelta(days=DAYS - 1),
        end=end,
        query=wish.query,
        **wish.filters,
        sort=wish.sort,
        descending=wish.descending,
        cursor=request.args.get("cursor"),
        limit=PAGE,
    )
    alerts = active_by_product(session, workspace, [row.product.id for row in rows.items])
    shown: dict[str, Any] = {
        "lines": [_line(row, alerts.get(row.product.id, 0)) for row in rows.items],
        "next": rows.next,
        "cutoff": cutoff,
        "wish": wish,
        "offered": words_in_use(session, workspace),
        "views": list_views(session, workspace, current_user.id),
        "count": count_products(session, workspace),
        "busy": count_active(session, workspace),
    }
    return render_template("pages/overview.html", section="pages.overview", days=DAYS, **shown)


def read_wish(given: Mapping[str, str]) -> Wish:
    """Read search, filters and order; each column has a natural direction of its own."""
    column = given.get("sort", "")
    column = column if column in SORTS else "units"
    order = given.get("order")
    descending = order == "desc" if order in ("asc", "desc") else SORTS[column]
    filters = {name: given[name] for name in FILTERS if given.get(name)}
    return Wish(given.get("q", "").strip(), filters, column, descending)


def weekly(values: Sequence[float | None]) -> list[float | None]:
    """Return the mean of each day and the six before it: a day has few reviews; None where it has none."""
    weeks = ([v for v in values[max(at - 6, 0) : at + 1] if v is not None] for at in range(len(values)))
    return [sum(week) / len(week) if week else None for week in weeks]


def _line(row: ProductRow, alerts: int) -> Line:
    return Line(
        row,
        alerts,
        relative_change(row.units, row.previous_units),
        point_change(row.net_sentiment, row.previous_net_sentiment),
        sparkline(row.units_spark),
        sparkline(weekly(row.sentiment_spark)),
        likely_change(row.p_up),
    )
