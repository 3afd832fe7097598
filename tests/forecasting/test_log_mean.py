import numpy as np
import pytest

from forecasting.log_mean import log_mean


@pytest.mark.parametrize("seed", range(3))
def test_the_log_mean_makes_effects_of_a_product_add_up(seed: int) -> None:
    rng = np.random.default_rng(seed)
    before = rng.uniform(1, 100, 20)
    first, second = rng.normal(size=20), rng.normal(size=20)
    after = before * np.exp(first + second)
    weight = log_mean(after, before)
    assert weight * first + weight * second == pytest.approx(after - before)


def test_the_log_mean_of_equals_is_themselves() -> None:
    assert log_mean(np.array([3.0, 3.0]), np.array([3.0, 3.0 + 1e-13])) == pytest.approx([3.0, 3.0])
