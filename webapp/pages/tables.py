"""The figures behind the charts of a report, as files for a spreadsheet."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from flask import Blueprint, Response, request
from flask_babel import gettext as _

from storage import themes
from storage.models import Backtest
from storage.overview import DayPoint
from storage.products import get_product
from webapp.auth import current_workspace, login_required_page
from webapp.cells import MARK, csv_line
from webapp.database import session
from webapp.pages.aspect_names import aspect_label
from webapp.pages.aspects import Aspect, aspects
from webapp.pages.chart import mark_names
from webapp.pages.findings import Known, gather
from webapp.problems import Problem


def add_routes(pages: Blueprint) -> None:
    """Put the files beside the report."""
    pages.add_url_rule("/products/<int:product_id>/days.csv", "days_csv", days_csv)
    pages.add_url_rule("/products/<int:product_id>/aspects.csv", "aspects_csv", aspects_csv)


@login_required_page
def days_csv(product_id: int) -> Response:
    """Send the days of the main chart, those of the forecast last."""
    known = _known(product_id)
    return _file(f"{product_id}-days.csv", _days(known))


@login_required_page
def aspects_csv(product_id: int) -> Response:
    """Send the table of aspects."""
    known = _known(product_id)
    span: Any = {"start": known.period.start, "end": known.period.end, **known.filters.scope}
    rows = themes.aspects(session, current_workspace.id, product_id, **span)
    return _file(f"{product_id}-aspects.csv", _aspects(aspects(rows, _findings(known.backtest))))


def _known(product_id: int) -> Known:
    product = get_product(session, current_workspace.id, product_id)
    known = gather(session, current_workspace.id, product, request.args)
    if known is None:
        raise Problem(404, _("This product has no sale and no review yet"))
    return known


def _findings(backtest: Backtest | None) -> dict[str, Any] | None:
    return backtest.findings if backtest else None


def _days(known: Known) -> Iterator[Sequence[Any]]:
    marks = mark_names(known.marks)
    yield [
        *(_("Day"), _("Units sold"), _("Price"), _("Out of stock"), _("Reviews"), _("Positive")),
        *(_("Negative"), _("Forecast"), _("80% band"), _("80% band"), _("Marked")),
    ]
    for point in known.within:
        yield [*_day(point), None, None, None, marks.get(point.day, "")]
    for ahead in known.run.points if known.run else []:
        band = (ahead.bands.get("lo-80"), ahead.bands.get("hi-80"))
        yield [ahead.ds.isoformat(), *[None] * 6, ahead.yhat, *band, marks.get(ahead.ds, "")]


def _day(point: DayPoint) -> list[Any]:
    counts = [point.reviews, point.positive, point.negative]
    return [point.day.isoformat(), point.units, point.price, point.stockout, *counts]


def _aspects(found: Iterable[Aspect]) -> Iterator[Sequence[Any]]:
    yield [
        *(_("Aspect"), _("Mentions"), _("Positive"), _("Negative"), _("Effect on stars")),
        *(_("Reviews that blame it, with stars"), _("Other reviews with stars"), _("Effect on sales")),
    ]
    for one in found:
        of = one.effect
        stars = [round(of.stars, 3), of.n, of.others] if of else [None] * 3
        yield [aspect_label(one.category), one.mentions, one.positive, one.negative, *stars, one.sales]


def _file(name: str, rows: Iterable[Sequence[Any]]) -> Response:
    # Written at once: the rows are read already, and a stream would outlive the reader's language.
    body = MARK + "".join(csv_line(row) for row in rows)
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(body, mimetype="text/csv", headers=headers)
