"""Numbers, changes and days as people in a Chinese shop read them."""

import math
from dataclasses import dataclass
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext

Number = int | float
DASH = "—"


def missing(value: object) -> bool:
    """Whether a value is None or NaN."""
    return value is None or (isinstance(value, float) and math.isnan(value))


def grouped(value: Number | None, digits: int = 0) -> str:
    """Format a number with thousands separators.

    >>> grouped(12345.6)
    '12,346'
    """
    return DASH if missing(value) else f"{value:,.{digits}f}"


def compact(value: Number | None, language: str = "zh") -> str:
    """Shorten a count: 万 and 亿 in Chinese, K and M in English.

    >>> compact(123456), compact(123456, "en"), compact(9876)
    ('12.3万', '123.5K', '9,876')
    """
    if missing(value):
        return DASH
    scales = ((1e8, "亿"), (1e4, "万")) if language == "zh" else ((1e6, "M"), (1e4, "K"))
    for floor, unit in scales:
        if abs(value) >= floor:
            size = 1e3 if unit == "K" else floor
            return f"{value / size:,.1f}{unit}"
    return grouped(value, 0 if float(value).is_integer() or abs(value) >= 100 else 1)


def percent(value: Number | None, digits: int = 1) -> str:
    """Format a share.

    >>> percent(0.1234)
    '12.3%'
    """
    return DASH if missing(value) else f"{value * 100:.{digits}f}%"


def signed(value: Number | None, digits: int = 1) -> str:
    """Format a number with its sign, a true minus included.

    >>> signed(-0.25, 2)
    '−0.25'
    """
    if missing(value):
        return DASH
    text = f"{abs(value):,.{digits}f}"
    if not float(text.replace(",", "")):
        return text
    return ("+" if value > 0 else "−") + text


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
    if missing(now) or missing(before) or not before:
        return None
    share = (now - before) / abs(before)
    return Change(_direction(share, 0.0005), signed(share * 100) + "%")


def point_change(now: Number | None, before: Number | None) -> Change | None:
    """Compare two shares in percentage points, named in the reader's language."""
    if missing(now) or missing(before):
        return None
    points = (now - before) * 100
    return Change(_direction(points, 0.05), signed(points) + gettext(" pp"))


def day(value: date | datetime | str | None) -> str:
    """Format a day as 2026-11-11."""
    return DASH if missing(value) else str(value)[:10]


def minute(value: datetime | None, timezone: str) -> str:
    """Format a moment in the shop's zone as 2026-11-11 08:30; a naive moment is UTC."""
    if value is None:
        return DASH
    aware = value if value.tzinfo else value.replace(tzinfo=UTC)
    return aware.astimezone(ZoneInfo(timezone)).strftime("%Y-%m-%d %H:%M")


def duration(seconds: Number | None) -> str:
    """Format a span as 1:02:03 or 2:03.

    >>> duration(63)
    '1:03'
    """
    if missing(seconds):
        return DASH
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
