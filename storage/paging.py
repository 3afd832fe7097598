"""Keyset pages: a cursor is the sort key of the last row that was seen."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from storage.errors import BadCursor

T = TypeVar("T")
MOST = 1000


@dataclass(frozen=True)
class Page(Generic[T]):
    """Some rows of a list and the cursor of the next ones, None at the end."""

    items: list[T]
    next: str | None


def encode_cursor(*key: object) -> str:
    """Write a sort key (text, numbers, datetimes) as an opaque, URL-safe word."""
    plain = [part.isoformat() if isinstance(part, datetime) else part for part in key]
    words = json.dumps(plain, default=str, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(words).decode().rstrip("=")


def decode_cursor(cursor: str, *types: Callable[[Any], Any]) -> list[Any]:
    """Read a cursor back, each part through its type.

    Raises
    ------
    BadCursor
        The word was not made by `encode_cursor` for such a key.
    """
    try:
        words = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
        parts = json.loads(words)
        return [read(part) for read, part in zip(types, parts, strict=True)]
    except (binascii.Error, ValueError, TypeError, OverflowError) as error:
        raise BadCursor(f"not a cursor of this list: {cursor!r}") from error


def page_of(rows: Sequence[T], limit: int, key: Callable[[T], tuple[object, ...]]) -> Page[T]:
    """Cut `limit + 1` fetched rows into a page; the extra row only tells that more follow."""
    items = list(rows[:limit])
    more = len(rows) > limit
    return Page(items, encode_cursor(*key(items[-1])) if more else None)


def checked_limit(limit: int) -> int:
    """Return `limit`, or raise ValueError when it is not within 1 … 1000."""
    if not 1 <= limit <= MOST:
        raise ValueError(f"limit must be 1 to {MOST}, not {limit}")
    return limit
