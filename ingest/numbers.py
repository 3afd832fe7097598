"""Cells to numbers: 1,299.00, ￥199, 1.2万 and the plain ones."""

import math
import re
import unicodedata
from decimal import Decimal
from typing import Any

from ingest.values import Converter, Refused, is_nothing

MONEY_LIMIT = Decimal(10**12)
COUNT_LIMIT = Decimal(2 * 10**9)
_PLAIN = re.compile(r"-?[0-9]{1,30}(?:\.[0-9]{1,30})?")
_DRESSED = re.compile(
    r"(?P<sign>[-+]?)[¥$€£]?(?P<sign2>[-+]?)"
    r"(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,30})?(?P<fraction>\.[0-9]{0,30})?(?P<exponent>e[-+]?[0-9]{1,2})?"
    r"(?P<scale>[千万亿]?)(?:元|件|个|台|单|次|人|rmb|cny)?"
)
_SCALES = {"": 1, "千": 10**3, "万": 10**4, "亿": 10**8}
_STARS = re.compile(r"([0-9.]+|[一二三四五])\s*(?:颗?星|分|stars?)", re.IGNORECASE)
_CHINESE_STARS = {"一": "1", "二": "2", "三": "3", "四": "4", "五": "5"}


def money(*, negative: bool = False) -> Converter:
    """Return a converter to Decimal, below 10¹² and without a sign unless ``negative``."""

    def convert(cell: Any) -> Decimal | None:
        return _bounded(_parsed(cell), MONEY_LIMIT, negative)

    return convert


def amount(*, negative: bool = False) -> Converter:
    """Return a converter to a finite float (units may be weighed), without a sign unless ``negative``."""
    decimal = money(negative=negative)

    def convert(cell: Any) -> float | None:
        value = decimal(cell)
        return None if value is None else float(value)

    return convert


def count(*, negative: bool = False) -> Converter:
    """Return a converter to int; 6.0 is 6, 6.5 is refused."""

    def convert(cell: Any) -> int | None:
        value = _bounded(_parsed(cell), COUNT_LIMIT, negative)
        if value is None:
            return None
        if value != value.to_integral_value():
            raise Refused("not_whole")
        return int(value)

    return convert


def stars(cell: Any) -> float | None:
    """Return a rating of 1 to 5 stars; halves count, ``5星`` and ``五星`` are read."""
    if isinstance(cell, str) and (worded := _STARS.fullmatch(cell.strip())):
        cell = _CHINESE_STARS.get(worded[1], worded[1])
    value = _parsed(cell)
    if value is None:
        return None
    if not 1 <= value <= 5:
        raise Refused("rating_out_of_range")
    return float(value)


def is_numeric(cell: Any) -> bool:
    """Say whether a cell is a number, or empty."""
    try:
        amount(negative=True)(cell)
    except Refused:
        return False
    return True


def _bounded(value: Decimal | None, limit: Decimal, negative: bool) -> Decimal | None:
    if value is None:
        return None
    if value < 0 and not negative:
        raise Refused("negative")
    if abs(value) >= limit:
        raise Refused("number_too_large")
    return value


def _parsed(cell: Any) -> Decimal | None:
    if isinstance(cell, str):
        return Decimal(cell) if _PLAIN.fullmatch(cell) else _undressed(cell)
    if isinstance(cell, float) and math.isnan(cell):
        return None
    if isinstance(cell, bool):
        return Decimal(int(cell))
    if isinstance(cell, (int, float, Decimal)):
        value = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        if not value.is_finite():
            raise Refused("not_a_number")
        return value
    raise Refused("not_a_number")


def _undressed(cell: str) -> Decimal | None:
    if is_nothing(cell):
        return None
    value = "".join(unicodedata.normalize("NFKC", cell[:100]).split()).lower()
    found = _DRESSED.fullmatch(value)
    if not found or len(cell) > 100 or not (found["digits"] or len(found["fraction"] or "") > 1):
        raise Refused("not_a_number")
    digits = (found["digits"] or "0").replace(",", "")
    bare = Decimal(digits + (found["fraction"] or "") + (found["exponent"] or ""))
    return bare * _SCALES[found["scale"]] * (-1 if "-" in (found["sign"], found["sign2"]) else 1)
