from concurrent.futures import ThreadPoolExecutor

import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.counted import Counted
from forecasting.service import Fengping


def test_threads_count_beside_each_other_and_nothing_is_told_twice() -> None:
    told: list[tuple[int, int]] = []
    steps = Counted(200, lambda done, total: told.append((done, total)))
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: steps.step(), range(200)))
    assert told == [(done, 200) for done in range(201)]


class Enough(Exception):
    """Somebody cancelled."""


def test_a_fit_tells_each_step_and_ends_when_it_is_told_to() -> None:
    panel, spec = sample_panel(), SPEC
    told: list[tuple[int, int]] = []
    made = Fengping(h=7, models=["SeasonalNaive", "Regression"], n_windows=2)
    made.fit(panel, spec, lambda done, total: told.append((done, total)))
    [total] = {total for _, total in told}
    assert told[0] == (0, total)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert told[-1] == (total, total)
    assert total >= 2 * 2

    def stop(done: int, _total: int) -> None:
        if done == 2:
            raise Enough

    with pytest.raises(Enough):
        Fengping(h=7, models=["SeasonalNaive", "Regression"], n_windows=2).fit(panel, spec, stop)
