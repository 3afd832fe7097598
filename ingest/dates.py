"""Cells to dates and aware moments."""

import re
import unicodedata
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Any

from ingest.values import Converter, Refused, is_nothing

EXCEL_EPOCH = datetime(1899, 12, 30)
FIRST_YEAR, LAST_YEAR = 1990, 2099
_SERIALS = (32_874, 73_051)  # 1990-01-01 to the end of 2099
_DATE_AND_TIME = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
    r"(?:[\sT]*(\d{1,2})\s*[:时点]\s*(\d{1,2})\s*(?:[:分]\s*(\d{1,2})(?:[.,](\d{1,9}))?\s*秒?|分)?)?"
    r"\s*(Z|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[\sT]?(\d{2})(\d{2})(\d{2}))?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:]{8})?")
_SERIAL = re.compile(r"[0-9]{5}(?:\.[0-9]{1,12})?")


def moment(zone: tzinfo, epoch: datetime = EXCEL_EPOCH) -> Converter:
    """Return a converter to an aware datetime; a moment without a zone is in ``zone``.

    Parameters
    ----------
    zone : tzinfo
        The shop's.
    epoch : datetime
        Day 0 of the serial numbers a spreadsheet may hold.
    """

    def convert(cell: Any) -> datetime | None:
        value = _parsed(cell, epoch)
        if value is None:
            return None
        _check_year(value.year)
        return value if value.tzinfo else value.replace(tzinfo=zone)

    return convert


def day(zone: tzinfo, epoch: datetime = EXCEL_EPOCH) -> Converter:
    """Return a converter to a date, in ``zone`` where the cell names another one."""

    def convert(cell: Any) -> date | None:
        value = _parsed(cell, epoch)
        if value is None:
            return None
        _check_year(value.year)
        return (value.astimezone(zone) if value.tzinfo else value).date()

    return convert


def _check_year(year: int) -> None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused("date_out_of_range")


def _parsed(cell: Any, epoch: datetime) -> datetime | None:
    if isinstance(cell, str):
        return _read(cell, epoch)
    if isinstance(cell, datetime):
        return cell
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return _read(repr(cell), epoch)
    raise Refused("not_a_date")


def _read(cell: str, epoch: datetime) -> datetime | None:
    if _ISO.fullmatch(cell):
        try:
            return datetime.fromisoformat(cell)
        except ValueError:
            raise Refused("no_such_date") from None
    if is_nothing(cell):
        return None
    if len(cell) > 60:
        raise Refused("not_a_date")
    value = unicodedata.normalize("NFKC", cell).strip()
    found = _DATE_AND_TIME.fullmatch(value)
    if found:
        return _built(*found.groups())
    if found := _COMPACT.fullmatch(value):
        return _built(*found.groups())
    if _SERIAL.fullmatch(value.removesuffix(".0")) and _SERIALS[0] <= float(value) < _SERIALS[1]:
        return epoch + timedelta(seconds=round(float(value) * 86_400))
    raise Refused("not_a_date")


def _built(
    year: str, month: str, day_: str, hour: str | None, minute: str | None, second: str | None,
    fraction: str | None = None, zone: str | None = None,
) -> datetime:  # fmt: skip
    try:
        micro = int((fraction or "0").ljust(6, "0")[:6])
        parts = (int(year), int(month), int(day_), int(hour or 0), int(minute or 0), int(second or 0))
        return datetime(*parts, micro, tzinfo=_offset(zone))
    except ValueError:
        raise Refused("no_such_date") from None


def _offset(zone: str | None) -> tzinfo | None:
    if zone is None:
        return None
    if zone in "Zz":
        return UTC
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))
