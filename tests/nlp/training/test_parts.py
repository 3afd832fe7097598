import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from nlp.training.parts import SHARES, SHORTEST_PART, SHORTEST_TEXT, draw_parts


@given(st.lists(st.integers(1, 60).map(lambda n: [0, *range(10, 10 + n), 2]), max_size=20), st.integers(0, 9))
def test_a_part_is_a_stretch_of_its_text(rows: list[list[int]], seed: int) -> None:
    parts, owners = draw_parts(rows, seed)
    assert owners.tolist() == [i for i, row in enumerate(rows) if len(row) - 2 >= SHORTEST_TEXT]
    for part, owner in zip(parts, owners, strict=True):
        first, *inner, last = part
        assert (first, last) == (0, 2)
        assert inner == list(range(inner[0], inner[0] + len(inner)))
        assert set(inner) <= set(rows[owner])
        assert SHORTEST_PART <= len(inner) <= max(SHORTEST_PART, SHARES[1] * (len(rows[owner]) - 2))


def test_parts_follow_the_seed() -> None:
    rows = [[0, *range(10, 50), 2]] * 5
    assert draw_parts(rows, 3)[0] == draw_parts(rows, 3)[0] != draw_parts(rows, 4)[0]


def test_no_text_has_no_part() -> None:
    parts, owners = draw_parts([])
    assert parts == []
    assert owners.dtype == np.int64
