"""A product's sales taken apart, and what the tests of an ARIMA's orders say of them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _

from storage.models import Backtest
from webapp.pages.lines import lines, series

LEVEL = 0.05
MOST_ORDERS = 10


@dataclass(frozen=True)
class Reading:
    """A test by its term of the glossary: its p-value, and what that says of this product."""

    term: str
    p_value: float
    says: str


@dataclass(frozen=True)
class Order:
    """An ARIMA that was tried: its orders, its AICc, and whether it was taken."""

    name: str
    aicc: float
    chosen: bool


@dataclass(frozen=True)
class Decomposition:
    """The parts as a chart (None where the history is too short), the tests, and the orders tried."""

    days: int
    chart: dict[str, Any] | None
    tests: list[Reading]
    order: str | None
    orders: list[Order]


def decomposition(backtest: Backtest | None) -> Decomposition | None:
    """Read what training kept; None where it kept nothing."""
    findings = backtest.findings if backtest else {}
    found = findings.get("series")
    if not found:
        return None
    arima = findings.get("arima") or {}
    tried = arima.get("aicc") or {}
    chosen = _order(arima["order"]) if arima.get("order") else None
    orders = [Order(name, value, name == chosen) for name, value in tried.items() if value is not None]
    return Decomposition(
        days=found["days"],
        chart=_chart(found) if "trend" in found else None,
        tests=list(_tests(found.get("tests") or {})),
        order=chosen,
        orders=sorted(orders, key=lambda order: order.aicc)[:MOST_ORDERS],
    )


def _chart(found: Mapping[str, Any]) -> dict[str, Any]:
    first = date.fromisoformat(found["from"])
    days = [(first + timedelta(days=at)).isoformat() for at in range(found["days"])]
    trend, week, rest = found["trend"], found["week"], found["remainder"]
    sold = [sum(parts) for parts in zip(trend, week, rest, strict=True)]
    return lines(
        _("Day"),
        days,
        [
            series(_("Units sold"), sold, "sales"),
            series(_("Trend"), trend, "series-2"),
            series(_("Week"), week, "series-1", panel=1),
            series(_("Rest"), rest, "neutral", kind="bar", panel=2),
        ],
        panels=[_("Units sold"), _("Week"), _("Rest")],
        zoom=True,
    )


def _tests(tests: Mapping[str, Any]) -> Iterator[Reading]:
    said = {
        "adf": (
            _("The level returns to its mean."),
            _("No return to a mean is shown: the level may wander."),
        ),
        "kpss": (_("The level does not stay where it is."), _("Nothing speaks against a level that stays.")),
        "weekday_test": (_("Weekdays sell differently."), _("No difference between weekdays is shown.")),
    }
    for term, (yes, no) in said.items():
        p_value = tests.get(f"{term.removesuffix('_test')}_p")
        if p_value is not None:
            yield Reading(term, p_value, yes if p_value < LEVEL else no)


def _order(numbers: list[int]) -> str:
    p, d, q, seasonal_p, seasonal_d, seasonal_q = numbers
    return f"({p},{d},{q})({seasonal_p},{seasonal_d},{seasonal_q})"
