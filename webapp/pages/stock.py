"""How near a product is to running out, as far as stored facts can say."""

from collections.abc import Sequence
from datetime import date, timedelta

from flask_babel import gettext as _

from reports.interval import wilson
from storage.overview import DayPoint
from webapp.language import language
from webapp.pages.format import DASH, Change, compact, percent, point_change
from webapp.pages.kpi import Card
from webapp.pages.outlook import Outlook

RECENT = 28


def stock_risk(series: Sequence[DayPoint], last_sale: date | None, ahead: Outlook | None) -> Card:
    """Return the card: out-of-stock days of the last four weeks of sales, and how much the band may ask for.

    Parameters
    ----------
    series : sequence of DayPoint
        All days of the product.
    last_sale : date or None
        The last day of sales; the four weeks end with it.
    ahead : Outlook or None
        The forecast, whose upper bound is what stock should last for.
    """
    name = _("Stock-out risk")
    missing = _("Stock level unknown")
    if last_sale is None:
        return Card(name, DASH, note=_("No sales yet"), term="stockout")
    days, before = _days(series, last_sale), _days(series, last_sale - timedelta(days=RECENT))
    if not days:
        note = _("The sales have no column for days out of stock.") + "\n" + missing
        return Card(name, DASH, note=note, term="stockout")
    empty = sum(days)
    low, high = wilson(empty, len(days)) or (0.0, 0.0)
    lines = [
        _("days without stock, of the last %(n)s", n=len(days)),
        _("95%% interval %(low)s to %(high)s", low=percent(low, 0), high=percent(high, 0)),
        *([_("Before: %(n)s", n=f"{sum(before)}/{len(before)}")] if before else []),
        *([_("Up to %(n)s needed (80%%)", n=compact(round(ahead.high), language()))] if ahead else []),
        missing,
    ]
    return Card(name, f"{empty}/{len(days)}", _change(days, before), "\n".join(lines), "down", "stockout")


def _days(series: Sequence[DayPoint], end: date) -> list[bool]:
    """Return for each of the four weeks' days of which it is known whether it was out of stock."""
    start = end - timedelta(days=RECENT - 1)
    return [bool(p.stockout) for p in series if start <= p.day <= end and p.stockout is not None]


def _change(days: list[bool], before: list[bool]) -> Change | None:
    if not before:
        return None
    return point_change(sum(days) / len(days), sum(before) / len(before))
