import numpy as np
import torch

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.lstm import LSTM
from forecasting.network import Network, absolute
from forecasting.training import Course, train
from forecasting.tree_design import Layout, TreeDesign
from forecasting.window_scales import Scales
from forecasting.windows import Windows

EARLY, LATE = np.arange(14, 60), np.arange(75, 90)


def windows() -> Windows:
    grid = Grid.from_frame(validate_panel(sample_panel(days=100), SPEC), SPEC)
    design = TreeDesign(grid, 0, Layout.of(grid, festive=False), reach=8, codes=np.arange(3))
    return Windows(design, Scales.of(design, np.random.default_rng(0)), 14, 8)


def network(made: Windows) -> Network:
    torch.manual_seed(0)
    return Network(LSTM(hidden=8)._encoder(made.width), 8, made.width_ahead, [])


def learn(course: Course, seed: int = 0) -> tuple[float, float, Network]:
    """Return the error on later days before and after, and the network."""
    made = windows()
    learner = network(made)
    checked = made.cut(*made.begun(LATE))
    before = absolute(learner(checked), checked)
    train(learner, made, made.begun(EARLY), made.begun(LATE), course, [seed])
    return before, absolute(learner(checked), checked), learner


def test_it_forecasts_later_days_better_than_before() -> None:
    before, after, _ = learn(Course(steps=100, batch=32, patience=9, rate=3e-3))
    assert after < 0.95 * before


def test_the_seed_decides_what_is_learned() -> None:
    course = Course(steps=50, batch=16, patience=2, rate=1e-2)
    weights = [learn(course, seed)[2].mix.weight for seed in (1, 1, 2)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_network_that_only_gets_worse_stays_as_it_was() -> None:
    before, after, learner = learn(Course(steps=100, batch=8, patience=2, rate=50.0))
    assert after == before
    assert torch.equal(learner.mix.weight, network(windows()).mix.weight)
