"""Numbers, changes and days as people in a Chinese shop read them."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TypeGuard
from zoneinfo import ZoneInfo

from flask_babel import gettext

Number = int | float
DASH = "—"
MINUS = "−"
UNSURE = (0.4, 0.6)


def known(value: Number | None) -> TypeGuard[Number]:
    """Whether a value is a number at all, neither None nor NaN."""
    return value is not None and not math.isnan(value)


def grouped(value: Number | None, digits: int = 0) -> str:
    """Format a number with thousands separators.

    >>> grouped(12345.6)
    '12,346'
    """
    return f"{value:,.{digits}f}".replace("-", MINUS) if known(value) else DASH


def compact(value: Number | None, language: str = "zh") -> str:
    """Shorten a count: 万 and 亿 in Chinese, K and M in English.

    >>> compact(123456), compact(123456, "en"), compact(9876)
    ('12.3万', '123.5K', '9,876')
    """
    if not known(value):
        return DASH
    scales = ((1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e6, "M"), (1e4, "K"))
    for floor, unit in scales:
        if abs(value) >= floor:
            size = 1e3 if unit == "K" else floor
            return grouped(value / size, 1) + unit
    return grouped(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)


def percent(value: Number | None, digits: int = 1) -> str:
    """Format a share.

    >>> percent(0.1234)
    '12.3%'
    """
    return f"{value * 100:.{digits}f}%".replace("-", MINUS) if known(value) else DASH


def chance(value: Number | None) -> str:
    """Format a p-value or q-value, which is never nought.

    >>> chance(0.00004), chance(0.032)
    ('< 0.001', '0.032')
    """
    return "< 0.001" if known(value) and value < 0.001 else grouped(value, 3)


def signed(value: Number | None, digits: int = 1) -> str:
    """Format a number with its sign, a true minus included.

    >>> signed(-0.25, 2)
    '−0.25'
    """
    if not known(value):
        return DASH
    text = f"{abs(value):,.{digits}f}"
    if not float(text.replace(",", "")):
        return text
    return ("+" if value > 0 else MINUS) + text


@dataclass(frozen=True)
class Change:
    """A difference beside what it is compared with: an arrow, a text and a direction for the colour."""

    direction: str
    text: str

    @property
    def arrow(self) -> str:
        """The sign that says the direction without colour."""
        return {"up": "▲", "down": "▼"}.get(self.direction, "→")


def _direction(difference: float, tolerance: float) -> str:
    if abs(difference) < tolerance:
        return "flat"
    return "up" if difference > 0 else "down"


def relative_change(now: Number | None, before: Number | None) -> Change | None:
    """Compare two amounts; None where there is nothing to compare with.

    >>> relative_change(110, 100)
    Change(direction='up', text='+10.0%')
    """
    if not known(now) or not known(before) or not before:
        return None
    share = (now - before) / abs(before)
    return Change(_direction(share, 0.0005), signed(share * 100) + "%")


def point_change(now: Number | None, before: Number | None) -> Change | None:
    """Compare two shares in percentage points, named in the reader's language."""
    if not known(now) or not known(before):
        return None
    points = (now - before) * 100
    return Change(_direction(points, 0.05), signed(points) + gettext(" pp"))


def likely_change(p_up: Number | None) -> Change | None:
    """Say which way sales will go with the probability of it; a toss-up, 40% to 60%, is flat.

    >>> likely_change(0.28), likely_change(0.55)
    (Change(direction='down', text='72%'), Change(direction='flat', text='55%'))
    """
    if not known(p_up):
        return None
    if UNSURE[0] <= p_up <= UNSURE[1]:
        return Change("flat", percent(p_up, 0))
    return Change("up", percent(p_up, 0)) if p_up > 0.5 else Change("down", percent(1 - p_up, 0))


def day(value: date | datetime | str | None) -> str:
    """Format a day as 2026-11-11."""
    return str(value)[:10] if value else DASH


def minute(value: datetime | None, timezone: str) -> str:
    """Format a moment in the shop's zone as 2026-11-11 08:30; a naive moment is UTC."""
    if value is None:
        return DASH
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def size(count: int) -> str:
    """Format a number of bytes.

    >>> size(817), size(12_345), size(3_400_000)
    ('817 B', '12.3 KB', '3.4 MB')
    """
    for scale, unit in ((1e9, "GB"), (1e6, "MB"), (1e3, "KB")):
        if count >= scale:
            return f"{grouped(count / scale, 1)} {unit}"
    return f"{count} B"


def duration(seconds: Number | None) -> str:
    """Format a span as 1:02:03 or 2:03.

    >>> duration(63)
    '1:03'
    """
    if not known(seconds):
        return DASH
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
