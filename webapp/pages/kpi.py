"""The row of figures on top of a report, each with what it is compared with and what it rests on."""

from dataclasses import dataclass

from flask_babel import gettext as _

from storage.overview import Kpis, Period
from webapp.language import language
from webapp.pages.format import Change, compact, percent, point_change, relative_change, signed
from webapp.pages.interval import net_interval, wilson
from webapp.pages.outlook import Outlook


@dataclass(frozen=True)
class Card:
    """One figure: name, value, change and the small print below."""

    name: str
    figure: str
    change: Change | None = None
    note: str = ""
    better: str = ""

    @property
    def tone(self) -> str:
        """Better or worse for figures of sentiment, which never use the red and green of rise and fall."""
        if not self.better or self.change is None or self.change.direction == "flat":
            return ""
        return "better" if self.change.direction == self.better else "worse"


def cards(kpis: Kpis, ahead: Outlook | None, stockout_days: int) -> list[Card]:
    """Return the cards of a report, left to right."""
    now, before = kpis.current, kpis.previous
    return [
        _units(now, before, stockout_days),
        _forecast(ahead),
        Card(
            _("Reviews"),
            compact(now.reviews, language()),
            change=relative_change(now.reviews, before.reviews),
            note=_("Before: %(n)s", n=compact(before.reviews, language())),
        ),
        _net(now, before),
        _share(_("Positive reviews"), "positive", now, before, better="up"),
        _share(_("Negative reviews"), "negative", now, before, better="down"),
    ]


def _units(now: Period, before: Period, stockout_days: int) -> Card:
    note = _("Before: %(n)s", n=compact(before.units, language()))
    if stockout_days:
        note = _("%(n)s days out of stock", n=stockout_days)
    return Card(
        _("Units sold"),
        compact(now.units, language()),
        change=relative_change(now.units, before.units),
        note=note,
    )


def _forecast(ahead: Outlook | None) -> Card:
    if ahead is None:
        return Card(_("Next 14 days"), "—", note=_("No forecast yet"))
    low, high = compact(round(ahead.low), language()), compact(round(ahead.high), language())
    return Card(
        _("Next %(n)s days", n=ahead.days),
        compact(round(ahead.total), language()),
        change=relative_change(ahead.total, ahead.before),
        note=_("80%% band %(low)s – %(high)s", low=low, high=high),
    )


def _net(now: Period, before: Period) -> Card:
    name = _("Net sentiment")
    interval = net_interval(now.positive, now.negative, now.scored)
    if now.net_sentiment is None or interval is None:
        return Card(name, "—", note=_("No scored review"))
    low, high = (signed(bound * 100, 0) for bound in interval)
    return Card(
        name,
        signed(now.net_sentiment * 100),
        change=point_change(now.net_sentiment, before.net_sentiment),
        better="up",
        note=_sample(now.scored, low, high),
    )


def _share(name: str, label: str, now: Period, before: Period, better: str) -> Card:
    count = getattr(now, label)
    interval = wilson(count, now.scored)
    if interval is None:
        return Card(name, "—", note=_("No scored review"))
    low, high = (percent(bound, 0) for bound in interval)
    return Card(
        name,
        percent(count / now.scored),
        change=point_change(getattr(now, f"{label}_share"), getattr(before, f"{label}_share")),
        note=_sample(now.scored, low, high),
        better=better,
    )


def _sample(scored: int, low: str, high: str) -> str:
    interval = _("95%% interval %(low)s to %(high)s", low=low, high=high)
    return f"{interval}\nn = {compact(scored, language())}"
