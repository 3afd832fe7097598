import threading

import pytest

from forecasting.lanes import in_lanes
from forecasting.seasonal_naive import SeasonalNaive


def named(alias: str, concurrent: bool) -> SeasonalNaive:
    model = SeasonalNaive(alias=alias)
    model.concurrent = concurrent
    return model


MODELS = [named("a", True), named("b", False), named("c", True), named("d", False)]


def test_results_keep_the_order_of_the_models():
    assert list(in_lanes(MODELS, lambda model: model.alias.upper())) == ["a", "b", "c", "d"]


def test_models_that_leave_the_interpreter_free_go_beside_the_others():
    both = threading.Barrier(2)
    threads = in_lanes(MODELS[:2], lambda model: both.wait(5) is not None and threading.get_ident())
    assert threads["a"] != threads["b"] == threading.get_ident()


def test_models_of_one_lane_go_one_after_another():
    running, most, lock = dict.fromkeys((True, False), 0), [], threading.Lock()

    def work(model: SeasonalNaive) -> None:
        with lock:
            running[model.concurrent] += 1
            most.append(max(running.values()))
        threading.Event().wait(0.01)
        with lock:
            running[model.concurrent] -= 1

    in_lanes(MODELS, work)
    assert max(most) == 1


@pytest.mark.parametrize("alias", ["a", "b"])
def test_an_error_of_either_lane_is_raised(alias):
    def work(model: SeasonalNaive) -> None:
        if model.alias == alias:
            raise ValueError(alias)

    with pytest.raises(ValueError, match=alias):
        in_lanes(MODELS, work)
