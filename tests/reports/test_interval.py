import pytest

from reports.interval import differs, net_interval, wilson


def test_wilson_gives_the_textbook_interval() -> None:
    low, high = wilson(8, 10) or (0, 0)
    assert low == pytest.approx(0.4902, abs=1e-4)
    assert high == pytest.approx(0.9433, abs=1e-4)


@pytest.mark.parametrize(("count", "of"), [(0, 5), (5, 5), (1, 1)])
def test_wilson_stays_between_nothing_and_all(count: int, of: int) -> None:
    low, high = wilson(count, of) or (-1, 2)
    assert 0 <= low <= count / of + 1e-9
    assert count / of - 1e-9 <= high <= 1


def test_the_interval_of_a_difference_narrows_with_more_reviews() -> None:
    few, many = net_interval(6, 2, 10), net_interval(600, 200, 1000)
    assert few is not None
    assert many is not None
    assert many[1] - many[0] < (few[1] - few[0]) / 5
    assert many[0] < 0.4 < many[1]


def test_no_sample_no_interval() -> None:
    assert wilson(0, 0) is None
    assert net_interval(0, 0, 0) is None


def test_a_clear_change_is_called_one() -> None:
    assert differs(40, 100, 10, 100)
    assert differs(10, 100, 40, 100)


def test_chance_is_not_called_a_change() -> None:
    assert not differs(12, 100, 10, 100)
    assert not differs(0, 100, 0, 100)


def test_few_reviews_never_make_a_change() -> None:
    assert not differs(20, 29, 0, 1000)
    assert not differs(0, 1000, 20, 29)
