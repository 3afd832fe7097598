"""A few products of the workspace beside each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from reports.interval import net_interval
from storage.overview import data_cutoff
from storage.products import list_products
from storage.side_by_side import Side, side_by_side
from webapp.auth import current_workspace, login_required_page
from webapp.database import session
from webapp.pages.comparison import SERVICE
from webapp.pages.lines import lines, series
from webapp.pages.outlook import Outlook, outlook
from webapp.pages.period import CHOICES, Period, read_period
from webapp.pages.worth import Worth, worth

MOST = 4
FOUND = 8
TONES = ("sales", "series-2", "series-3", "series-5")
SCALES = ("units", "index")


@dataclass(frozen=True)
class Column:
    """A product's figures; the interval is that of the net sentiment (95%)."""

    side: Side
    name: str
    units: float | None
    days: int
    net: float | None
    interval: tuple[float, float] | None
    ahead: Outlook | None
    wape: float | None
    worth: Worth | None
    without: str


def add_routes(pages: Blueprint) -> None:
    """Put the page at /compare, its picker below it."""
    pages.add_url_rule("/compare", "compare", compare)
    pages.add_url_rule("/compare/search", "compare_search", search)


@login_required_page
def compare() -> ResponseReturnValue:
    """Show up to four products; 404 for one that is not there."""
    ids, workspace_id = read_ids(request.args), current_workspace.id
    cutoff = data_cutoff(session, workspace_id)
    last = max((day for day in (cutoff.sales, cutoff.reviews) if day), default=date.today())
    period = read_period(request.args, cutoff.first or last, last)
    sides = side_by_side(session, workspace_id, ids, start=period.start, end=period.end) if ids else []
    scale = "index" if request.args.get("scale") == "index" else "units"
    return render_template(
        "pages/compare.html",
        section="pages.compare",
        columns=[_column(side, ids) for side in sides],
        chart=_chart(sides, period, scale) if any(side.units for side in sides) else None,
        period=period,
        choices=CHOICES,
        scale=scale,
        ids=joined(ids),
        most=MOST,
        **_found(ids),
    )


@login_required_page
def search() -> ResponseReturnValue:
    """Show products to add: a fragment below the search field."""
    return render_template("pages/compare_found.html", **_found(read_ids(request.args)))


def read_ids(args: Mapping[str, str]) -> list[int]:
    """Read ``ids=3,7``: the first four numbers, each once."""
    words = (word.strip() for word in args.get("ids", "").split(","))
    return list(dict.fromkeys(int(word) for word in words if word.isascii() and word.isdigit()))[:MOST]


def joined(ids: Sequence[int]) -> str:
    """Write ids as an address holds them."""
    return ",".join(str(id) for id in ids)


def _found(ids: Sequence[int]) -> dict[str, Any]:
    query = request.args.get("q", "").strip()
    if len(ids) >= MOST or (len(ids) > 1 and not query):
        return {"query": query, "found": []}
    products = list_products(session, current_workspace.id, query=query, limit=FOUND + len(ids)).items
    further = [product for product in products if product.id not in ids][:FOUND]
    return {
        "query": query,
        "found": [
            (product, url_for("pages.compare", **_kept() | {"ids": joined([*ids, product.id])}))
            for product in further
        ],
    }


def _kept() -> dict[str, Any]:
    return {name: request.args[name] for name in ("days", "scale") if name in request.args}


def _column(side: Side, ids: Sequence[int]) -> Column:
    said = (side.run.lift if side.run else None) or (side.backtest.lift if side.backtest else None)
    return Column(
        side=side,
        name=_name(side),
        units=sum(side.units.values()) if side.units else None,
        days=len(side.units),
        net=(side.positive - side.negative) / side.scored if side.scored else None,
        interval=net_interval(side.positive, side.negative, side.scored),
        ahead=outlook(side.run, ()),
        wape=_wape(side),
        worth=worth(said),
        without=url_for(
            "pages.compare", **_kept() | {"ids": joined([id for id in ids if id != side.product.id]) or None}
        ),
    )


def _wape(side: Side) -> float | None:
    """Return the error of what the service forecast, or of the model that is the champion."""
    if side.backtest is None:
        return None
    metrics = side.backtest.metrics
    found: float | None = (metrics.get(SERVICE) or metrics.get(side.backtest.champion) or {}).get("wape")
    return found


def _name(side: Side) -> str:
    return side.product.title or side.product.external_id


def _chart(sides: Sequence[Side], period: Period, scale: str) -> dict[str, Any]:
    """Draw units by day; as an index each product's mean of the period is 100."""
    days = [period.start + timedelta(days=at) for at in range(period.days)]
    names = list(_distinct(sides))
    drawn = [
        series(name, _scaled([side.units.get(day) for day in days], scale), tone)
        for side, name, tone in zip(sides, names, TONES, strict=False)
    ]
    unit = _("Index, mean = 100") if scale == "index" else _("Units sold")
    return lines(_("Day"), [day.isoformat() for day in days], drawn, panels=[unit], zoom=True)


def _distinct(sides: Sequence[Side]) -> Iterator[str]:
    """Yield names, with the shop's id where two products are called alike."""
    names = [_name(side) for side in sides]
    for side, name in zip(sides, names, strict=True):
        yield f"{name} ({side.product.external_id})" if names.count(name) > 1 else name


def _scaled(units: list[float | None], scale: str) -> list[float | None]:
    known = [value for value in units if value is not None]
    mean = sum(known) / len(known) if known else 0.0
    if scale != "index" or not mean:
        return units
    return [None if value is None else value / mean * 100 for value in units]
