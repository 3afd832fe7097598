"""What moves the forecast: a waterfall from the usual level to the total ahead, drawn on the server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any, Literal

MOST = 7
FAMILIES = {
    "sentiment": ("sentiment", "negative_share", "positive_share"),
    "reviews": ("reviews",),
    "rating": ("rating",),
}
POINT = 1.2
ROOM = 100 - POINT


@dataclass(frozen=True)
class Bar:
    """A row; `x` and `width` are percent of the drawing.

    A driver is a floating bar (`kind` up or down). A level is a point (`kind` level), never a bar, because
    the axis does not start at zero.
    """

    name: str
    kind: Literal["up", "down", "level"]
    value: float
    x: float
    width: float


def waterfall(drivers: Sequence[Mapping[str, Any]] | None, total: float | None) -> list[Bar]:
    """Lay out drivers (`name`, `effect` in units over the horizon), the strongest first.

    Columns that measure one thing over several windows are one driver, as a reader would count them.
    The usual level is the total without the effects. More than seven drivers: the weakest are joined.
    Empty where there is no driver with an effect.
    """
    effects = _strongest(_by_family(drivers or ()))
    if not effects or total is None:
        return []
    usual = total - sum(effect for _, effect in effects)
    levels = list(accumulate((effect for _, effect in effects), initial=usual))
    low, scale = min(levels), ROOM / ((max(levels) - min(levels)) or 1)
    across = [round((level - low) * scale, 2) for level in levels]
    bars = [
        Bar(name, "up" if effect > 0 else "down", effect, min(pair), round(abs(pair[1] - pair[0]) + POINT, 2))
        for (name, effect), pair in zip(effects, pairwise(across), strict=True)
    ]
    return [
        Bar("usual", "level", usual, across[0], POINT),
        *bars,
        Bar("ahead", "level", total, across[-1], POINT),
    ]


def _by_family(drivers: Sequence[Mapping[str, Any]]) -> list[tuple[str, float]]:
    joined: dict[str, float] = {}
    for driver in drivers:
        family = _family(str(driver["name"]))
        joined[family] = joined.get(family, 0.0) + float(driver["effect"])
    return [(name, effect) for name, effect in joined.items() if effect]


def _family(name: str) -> str:
    return next((family for family, starts in FAMILIES.items() if name.startswith(starts)), name)


def _strongest(effects: list[tuple[str, float]]) -> list[tuple[str, float]]:
    ordered = sorted(effects, key=lambda pair: -abs(pair[1]))
    if len(ordered) <= MOST:
        return ordered
    return [*ordered[: MOST - 1], ("others", sum(effect for _, effect in ordered[MOST - 1 :]))]
