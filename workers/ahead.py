"""Reading ahead: the next batch is made while the database works on the one before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from types import TracebackType
from typing import Generic, TypeVar

T = TypeVar("T")


class Ahead(Generic[T]):
    """Lists of `size` items and a shorter last one, each made by a thread from `meanwhile` on.

    Two threads that both compute take turns and neither is faster, so the next batch is begun when the
    database is, not before. What making an item raises is raised where its batch would have come.
    """

    def __init__(self, items: Iterator[T], size: int) -> None:
        self._items = items
        self._size = size
        self._coming: Future[list[T]] | None = None
        self._waiting: list[Callable[[], object]] = []
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="ahead")

    def __enter__(self) -> Ahead[T]:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown()
        self._catch_up()

    def __iter__(self) -> Iterator[list[T]]:
        while batch := self.meanwhile().result():
            self._coming = None
            yield batch

    def meanwhile(self) -> Future[list[T]]:
        """Begin the next batch, unless it was begun."""
        if self._coming is None:
            self._coming = self._pool.submit(self._make)
        return self._coming

    def later(self, call: Callable[[], object]) -> None:
        """Leave something to the thread: it is called before the next batch, or at the end."""
        self._waiting.append(call)

    def _make(self) -> list[T]:
        self._catch_up()
        return list(islice(self._items, self._size))

    def _catch_up(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()
