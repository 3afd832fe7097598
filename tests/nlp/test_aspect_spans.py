import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.aspect_spans import (
    BEGIN,
    DISTANCES,
    END,
    INSIDE,
    MARKS,
    OUTSIDE,
    SINGLE,
    best_marks,
    distance,
    locate,
    marks,
    spans,
)

TOKENS = 8


@st.composite
def disjoint(draw: st.DrawFn) -> list[tuple[int, int]]:
    ends = sorted(draw(st.sets(st.integers(0, 2 * TOKENS - 1), max_size=8)))
    pairs = zip(ends[::2], ends[1::2], strict=False)
    return [(a // 2, b // 2) for a, b in pairs if b // 2 > a // 2 or a % 2 == 0][:1] + [
        (b // 2 + 1, b // 2 + 1) for b in ends[1:2] if b // 2 + 1 < TOKENS
    ]


@given(disjoint())
def test_marks_and_spans_are_each_others_inverse(found: list[tuple[int, int]]) -> None:
    assert spans(np.array(marks(found, TOKENS))) == found


def test_marks_name_each_part_of_a_span() -> None:
    assert marks([(1, 3), (5, 5)], 6) == [OUTSIDE, BEGIN, INSIDE, END, OUTSIDE, SINGLE]


def test_of_two_spans_that_overlap_the_first_is_marked() -> None:
    assert spans(np.array(marks([(1, 3), (3, 4)], 6))) == [(1, 3)]


@given(st.integers(0, 10_000))
def test_best_marks_are_the_best_of_all_that_are_consistent(seed: int) -> None:
    logits = np.random.default_rng(seed).normal(size=(1, 4, len(MARKS)))

    def consistent(row: tuple[int, ...]) -> bool:
        opened = False
        for mark in row:
            if opened != (mark in (INSIDE, END)):
                return False
            opened = mark in (BEGIN, INSIDE)
        return not opened

    rows = [row for row in itertools.product(range(len(MARKS)), repeat=4) if consistent(row)]
    best = max(rows, key=lambda row: sum(logits[0, i, mark] for i, mark in enumerate(row)))
    assert best_marks(logits)[0].tolist() == list(best)


def test_rows_are_marked_apart() -> None:
    logits = np.random.default_rng(1).normal(size=(5, 9, len(MARKS)))
    together = best_marks(logits)
    assert all((best_marks(logits[i : i + 1])[0] == together[i]).all() for i in range(5))


@pytest.mark.parametrize(
    ("aspect", "opinion", "bucket"),
    [
        ((0, 1), (2, 3), 0),
        ((0, 1), (3, 3), 1),
        ((0, 1), (200, 200), 6),
        ((2, 3), (0, 1), 7),
        ((200, 200), (0, 1), 13),
        ((0, 3), (2, 4), 14),
        (None, (0, 1), 15),
        ((0, 1), None, 15),
    ],
)
def test_distance_tells_how_far_and_which_is_first(
    aspect: tuple[int, int] | None, opinion: tuple[int, int] | None, bucket: int
) -> None:
    assert distance(aspect, opinion) == bucket < DISTANCES


@pytest.mark.parametrize(
    ("text", "aspect", "opinion", "places"),
    [
        ("味道好，服务好", "服务", "好", ((4, 6), (6, 7))),
        ("好味道，味道差", "味道", "差", ((4, 6), (6, 7))),
        ("很好用", "", "好用", (None, (1, 3))),
        ("味道好", "味道", "", ((0, 2), None)),
        ("味道好", "物流", "好", (None, (2, 3))),
        ("", "", "", (None, None)),
    ],
)
def test_a_pair_is_found_where_its_parts_are_nearest(
    text: str, aspect: str, opinion: str, places: tuple[object, object]
) -> None:
    assert locate(text, aspect, opinion) == places
