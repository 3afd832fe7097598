"""Work in portions of about half a second, so that what is done is seen and kept between them."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")

FIRST = 8
SHORT_SECONDS, LONG_SECONDS = 0.25, 0.75


def portions(items: Sequence[T], most: int) -> Iterator[Sequence[T]]:
    """Yield slices of what is to be done, longer after one that went fast and shorter after a slow one.

    Parameters
    ----------
    most
        Length beyond which no slice grows.
    """
    start, size = 0, min(FIRST, most)
    while start < len(items):
        began = time.monotonic()
        yield items[start : start + size]
        start, took = start + size, time.monotonic() - began
        if took < SHORT_SECONDS:
            size = min(2 * size, most)
        elif took > LONG_SECONDS:
            size = max(size // 2, 1)
