"""One cell to one checked Python value.

A converter takes a cell (text from CSV, anything from the other formats) and returns the value, None
where the cell says "nothing", or raises `Refused`.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from functools import lru_cache
from typing import Any

Converter = Callable[[Any], Any]

TEXT_LIMIT = 20_000
TITLE_LIMIT = 500
ID_LIMIT = 128
NOTHING = frozenset({"", "-", "--", "—", "null", "none", "nan", "n/a", "#n/a", "na", "nat", "\\n"})
_LONGEST_NOTHING = max(map(len, NOTHING))
_EXCEL_TEXT = re.compile(r'="(.*)"', re.DOTALL)
_SCIENTIFIC = re.compile(r"\d(\.\d+)?[eE]\+\d+")
_WHOLE_FLOAT = re.compile(r"(\d+)\.0+")
_TRUE = frozenset({"是", "有", "1", "1.0", "true", "t", "yes", "y", "√", "✓"})
_FALSE = frozenset({"否", "无", "0", "0.0", "false", "f", "no", "n", "×", "✗"})
# Above this a spreadsheet's number has lost digits (IEEE doubles are shown with 15).
_EXACT = 10**15


class Refused(ValueError):
    """A cell that is not what it should be; ``code`` says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def is_nothing(value: str) -> bool:
    """Say whether a cell spells out that it is empty (``NULL``, ``-``, ``N/A`` …)."""
    return value.strip().casefold() in NOTHING


def remembered(convert: Converter) -> Converter:
    """Remember the results for text cells: dates, ids and small numbers repeat."""
    cached = lru_cache(maxsize=4096)(convert)
    return lambda cell: cached(cell) if type(cell) is str else convert(cell)


def text(limit: int = TEXT_LIMIT) -> Converter:
    """Return a converter to stripped text of at most ``limit`` characters, otherwise left as it is."""

    def convert(cell: Any) -> str | None:
        value = (cell if type(cell) is str else _spelled(cell)).strip()
        if len(value) > limit:
            raise Refused(f"text_too_long:{len(value)}")
        return _storable(value) or None

    return convert


def identifier(cell: Any) -> str | None:
    """Return an id as text; refuse those a spreadsheet has rounded.

    ``="0123"`` and ``'0123`` lose their quoting, ``17850.0`` its fraction.
    """
    if type(cell) is str and _LONGEST_NOTHING < len(cell) <= ID_LIMIT and cell.isascii() and cell.isalnum():
        return cell
    if isinstance(cell, float) and abs(cell) >= _EXACT:
        raise Refused("lost_digits")
    value = (cell if type(cell) is str else _spelled(cell)).strip()
    if quoted := _EXCEL_TEXT.fullmatch(value):
        value = quoted[1].strip()
    value = value.removeprefix("'")
    if _SCIENTIFIC.fullmatch(value):
        raise Refused("lost_digits")
    if whole := _WHOLE_FLOAT.fullmatch(value):
        value = whole[1]
    if len(value) > ID_LIMIT:
        raise Refused(f"text_too_long:{len(value)}")
    return None if is_nothing(value) else _storable(value)


def yes_no(cell: Any) -> bool | None:
    """Return a boolean from 是/否, 有/无, 1/0, true/false, yes/no."""
    if isinstance(cell, bool):
        return cell
    value = (cell if type(cell) is str else _spelled(cell)).strip().casefold()
    if value in _TRUE:
        return True
    if value in _FALSE:
        return False
    if value in NOTHING:
        return None
    raise Refused("not_a_boolean")


def _spelled(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < _EXACT else repr(cell)
    if isinstance(cell, (str, int, date, datetime)) or type(cell).__name__ == "Decimal":
        return _digits(cell)
    if isinstance(cell, bytes):
        try:
            return cell.decode()
        except UnicodeDecodeError as error:
            raise Refused(f"undecodable:{error.start}") from None
    raise Refused("not_text")


def _digits(cell: object) -> str:
    try:
        return str(cell)
    except ValueError:  # an int of more than 4,300 digits
        raise Refused("number_too_large") from None


def _storable(value: str) -> str:
    if "\0" in value:
        raise Refused("nul")
    if not value.isascii():
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise Refused(f"invalid_character:U+{ord(value[error.start]):04X}") from None
    return value
