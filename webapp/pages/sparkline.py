"""A line of a few dozen pixels, drawn on the server."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, MARGIN = 120, 32, 3


@dataclass(frozen=True)
class Sparkline:
    """What a template needs to draw the line: SVG points and the place of the last one."""

    line: str
    area: str
    x: float
    y: float


def sparkline(values: Sequence[float | None]) -> Sparkline | None:
    """Scale values (a value a day, None where unknown) into a box of 120 × 32.

    Returns
    -------
    None where fewer than two values are known: a dot is not a trend.
    """
    known = [(at, value) for at, value in enumerate(values) if value is not None and value == value]
    if len(known) < 2:
        return None
    low, high = min(v for _, v in known), max(v for _, v in known)
    across = (WIDTH - 2 * MARGIN) / max(len(values) - 1, 1)
    up = (HEIGHT - 2 * MARGIN) / ((high - low) or 1)
    points = [(round(MARGIN + at * across, 1), round(HEIGHT - MARGIN - (v - low) * up, 1)) for at, v in known]
    line = " ".join(f"{x},{y}" for x, y in points)
    area = f"{points[0][0]},{HEIGHT} {line} {points[-1][0]},{HEIGHT}"
    return Sparkline(line, area, *points[-1])
