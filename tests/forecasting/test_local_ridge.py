import numpy as np
import pytest

from forecasting.grid import Array
from forecasting.local_ridge import STRENGTHS, LocalRidge, _candidates


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


def test_without_shrinkage_pressure_it_agrees_with_least_squares() -> None:
    x, y = batch(np.array([[1.0, -0.5], [0.3, 0.8]]), rows=4000, noise=0.05)
    found = LocalRidge().fit(iter([(x, y)])).coef_
    for row in range(2):
        exact = np.linalg.lstsq(x[row], y[row], rcond=None)[0]
        assert found[row] == pytest.approx(exact, abs=0.05)


def test_candidates_are_none_pooled_and_ridges_by_hand() -> None:
    x, y = batch(np.array([[1.0, 0.0], [0.2, 0.4], [0.0, 0.0]]), rows=60)
    gram = np.einsum("nrp,nrq->npq", x, x)
    moment = np.einsum("nrp,nr->np", x, y)
    found = _candidates(gram, moment, np.full(3, 60.0))
    assert found.shape == (2 + 2 * len(STRENGTHS), 3, 2)
    assert not found[0].any()
    pooled = np.linalg.solve(gram.sum(axis=0) + 0.01 * 180 * np.eye(2), moment.sum(axis=0))
    assert found[1] == pytest.approx(np.tile(pooled, (3, 1)))
    for index, strength in enumerate(STRENGTHS):
        for row in range(3):
            penalised = gram[row] + strength * 60 * np.eye(2)
            assert found[2 + 2 * index, row] == pytest.approx(np.linalg.solve(penalised, moment[row]))
            around = pooled + np.linalg.solve(penalised, moment[row] - gram[row] @ pooled)
            assert found[3 + 2 * index, row] == pytest.approx(around)


def test_a_candidate_must_win_by_the_margin() -> None:
    losses = np.zeros((5, 2, 1))
    losses[:, 1, 0] = [-1.0, -1.1, -0.9, -1.0, -1.0]
    assert LocalRidge(margin=1.0)._choose(losses).tolist() == [1]
    losses[:, 1, 0] = [-5.0, 3.0, 2.0, -4.0, 3.0]
    assert LocalRidge(margin=1.0)._choose(losses).tolist() == [0]
    assert LocalRidge(margin=0.0)._choose(losses).tolist() == [1]


def test_a_wider_margin_lets_less_noise_through() -> None:
    rows = batch(np.zeros((200, 4)), rows=100)
    bold, careful = (LocalRidge(margin=m).fit(iter([rows])).coef_ for m in (0.0, 2.0))
    assert (careful != 0).any(axis=1).mean() < 0.5 * (bold != 0).any(axis=1).mean()


def test_the_order_of_series_does_not_matter() -> None:
    x, y = batch(np.array([[0.5], [0.0], [-0.5]]))
    forwards = LocalRidge().fit(iter([(x, y)])).coef_
    backwards = LocalRidge().fit(iter([(x[::-1], y[::-1])])).coef_
    assert forwards == pytest.approx(backwards[::-1])
