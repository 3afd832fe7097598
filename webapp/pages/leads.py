"""By how many days reviews lead a product's sales, in one sentence."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from webapp.pages.aspect_names import aspect
from webapp.pages.format import chance, signed


def lead(findings: Mapping[str, Any] | None) -> str | None:
    """Say which complaints lead sales most surely, or that none do; None where nothing was measured.

    Parameters
    ----------
    findings : mapping or None
        Of a backtest: ``lags`` as `workers.lags.lags_of` makes them.
    """
    lags = (findings or {}).get("lags") or []
    if not lags:
        return None
    leading = [row for row in lags if row["verdict"] == "leads"]
    if not leading:
        return _("No lead of reviews over sales was found, neither overall nor for an aspect.")
    # An aspect says more than the whole review.
    surest = min(leading, key=lambda row: (row["aspect"] is None, row["p_value"]))
    q = chance(surest["q_value"])
    return _(
        "%(who)s led sales by about %(days)s d (correlation %(correlation)s, %(q)s). "
        "That tells when, and is no proof of a cause.",
        who=_who(surest),
        days=surest["lag"],
        correlation=signed(surest["correlation"], 2),
        q=f"q {'' if q.startswith('<') else '= '}{q}",
    )


def effect_of(findings: Mapping[str, Any] | None, category: str) -> str:
    """Say in a few words what was measured of complaints about an aspect and sales."""
    lags = (findings or {}).get("lags") or []
    row = next((found for found in lags if found["aspect"] == category), None)
    if row is None:
        return _("not measured")
    if row["verdict"] != "leads":
        return _("no lead found")
    return _("leads sales by %(days)s d (r %(r)s)", days=row["lag"], r=signed(row["correlation"], 2))


def _who(row: Mapping[str, Any]) -> str:
    if row["aspect"]:
        return _("Complaints about %(aspect)s", aspect=aspect(row["aspect"]))
    return _("Bad reviews") if row["column"] == "negative_share" else _("The sentiment of reviews")
