from datetime import date

import numpy as np
import pytest

from alerting import Days
from alerting.days import following, ratio, trailing


def test_windows_end_on_the_day_and_begin_after_it() -> None:
    values = np.array([1.0, 2.0, np.nan, 4.0, 5.0])
    assert trailing(values, 3).tolist() == [1.0, 3.0, 3.0, 6.0, 9.0]
    assert trailing(values, 2, 1).tolist() == [0.0, 1.0, 3.0, 2.0, 4.0]
    assert following(values, 2)[:3].tolist() == [2.0, 4.0, 9.0]
    assert np.isnan(following(values, 2)[3:]).all()
    assert np.isnan(following(values, 9)).all()


def test_nothing_divided_by_nothing_is_unknown() -> None:
    assert ratio(np.array([1.0, 0.0]), np.array([2.0, 0.0])).tolist() == pytest.approx(
        [0.5, np.nan], nan_ok=True
    )


def test_ordinary_days_are_known_in_stock_and_no_promotion() -> None:
    days = Days(
        date(2026, 6, 1),
        {
            "units": np.array([1.0, np.nan, 3.0, 4.0]),
            "stockout": np.array([0.0, 0.0, 1.0, 0.0]),
            "special": np.array([0.0, 0.0, 0.0, 1.0]),
        },
    )
    assert days.ordinary.tolist() == [True, False, False, False]
    assert (len(days), days.day(2)) == (4, date(2026, 6, 3))
    assert np.isnan(days["yhat"]).all()
    assert Days(
        date(2026, 6, 1), {"complaints:物流": np.zeros(1), "complaints:包装": np.ones(1)}
    ).aspects == [
        "包装",
        "物流",
    ]
