import pytest

from webapp.pages.sparkline import HEIGHT, MARGIN, WIDTH, sparkline


def points(line: str) -> list[tuple[float, float]]:
    return [tuple(float(part) for part in pair.split(",")) for pair in line.split()]  # type: ignore[misc]


def test_the_lowest_is_below_and_the_highest_above() -> None:
    shape = sparkline([1, 3, 2])
    assert shape is not None
    (x0, y0), (_, y1), (x2, y2) = points(shape.line)
    assert (x0, y0) == (MARGIN, HEIGHT - MARGIN)
    assert y1 == MARGIN
    assert (shape.x, shape.y) == (x2, y2) == (WIDTH - MARGIN, HEIGHT / 2)


def test_an_unknown_day_keeps_its_place() -> None:
    shape = sparkline([1, None, 1, float("nan"), 1])
    assert shape is not None
    assert [x for x, _ in points(shape.line)] == [3.0, 60.0, 117.0]


def test_equal_days_are_a_level_line() -> None:
    shape = sparkline([5, 5, 5])
    assert shape is not None
    assert len({y for _, y in points(shape.line)}) == 1


def test_the_area_closes_on_the_ground() -> None:
    shape = sparkline([1, 2])
    assert shape is not None
    assert points(shape.area)[0] == (MARGIN, HEIGHT)
    assert points(shape.area)[-1] == (WIDTH - MARGIN, HEIGHT)


@pytest.mark.parametrize("values", [[], [1], [None, 2, None], [None, None]])
def test_a_dot_is_not_a_trend(values: list[float | None]) -> None:
    assert sparkline(values) is None
