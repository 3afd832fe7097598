"""Cells of every file for download: text stays text, and numbers have the digits that a reader needs."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: T) -> T | str:
    """Put an apostrophe before text that begins, blanks aside, as a formula does; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(RISKY) or cell.strip().startswith(RISKY) else cell


def spec_of(number: float) -> str:
    """Return how a number is written: whole ones without a point, small ones with what is in them.

    >>> [format(number, spec_of(number)) for number in (1933.0, 22.554, 0.3394, 5.8e-16)]
    ['1,933', '22.55', '0.339', '5.8e-16']
    """
    if float(number).is_integer():
        return ",.0f"
    return ",.2f" if abs(number) >= 1 else ".3f" if abs(number) >= 0.001 else ".1e"


def said(cell: str | float | None, kind: str) -> str:
    """Write a cell of a column of a kind as text, for paper and pages.

    >>> said(-3.5, "number"), said(0.034, "share"), said(None, "count")
    ('−3.50', '3.4%', '—')
    """
    if cell is None or isinstance(cell, str):
        return "—" if cell is None else cell
    spec = {"count": ",.0f", "share": ".1%"}.get(kind) or spec_of(cell)
    return format(cell, spec).replace("-", "−")
