"""The reviews beside the chart: of a day, of an aspect, or behind a bar of the waterfall."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage.forecasts import latest_run
from storage.overview import DayPoint, daily_series
from storage.products import get_product
from storage.reviews import list_reviews
from storage.scope import Scope
from webapp.auth import current_workspace, login_required_page
from webapp.database import session
from webapp.pages import format, names
from webapp.pages.aspect_names import aspect_label
from webapp.pages.filters import args_of, read_scope
from webapp.pages.outlook import outlook
from webapp.pages.review import shown
from webapp.pages.waterfall import Bar, waterfall
from webapp.problems import Problem

EVIDENCE = 20
POLARITIES = ("negative", "neutral", "positive")


def add_routes(pages: Blueprint) -> None:
    """Put the fragments below /products/<id>."""
    pages.add_url_rule("/products/<int:product_id>/days/<day>", "day", day)
    pages.add_url_rule("/products/<int:product_id>/behind", "behind", behind)
    pages.add_url_rule("/products/<int:product_id>/about", "about", about)


@login_required_page
def day(product_id: int, day: str) -> ResponseReturnValue:
    """Show the reviews of one day: a fragment that htmx puts beside the chart."""
    get_product(session, current_workspace.id, product_id)
    return _fragment(product_id, of_day(product_id, read_day(day), read_scope(request.args)))


@login_required_page
def behind(product_id: int) -> ResponseReturnValue:
    """Show the reviews behind a bar of the waterfall: a fragment that htmx puts beside the chart."""
    get_product(session, current_workspace.id, product_id)
    run = latest_run(session, current_workspace.id, product_id)
    ahead = outlook(run, ())
    bars = waterfall(run.drivers if run else None, ahead.total if ahead else None)
    nothing = {"title": _("Reviews"), **_page(product_id, ids=())}
    return _fragment(product_id, behind_bar(product_id, bars) or nothing)


@login_required_page
def about(product_id: int) -> ResponseReturnValue:
    """Show the reviews of some days about an aspect: a fragment that htmx puts beside the chart."""
    get_product(session, current_workspace.id, product_id)
    given = [request.args.get(name) for name in ("start", "end")]
    start, end = (read_day(text) if text else None for text in given)
    nothing = {"title": _("Reviews"), **_page(product_id, ids=())}
    return _fragment(product_id, of_aspect(product_id, start, end, read_scope(request.args)) or nothing)


def read_day(text: str) -> date:
    """Read a day of an address; 404 for what is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise Problem(404, _("%(text)s is not a day; days look like 2026-11-11.", text=text)) from error


def of_day(product_id: int, at: date | None, scope: Scope, series: Sequence[DayPoint] = ()) -> dict[str, Any]:
    """Return one day's reviews and counts; none where the product has no review at all.

    Parameters
    ----------
    series : sequence of DayPoint
        Days that are known already, of the same scope; another day is asked for.
    """
    if at is None:
        return {"reviews": None, "title": _("Reviews")}
    chosen = _polarity()
    known = [point for point in series if point.day == at]
    counts = known or daily_series(session, current_workspace.id, product_id, start=at, end=at, **scope)
    args = {"day": at.isoformat(), **args_of(scope)}
    return {
        "at": at,
        "title": _("Reviews · %(of)s", of=format.day(at)),
        "counts": counts[0] if counts else None,
        "polarity": chosen,
        "more": url_for("pages.day", product_id=product_id, polarity=chosen, **args),
        "args": args,
        **_page(product_id, start=at, end=at, polarity=chosen, **scope),
    }


def of_aspect(product_id: int, start: date | None, end: date | None, scope: Scope) -> dict[str, Any]:
    """Return the reviews about the aspect that the address names; empty where it names none."""
    aspect, chosen = request.args.get("aspect"), _polarity()
    if not aspect:
        return {}
    days = {name: day.isoformat() for name, day in (("start", start), ("end", end)) if day}
    args = {"aspect": aspect, **days, **args_of(scope)}
    of = aspect_label(aspect)
    if chosen in ("negative", "positive"):
        of = names.driver(f"sentiment:{aspect}", chosen)
    return {
        "title": _("Reviews · %(of)s", of=of),
        "more": url_for("pages.about", product_id=product_id, polarity=chosen, **args),
        **_page(product_id, start=start, end=end, aspect=aspect, polarity=chosen, **scope),
    }


def behind_bar(product_id: int, bars: Sequence[Bar]) -> dict[str, Any]:
    """Return the reviews behind the bar that the address names; empty where it names none with reviews."""
    name, polarity = request.args.get("driver"), request.args.get("polarity", "")
    bar = next((bar for bar in bars if (bar.name, bar.polarity) == (name, polarity) and bar.reviews), None)
    if bar is None:
        return {}
    return {
        "title": _("Reviews · %(of)s", of=names.driver(bar.name, bar.polarity)),
        "more": url_for("pages.behind", product_id=product_id, driver=name, polarity=polarity or None),
        **_page(product_id, ids=bar.reviews),
    }


def _polarity() -> str | None:
    polarity = request.args.get("polarity")
    return polarity if polarity in POLARITIES else None


def _page(product_id: int, **which: Any) -> dict[str, Any]:
    cursor = request.args.get("cursor")
    reviews = list_reviews(session, current_workspace.id, product_id, **which, cursor=cursor, limit=EVIDENCE)
    return {"reviews": reviews, "shown": shown(reviews.items, which.get("aspect"))}


def _fragment(product_id: int, found: dict[str, Any]) -> str:
    return render_template("pages/evidence.html", product_id=product_id, **found)
