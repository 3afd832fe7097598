"""The sentence on top of a report: what changed, how sure that is, what to do. Rules, no model."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from reports.interval import FEW, differs
from storage.overview import DayPoint, Kpis
from webapp.language import language
from webapp.pages.format import compact, percent, relative_change
from webapp.pages.outlook import Outlook

NOTICEABLE = 0.10


@dataclass(frozen=True)
class Clause:
    """A part of the sentence and what proves it: a place on the page, or the reviews of a day."""

    text: str
    href: str
    day: date | None = None


def conclude(
    kpis: Kpis,
    ahead: Outlook | None,
    verdict: str | None,
    series: Sequence[DayPoint],
    stockout_days: int | None,
    against: str | None = None,
) -> list[Clause]:
    """Return the clauses of the sentence, in order; parts without data are left out.

    Parameters
    ----------
    against
        What is compared with, where it is not the time before: then nothing rose or fell, it is only unlike.
    """
    worst = worst_day(series)
    parts = [
        _unlike(kpis, against) if against else _sales(kpis),
        _reviews_unlike(kpis, against) if against else _reviews(kpis),
        _ahead(ahead),
        _worth(verdict),
        _advice(kpis, ahead, worst, stockout_days, rising=not against),
    ]
    return [part for part in parts if part]


def worst_day(series: Sequence[DayPoint]) -> date | None:
    """Return the day with most negative reviews, the newest of equals; None where there is none."""
    days = [point for point in series if point.negative]
    return max(days, key=lambda point: (point.negative, point.day)).day if days else None


def _sales(kpis: Kpis) -> Clause | None:
    now, before = kpis.current, kpis.previous
    if not now.units:
        return None
    days = (now.end - now.start).days + 1
    units = compact(now.units, language())
    change = relative_change(now.units, before.units)
    if change is None:
        return Clause(_("%(units)s sold in %(days)s days", units=units, days=days), "#chart")
    if change.direction == "flat":
        return Clause(
            _("%(units)s sold in %(days)s days, as many as before", units=units, days=days), "#chart"
        )
    text = _("%(units)s sold in %(days)s days, %(change)s", units=units, days=days, change=change.text)
    return Clause(text, "#chart")


def _reviews(kpis: Kpis) -> Clause | None:
    now, before = kpis.current, kpis.previous
    if not now.reviews:
        return None
    if not now.scored:
        return Clause(_("%(n)s reviews came in, which are not scored yet", n=now.reviews), "#method")
    share = percent(now.negative / now.scored)
    if now.scored < FEW:
        return Clause(
            _(
                "%(share)s of reviews are negative, too few (%(n)s) to call a trend",
                share=share,
                n=now.scored,
            ),
            "#kpis",
        )
    if before.scored < FEW:
        return Clause(
            _("%(share)s of reviews are negative, with too few before to compare", share=share), "#kpis"
        )
    if not differs(now.negative, now.scored, before.negative, before.scored):
        return Clause(_("%(share)s of reviews are negative, no clear change", share=share), "#kpis")
    before_share = percent(before.negative / before.scored)
    rising = now.negative / now.scored > before.negative / before.scored
    text = (
        _("negative reviews rose from %(before)s to %(share)s", before=before_share, share=share)
        if rising
        else _("negative reviews fell from %(before)s to %(share)s", before=before_share, share=share)
    )
    return Clause(text, "#kpis")


def _unlike(kpis: Kpis, against: str) -> Clause | None:
    now, other = kpis.current, kpis.previous
    if not now.units:
        return None
    days = (now.end - now.start).days + 1
    units, others = (compact(value, language()) for value in (now.units, other.units))
    text = _(
        "%(units)s sold in %(days)s days, against %(others)s (%(against)s)",
        units=units,
        days=days,
        others=others,
        against=against,
    )
    return Clause(text, "#chart")


def _reviews_unlike(kpis: Kpis, against: str) -> Clause | None:
    now, other = kpis.current, kpis.previous
    if not now.scored or not other.scored:
        return _reviews(kpis)
    share, others = percent(now.negative / now.scored), percent(other.negative / other.scored)
    words = {"share": share, "others": others, "against": against}
    text = _("%(share)s of reviews are negative, against %(others)s (%(against)s)", **words)
    if not differs(now.negative, now.scored, other.negative, other.scored):
        text = _("%(share)s of reviews are negative, not clearly unlike %(others)s (%(against)s)", **words)
    return Clause(text, "#kpis")


def _ahead(ahead: Outlook | None) -> Clause | None:
    if ahead is None:
        return None
    total, low, high = (compact(round(value), language()) for value in (ahead.total, ahead.low, ahead.high))
    text = _(
        "the next %(days)s days should bring %(total)s (80%% band %(low)s to %(high)s)",
        days=ahead.days,
        total=total,
        low=low,
        high=high,
    )
    return Clause(text, "#chart")


def _worth(verdict: str | None) -> Clause | None:
    words = {
        "helps": _("sentiment makes this forecast better"),
        "none": _("sentiment does not measurably change this forecast"),
        "harms": _("sentiment made this forecast worse in the backtest"),
    }
    return Clause(words[verdict], "#worth") if verdict in words else None


def _advice(
    kpis: Kpis, ahead: Outlook | None, worst: date | None, stockout_days: int | None, rising: bool
) -> Clause | None:
    now, before = kpis.current, kpis.previous
    if stockout_days:
        return Clause(_("check stock first: %(n)s days were out of stock", n=stockout_days), "#chart")
    rising = rising and differs(now.negative, now.scored, before.negative, before.scored)
    rising = rising and now.negative * before.scored > before.negative * now.scored
    if rising and worst:
        return Clause(
            _("read the negative reviews of %(day)s first", day=worst.isoformat()), "#evidence", worst
        )
    if ahead and ahead.before and ahead.total / ahead.before - 1 > NOTICEABLE:
        return Clause(_("plan stock for more than the last %(n)s days", n=ahead.days), "#chart")
    if ahead and ahead.before and 1 - ahead.total / ahead.before > NOTICEABLE:
        return Clause(_("order with care: demand is expected to ease"), "#drivers")
    return None
