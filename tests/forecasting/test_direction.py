import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import Backtest, run_backtest
from forecasting.champion import SERVICE
from forecasting.direction import PRIOR, Direction, Evidence, Opinion
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.leaning import Leaning
from forecasting.seasonal_naive import SeasonalNaive

H = 7
DAYS = 200


def panel(n: int = 40, days: int = DAYS, seed: int = 0) -> Grid:
    """Sales that promotions of whole weeks, known ahead, lift by a half."""
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2026-01-05", periods=days + H)
    parts = []
    for i in range(n):
        promo = (rng.random(-(-len(dates) // H)) < 0.4).astype(float).repeat(H)[: len(dates)]
        sold = rng.poisson(20 * (1 + 0.5 * promo)).astype(float)
        y = np.where(np.arange(len(dates)) < days, sold, np.nan)
        parts.append(pd.DataFrame({"unique_id": f"P{i:03d}", "ds": dates, "y": y, "promo": promo}))
    spec = PanelSpec(future=("promo",))
    return Grid.from_frame(validate_panel(pd.concat(parts), spec), spec)


def backtested(grid: Grid, factor: float = 1.0) -> Backtest:
    """A backtest whose service knows what promotions do, but is too low or too high by a factor."""
    backtest = run_backtest([SeasonalNaive()], grid, H, 3)
    promo = np.stack([grid.future[:, start : start + H, 0] for start in backtest.starts])
    backtest.yhat[SERVICE] = factor * 20 * (1 + 0.5 * promo)
    return backtest


@pytest.fixture(scope="module")
def grid() -> Grid:
    return panel()


@pytest.fixture(scope="module")
def direction(grid: Grid) -> Direction:
    return Direction().fit(grid, H, backtested(grid))


def ahead(grid: Grid) -> np.ndarray:
    return 20 * (1 + 0.5 * grid.future[:, grid.length : grid.length + H, 0])


def test_it_beats_the_base_rate_where_the_weeks_can_be_told(direction: Direction) -> None:
    scores = direction.scores_
    assert direction.trusted
    assert scores["n"] == 3 * 40
    assert scores["brier"] < 0.8 * scores["brier_base"]
    assert scores["accuracy"] > scores["accuracy_base"] + 0.1
    assert scores["f1"] > 0.6
    assert "Brier score" in direction.reason


def test_a_promotion_ahead_makes_a_rise_likely(direction: Direction, grid: Grid) -> None:
    p_up = direction.predict(grid, ahead(grid))
    promo = grid.future[:, :, 0]
    begins = promo[:, grid.length : grid.length + H].mean(axis=1) - promo[
        :, grid.length - H : grid.length
    ].mean(axis=1)
    assert p_up[begins > 0.5].min() > 0.7
    assert p_up[begins < -0.5].max() < 0.3
    assert ((p_up > 0) & (p_up < 1)).all()


def test_a_forecast_that_is_always_too_low_is_read_as_such(grid: Grid) -> None:
    low = Direction().fit(grid, H, backtested(grid, 0.6))
    assert low.opinion_.shift > 0
    assert low.scores_["brier"] < low.scores_["brier_base"]
    assert low.predict(grid, 0.6 * ahead(grid)).mean() == pytest.approx(0.5, abs=0.15)


def test_nothing_after_a_cutoff_changes_what_was_said_there(grid: Grid) -> None:
    backtest = backtested(grid)
    y = grid.y.copy()
    y[:, backtest.starts[-1] :] = 1e6
    later = replace(grid, y=y)
    changed = replace(backtest, grid=later, y=np.stack([y[:, s : s + H] for s in backtest.starts]))
    for window in (-2, -1):
        said = []
        for case in (backtest, changed):
            view = case.grid.until(case.starts[window])
            leaning = Leaning.learn(view, H)
            past = [
                Evidence.gather(leaning, case.grid.until(start), case.yhat[SERVICE][w], case.y[w])
                for w, start in enumerate(case.starts[:window])
            ]
            evidence = Evidence.gather(leaning, view, case.yhat[SERVICE][window])
            said.append(Opinion.learn(past, leaning.likeness).probability(evidence))
        assert np.array_equal(*said)


def test_pure_chance_is_answered_by_the_base_rate_with_the_reason() -> None:
    rng = np.random.default_rng(0)
    days = pd.date_range("2026-01-05", periods=DAYS)
    walks = [
        pd.DataFrame(
            {"unique_id": f"P{i}", "ds": days, "y": 100 * np.exp(0.03 * rng.normal(size=DAYS).cumsum())}
        )
        for i in range(12)
    ]
    grid = Grid.from_frame(validate_panel(pd.concat(walks), PanelSpec()), PanelSpec())
    backtest = run_backtest([SeasonalNaive()], grid, H, 3)
    # A forecast that is sure of the wrong side in the last windows.
    after, before = (np.stack([grid.y[:, s + shift :][:, :H] for s in backtest.starts]) for shift in (0, -H))
    backtest.yhat[SERVICE] = np.where(
        np.arange(len(backtest.starts))[:, None, None] < backtest.calibration, after, before**2 / after
    )
    direction = Direction().fit(grid, H, backtest)
    assert not direction.trusted
    assert direction.reason.startswith("no better than the base rate")
    assert (direction.predict(grid, grid.y[:, -H:] * 2) == direction.leaning_.base).all()


def test_a_short_series_gets_the_base_rate(grid: Grid, direction: Direction) -> None:
    y = grid.y.copy()
    y[0, :-3] = np.nan
    p_up = direction.predict(replace(grid, y=y), ahead(grid))
    assert p_up[0] == direction.leaning_.base
    assert p_up[1] != direction.leaning_.base


def test_without_a_backtest_the_base_rate_is_said() -> None:
    short = panel(n=2, days=10)
    direction = Direction().fit(short, H)
    assert direction.report() == {"base_rate": 0.5, "trusted": False, "reason": direction.reason}
    assert "too short for a backtest" in direction.reason
    assert direction.predict(short, ahead(short)).tolist() == [0.5, 0.5]


def test_some_series_are_judged_as_among_all(direction: Direction, grid: Grid) -> None:
    rows = [3, 17]
    alone = direction.predict(grid.take(rows), ahead(grid)[rows])
    assert alone == pytest.approx(direction.predict(grid, ahead(grid))[rows])


def test_it_survives_json(direction: Direction, grid: Grid) -> None:
    again = Direction.from_json(json.loads(json.dumps(direction.to_json(), allow_nan=False)))
    assert np.array_equal(again.predict(grid, ahead(grid)), direction.predict(grid, ahead(grid)))
    assert again.report() == direction.report()


def test_an_opinion_without_a_window_to_learn_from_is_the_prior() -> None:
    nothing = np.full(3, np.nan)
    opinion = Opinion.learn([Evidence(np.zeros(3), nothing, nothing, nothing)], 0.1)
    assert opinion.weights == PRIOR
