"""Cells of every file for download: text that a spreadsheet would run as a formula stays text."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")

RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def inert(cell: T) -> T | str:
    """Put an apostrophe before text that begins, blanks aside, as a formula does; numbers stay numbers."""
    if not isinstance(cell, str):
        return cell
    return f"'{cell}" if cell.startswith(RISKY) or cell.strip().startswith(RISKY) else cell
