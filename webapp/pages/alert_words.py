"""Names of what rules look for, of the states of an issue, and its figures in a sentence."""

from typing import Any

from flask_babel import force_locale
from flask_babel import gettext as _

from alerting import LEVELS
from storage.models import AlertItem
from webapp.language import LOCALES
from webapp.pages.aspect_names import aspect as aspect_name
from webapp.pages.format import grouped, percent, signed

SHARES = ("negative_share", "aspect_complaints", "suspect_burst")


def kind(code: str, aspect: str = "") -> str:
    """Name what a rule looks for."""
    if code == "aspect_complaints" and aspect:
        return _("Complaints about %(aspect)s rise", aspect=aspect_name(aspect))
    return {
        "negative_share": _("Share of bad reviews rises"),
        "aspect_complaints": _("Complaints about an aspect rise"),
        "net_sentiment": _("Net sentiment falls"),
        "below_band": _("Sales below the forecast's band"),
        "forecast_falls": _("Forecast of the next 14 days falls"),
        "forecast_rises": _("Forecast of the next 14 days rises"),
        "stockout": _("Out of stock"),
        "suspect_burst": _("Burst of suspect reviews"),
    }.get(code, code)


def rule(name: str, of_kind: str) -> str:
    """Name a rule; one that bears the plain name of its kind in either language, in the reader's."""
    plain = set()
    for locale in LOCALES.values():
        with force_locale(locale):
            plain.add(kind(of_kind))
    return kind(of_kind) if name in plain else name


def state(code: str) -> str:
    """Name the state of an issue."""
    return {
        "open": _("New"),
        "acknowledged": _("Seen"),
        "fixing": _("Being fixed"),
        "resolved": _("Resolved"),
        "ignored": _("Ignored"),
    }.get(code, code)


def action(code: str) -> str:
    """Name the act that leads to a state."""
    return {
        "open": _("Open again"),
        "acknowledged": _("Mark as seen"),
        "fixing": _("Start fixing"),
        "resolved": _("Mark as fixed"),
        "ignored": _("Ignore"),
    }.get(code, code)


def channel(code: str) -> str:
    """Name a kind of destination."""
    return {
        "wecom": _("WeCom"),
        "dingtalk": _("DingTalk"),
        "feishu": _("Feishu"),
        "email": _("E-mail"),
        "webhook": _("Webhook"),
    }.get(code, code)


def level(code: str, sensitivity: int) -> str:
    """Say when a rule speaks at a sensitivity."""
    asked = LEVELS[code][sensitivity - 1]
    if code == "below_band":
        return _("Speaks after %(n)s ordinary days in a row below the 80%% band.", n=int(asked))
    if code == "forecast_falls":
        return _(
            "Speaks when the next 14 days are forecast more than %(share)s below the last 14.",
            share=percent(asked, 0),
        )
    if code == "forecast_rises":
        return _(
            "Speaks when the next 14 days are forecast more than %(share)s above the last 14.",
            share=percent(asked, 0),
        )
    if code == "stockout":
        return _("Speaks when %(n)s of the last 7 days were without stock.", n=int(asked))
    return _("Speaks when the change from the 28 days before is more than %(z)s standard errors.", z=asked)


def figures(item: AlertItem) -> str:
    """Say what an issue's rule compared last, with sample and interval."""
    return compared(item.kind, item.figures)


def compared(code: str, of: dict[str, Any]) -> str:
    """Say what a rule of a kind compares, with sample and interval."""
    now, before = of.get("now"), of.get("before")
    if code == "stockout":
        return _("%(n)s of the last 7 days without stock", n=round((now or 0) * 7))
    if code in SHARES:
        text = _(
            "%(now)s in 7 days (n=%(n)s), %(before)s in the 28 before",
            now=percent(now),
            n=of.get("n"),
            before=percent(before),
        )
    elif code == "net_sentiment":
        text = _(
            "%(now)s in 7 days (n=%(n)s), %(before)s in the 28 before",
            now=signed((now or 0) * 100, 0),
            n=of.get("n"),
            before=signed((before or 0) * 100, 0),
        )
    else:
        return _("%(now)s units a day, against %(before)s", now=grouped(now, 1), before=grouped(before, 1))
    return text + _between(of)


def effect(item: AlertItem) -> str:
    """Say what became of the share of complaints after the fix; empty while nothing is measured."""
    of = item.effect
    if not of:
        return ""
    said = _(
        "After the fix %(after)s (n=%(n_after)s, %(days)s d), before %(before)s (n=%(n_before)s)",
        after=percent(of["after"]),
        n_after=of["n_after"],
        days=of["days"],
        before=percent(of["before"]),
        n_before=of["n_before"],
    )
    return said + _between(of)


def _between(of: dict[str, Any]) -> str:
    if of.get("low") is None or of.get("high") is None:
        return ""
    return _(
        "; difference %(low)s to %(high)s pp (95%%)",
        low=signed(of["low"] * 100),
        high=signed(of["high"] * 100),
    )
