"""The row of figures on top of a report, each with what it is compared with and what it rests on."""

from dataclasses import dataclass

from flask_babel import gettext as _

from reports.interval import net_interval, wilson
from storage.overview import Kpis, Period
from webapp.language import language
from webapp.pages.format import DASH, Change, compact, percent, point_change, relative_change, signed
from webapp.pages.outlook import Outlook


@dataclass(frozen=True)
class Card:
    """One figure: name, value, change, the small print below, and the code of its definition."""

    name: str
    figure: str
    change: Change | None = None
    note: str = ""
    better: str = ""
    term: str = ""

    @property
    def tone(self) -> str:
        """Better or worse for figures of sentiment, which never use the red and green of rise and fall."""
        if not self.better or self.change is None or self.change.direction == "flat":
            return ""
        return "better" if self.change.direction == self.better else "worse"


def cards(
    kpis: Kpis,
    ahead: Outlook | None,
    stockout_days: int | None,
    stock: Card | None = None,
    against: str | None = None,
) -> list[Card]:
    """Return the cards of a report, left to right.

    Parameters
    ----------
    stock
        The card about running out.
    against
        What is compared with, where it is not the time before.
    """
    beside = _Beside(kpis.current, kpis.previous, against)
    found = [
        _units(beside, stockout_days),
        _forecast(ahead),
        stock,
        _reviews(beside),
        _net(beside),
        _share(_("Positive reviews"), "positive", beside, better="up"),
        _share(_("Negative reviews"), "negative", beside, better="down"),
    ]
    return [card for card in found if card]


@dataclass(frozen=True)
class _Beside:
    """A period and what it is compared with."""

    now: Period
    before: Period
    against: str | None

    def told(self, figure: str) -> str:
        """Say the figure of what is compared with."""
        if self.against is None:
            return _("Before: %(n)s", n=figure)
        return _("%(against)s: %(n)s", against=self.against, n=figure)


def _units(beside: _Beside, stockout_days: int | None) -> Card:
    now, before = beside.now, beside.before
    lines = [beside.told(compact(before.units, language()))]
    if stockout_days:
        lines.append(_("%(n)s days out of stock", n=stockout_days))
    return Card(
        _("Units sold"),
        compact(now.units, language()),
        change=relative_change(now.units, before.units),
        note="\n".join(lines),
        term="units",
    )


def _reviews(beside: _Beside) -> Card:
    now, before = beside.now, beside.before
    return Card(
        _("Reviews"),
        compact(now.reviews, language()),
        change=relative_change(now.reviews, before.reviews),
        note=beside.told(compact(before.reviews, language())),
        term="reviews",
    )


def _forecast(ahead: Outlook | None) -> Card:
    if ahead is None:
        return Card(_("Next 14 days"), "—", note=_("No forecast yet"), term="ahead")
    low, high = compact(round(ahead.low), language()), compact(round(ahead.high), language())
    lines = [_("80%% band %(low)s – %(high)s", low=low, high=high)]
    if ahead.before is not None:
        lines.append(_("%(n)s days before: %(units)s", n=ahead.days, units=compact(ahead.before, language())))
    return Card(
        _("Next %(n)s days", n=ahead.days),
        compact(round(ahead.total), language()),
        change=relative_change(ahead.total, ahead.before),
        note="\n".join(lines),
        term="ahead",
    )


def _net(beside: _Beside) -> Card:
    name, now, before = _("Net sentiment"), beside.now, beside.before
    interval = net_interval(now.positive, now.negative, now.scored)
    if now.net_sentiment is None or interval is None:
        return Card(name, "—", note=_("No scored review"), term="net_sentiment")
    low, high = (signed(bound * 100, 0) for bound in interval)
    points = DASH if before.net_sentiment is None else signed(before.net_sentiment * 100)
    return Card(
        name,
        signed(now.net_sentiment * 100),
        change=point_change(now.net_sentiment, before.net_sentiment),
        better="up",
        note=_sample(beside, low, high, points),
        term="net_sentiment",
    )


def _share(name: str, label: str, beside: _Beside, better: str) -> Card:
    now, before = beside.now, beside.before
    count = getattr(now, label)
    interval = wilson(count, now.scored)
    if interval is None:
        return Card(name, "—", note=_("No scored review"), term=f"{label}_share")
    low, high = (percent(bound, 0) for bound in interval)
    share_before = getattr(before, f"{label}_share")
    return Card(
        name,
        percent(count / now.scored),
        change=point_change(getattr(now, f"{label}_share"), share_before),
        note=_sample(beside, low, high, percent(share_before)),
        better=better,
        term=f"{label}_share",
    )


def _sample(beside: _Beside, low: str, high: str, figure_before: str) -> str:
    """Say how sure a figure is, on how many reviews, and the same of what it is compared with."""
    lines = [
        _("95%% interval %(low)s to %(high)s", low=low, high=high),
        f"n = {compact(beside.now.scored, language())}",
    ]
    if beside.before.scored:
        lines.append(f"{beside.told(figure_before)} (n = {compact(beside.before.scored, language())})")
    return "\n".join(lines)
