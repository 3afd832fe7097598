import numpy as np
import pytest

from forecasting.grid import Array
from forecasting.local_ridge import LocalRidge


def batch(coef: Array, rows: int = 300, noise: float = 1.0, seed: int = 0) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(*coef.shape[:1], rows, coef.shape[1]))
    return x, np.einsum("nrp,np->nr", x, coef) + noise * rng.normal(size=x.shape[:2])


def test_a_strong_effect_of_one_series_is_found_and_the_others_stay_at_zero() -> None:
    truth = np.zeros((30, 3))
    truth[4] = [0.0, 1.0, -0.5]
    found = LocalRidge(margin=1.0).fit(iter([batch(truth)])).coef_
    assert found[4] == pytest.approx(truth[4], abs=0.15)
    others = np.delete(found, 4, axis=0)
    assert (others == 0).all(axis=1).mean() > 0.7
    assert np.abs(others).max() < 0.25


def test_a_weak_effect_that_all_share_is_pooled() -> None:
    truth = np.tile([0.15, 0.0], (100, 1))
    found = LocalRidge(margin=1.0).fit(iter([batch(truth, rows=120)])).coef_
    used = found[(found != 0).any(axis=1)]
    assert len(used) > 30
    assert used[:, 0].mean() == pytest.approx(0.15, abs=0.04)
    assert used[:, 0].std() < 0.09


def test_unknown_rows_and_empty_series_do_not_count() -> None:
    x, y = batch(np.array([[1.0], [1.0]]))
    y[0, 50:90] = np.nan
    x[0, 50:90] = 1e6
    y[1] = np.nan
    found = LocalRidge().fit(iter([(x, y)])).coef_
    assert found[0, 0] == pytest.approx(1.0, abs=0.15)
    assert np.isfinite(found).all()


def test_batches_add_up() -> None:
    x, y = batch(np.array([[0.7, -0.7]]), noise=0.1)
    halves = iter([(x, y), (x, y)])
    assert LocalRidge().fit(halves).coef_ == pytest.approx(LocalRidge().fit(iter([(x, y)])).coef_)


def test_nothing_to_learn_from_is_refused() -> None:
    with pytest.raises(ValueError, match="no batch"):
        LocalRidge().fit(iter([]))
