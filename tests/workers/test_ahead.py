import threading
from collections.abc import Iterator

import pytest

from workers.ahead import batches


def test_items_come_in_order_in_lists_of_a_size() -> None:
    assert list(batches(iter(range(5)), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches(iter([]), 2)) == []


def test_the_next_batch_is_made_while_one_is_worked_on() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    read = batches(items(), 1)
    assert next(read) == [1]
    assert made.wait(10)
    assert list(read) == [[2]]


def test_what_is_wrong_with_an_item_is_raised_at_its_batch() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("bad")

    read = batches(items(), 1)
    assert next(read) == [1]
    with pytest.raises(ValueError, match="bad"):
        next(read)
