import inspect

import optuna
import pytest

from forecasting.catalogue import class_of
from forecasting.search_space import SPACES, Choice, Count, Span


@pytest.mark.parametrize("name", SPACES)
def test_every_parameter_is_one_of_its_model(name: str) -> None:
    known = inspect.signature(class_of(name).__init__).parameters
    assert set(SPACES[name]) <= set(known)


@pytest.mark.parametrize("name", SPACES)
def test_every_default_can_be_found(name: str) -> None:
    known = inspect.signature(class_of(name).__init__).parameters
    for parameter, dimension in SPACES[name].items():
        default = known[parameter].default
        if isinstance(dimension, Choice):
            assert default in dimension.values
        elif isinstance(dimension, Span):
            assert dimension.low <= default <= dimension.high


def test_a_grid_takes_ends_and_middle() -> None:
    assert Span(1.0, 100.0, log=True).steps() == pytest.approx([1.0, 10.0, 100.0])
    assert Span(0.0, 1.0).steps() == [0.0, 0.5, 1.0]
    assert Count(1, 2).steps() == [1, 2]
    assert Choice(("a", "b")).steps() == ["a", "b"]


def test_what_a_trial_chooses_lies_inside() -> None:
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0)).ask()
    assert 1 <= Span(1.0, 3.0).suggest(trial, "span") <= 3
    assert Count(2, 5).suggest(trial, "count") in (2, 3, 4, 5)
    assert Choice(("x",)).suggest(trial, "choice") == "x"
