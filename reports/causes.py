"""What moves a forecast, counted as a reader would: drivers of one group together, each aspect by itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

FAMILIES = ("reviews", "rating")
Cause = tuple[str, str]


def cause(driver: Mapping[str, Any]) -> Cause:
    """Name what a driver is counted as, and whether it is blame or praise of an aspect.

    >>> cause({"name": "reviews_7", "group": "reviews_7"})
    ('reviews', '')
    """
    group = str(driver.get("group") or driver["name"])
    if group == "sentiment":
        return str(driver["name"]), str(driver.get("polarity", ""))
    return next((family for family in FAMILIES if group.startswith(family)), group), ""


def totals(drivers: Sequence[Mapping[str, Any]] | None) -> dict[Cause, float]:
    """Add up effects by what they are counted as, the strongest first: (name, polarity) -> units."""
    found: dict[Cause, float] = {}
    for driver in drivers or ():
        named = cause(driver)
        found[named] = found.get(named, 0.0) + float(driver["effect"])
    strongest = sorted(found.items(), key=lambda item: -abs(item[1]))
    return {named: units for named, units in strongest if units}
