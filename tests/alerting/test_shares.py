import numpy as np
import pytest

from alerting import difference, wilson


def one(value: float) -> np.ndarray:
    return np.array([float(value)])


def test_wilson_agrees_with_statsmodels() -> None:
    from statsmodels.stats.proportion import proportion_confint

    for count, total in ((0, 5), (3, 10), (40, 41), (100, 1000)):
        low, high = wilson(one(count), one(total), 1.959964)
        assert (low[0], high[0]) == pytest.approx(proportion_confint(count, total, method="wilson"))


def test_newcombe_agrees_with_his_paper() -> None:
    """Table II of Newcombe (1998), method 10: 56/70 - 48/80 and 9/10 - 3/10."""
    assert np.concatenate(difference(one(56), one(70), one(48), one(80))) == pytest.approx(
        [0.0524, 0.3339], abs=1e-4
    )
    assert np.concatenate(difference(one(9), one(10), one(3), one(10))) == pytest.approx(
        [0.1705, 0.8090], abs=1e-4
    )


def test_nothing_counted_proves_nothing() -> None:
    assert np.isnan(difference(one(0), one(0), one(1), one(2))[0]).all()
