import numpy as np
import pytest

from demo.complaints import EFFECT, LAG_DAYS, MEMORY_DAYS, USUAL_SHARE, WORST_SHARE, Complaints, none, waves


def test_nothing_happens_on_a_quiet_path() -> None:
    path = none(10)
    assert path.episodes == []
    assert (path.sales_factor == 1).all()
    assert (path.negative_share == USUAL_SHARE).all()


def test_the_effect_begins_five_days_later_and_lasts_a_week() -> None:
    intensity = np.zeros(20)
    intensity[7] = 1.0
    path = Complaints(intensity, [(7, 7)])
    expected = np.ones(20)
    expected[7 + LAG_DAYS : 7 + LAG_DAYS + MEMORY_DAYS] = np.exp(-EFFECT / MEMORY_DAYS)
    assert np.allclose(path.sales_factor, expected)
    assert path.negative_share[7] == pytest.approx(WORST_SHARE)


@pytest.mark.parametrize("seed", range(5))
def test_waves_stay_inside_their_episodes(seed: int) -> None:
    path = waves(731, np.random.default_rng(seed))
    inside = np.zeros(731, dtype=bool)
    for first, last in path.episodes:
        inside[first : last + 1] = True
    assert (path.intensity[~inside] == 0).all()
    assert 0.3 < path.intensity[inside].mean() < 0.7
    assert path.intensity.min() >= 0
    assert path.intensity.max() <= 1
    assert path.episodes[-1][1] == 730
    assert 0.3 < inside.mean() < 0.8


def test_batches_last_a_few_days() -> None:
    path = waves(731, np.random.default_rng(1))
    first, last = path.episodes[-1]
    changes = np.flatnonzero(np.diff(path.intensity[first : last + 1]))
    assert set(np.diff(changes)) <= {4, 5, 6, 7, 8}


def test_a_short_history_has_no_episode() -> None:
    assert waves(30, np.random.default_rng(1)).episodes == []
