"""Reading ahead: the next batch is made while the database works on the one before."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")


def batches(items: Iterator[T], size: int) -> Iterator[list[T]]:
    """Yield lists of `size` items and a shorter last one; a thread makes the next while one is worked on.

    What making an item raises is raised where its batch would have come.
    """
    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        coming = pool.submit(lambda: list(islice(items, size)))
        while batch := coming.result():
            coming = pool.submit(lambda: list(islice(items, size)))
            yield batch
