import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from forecasting.errors import PanelError
from forecasting.fills import FILLS, fill, seasonal

GAPS = np.array([[np.nan, 2.0, np.nan, np.nan, 8.0, np.nan]])


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        ("mean", [5, 2, 5, 5, 8, 5]),
        ("median", [5, 2, 5, 5, 8, 5]),
        ("forward", [2, 2, 2, 2, 8, 8]),
        ("backward", [2, 2, 8, 8, 8, 8]),
        ("linear", [2, 2, 4, 6, 8, 8]),
        ("seasonal", [5, 2, 5, 5, 8, 5]),
    ],
)
def test_gaps_are_filled(method: str, expected: list[float]) -> None:
    assert fill(GAPS, method)[0].tolist() == expected
    assert np.isnan(GAPS[0, 0])


def test_unknown_days_take_the_same_weekday() -> None:
    y = np.arange(28.0)[None].copy()
    y[0, [3, 20]] = np.nan
    assert seasonal(y)[0, [3, 20]].tolist() == [10.0, 13.0]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.one_of(st.just(np.nan), st.floats(0, 1e9)), min_size=1, max_size=30),
    st.sampled_from(sorted(FILLS)),
)
def test_known_days_stay_and_fills_lie_among_them(values: list[float], method: str) -> None:
    y = np.array([values])
    known = np.isfinite(y)
    filled = fill(y, method)
    assert (filled[known] == y[known]).all()
    if known.any():
        assert np.isfinite(filled).all()
        slack = 1e-9 * y[known].max()
        assert filled.min() >= y[known].min() - slack
        assert filled.max() <= y[known].max() + slack
    else:
        assert np.isnan(filled).all()


def test_an_unknown_fill_is_refused() -> None:
    with pytest.raises(PanelError, match="unknown fill 'best'; there are: mean, median, forward"):
        fill(GAPS, "best")
