import threading
from collections.abc import Iterator

import pytest

from workers.ahead import Ahead


def test_items_come_in_order_in_lists_of_a_size() -> None:
    with Ahead(iter(range(5)), 2) as read:
        assert list(read) == [[0, 1], [2, 3], [4]]
    with Ahead(iter([]), 2) as nothing:
        assert list(nothing) == []


def test_the_next_batch_is_made_when_the_database_begins_and_not_before() -> None:
    made = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        made.set()
        yield 2

    with Ahead(items(), 1) as read:
        batches = iter(read)
        assert next(batches) == [1]
        assert not made.wait(0.05)
        read.meanwhile()
        assert made.wait(10)
        read.meanwhile()
        assert list(batches) == [[2]]


def test_what_is_wrong_with_an_item_is_raised_at_its_batch() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("bad")

    with Ahead(items(), 1) as read:
        batches = iter(read)
        assert next(batches) == [1]
        read.meanwhile()
        with pytest.raises(ValueError, match="bad"):
            next(batches)


def test_a_batch_that_is_not_wanted_any_more_is_waited_for() -> None:
    made = []

    def items() -> Iterator[int]:
        for number in range(4):
            made.append(number)
            yield number

    with Ahead(items(), 2) as read:
        assert next(iter(read)) == [0, 1]
        read.meanwhile()
    assert made == [0, 1, 2, 3]


def test_what_was_left_to_the_thread_is_done_before_the_next_batch_or_at_the_end() -> None:
    done = []

    def items() -> Iterator[int]:
        yield 1
        done.append("second batch")
        yield 2

    with Ahead(items(), 1) as read:
        for batch in read:
            read.later(lambda batch=batch: done.append(f"told of {batch}"))
            if batch == [2]:
                break
        assert done == ["told of [1]", "second batch"]
    assert done == ["told of [1]", "second batch", "told of [2]"]
