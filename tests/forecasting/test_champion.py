import numpy as np
import pandas as pd
import pytest

from forecasting.backtest import Backtest, run_backtest
from forecasting.champion import (
    SERVICE,
    YARDSTICK,
    Champion,
    add_service,
    choose_champions,
    has_short,
    series_groups,
)
from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.seasonal_naive import SeasonalNaive


def backtest(**factors: float) -> Backtest:
    """Add models whose errors are those of seasonal naive times a factor."""
    result = run_backtest(
        [SeasonalNaive()],
        Grid.from_frame(validate_panel(sample_panel(days=150, ahead=0), SPEC), SPEC),
        7,
        n_windows=3,
    )
    errors = result.y - result.yhat[YARDSTICK]
    for alias, factor in factors.items():
        result.yhat[alias] = result.y - errors * factor
    return result


def every(result: Backtest) -> slice:
    return slice(0, len(result.starts))


def test_only_what_beats_seasonal_naive_may_speak() -> None:
    result = backtest(Good=0.5, Bad=1.01)
    (champion,) = choose_champions(result, every(result), ["Good", "Bad"])
    assert champion.weights == {"Good": 1.0}
    assert champion.rows.tolist() == [0, 1, 2]
    assert champion.reason == "3 series: 100% Good; error 0.50 of seasonal naive's in 7 earlier windows"


def test_where_nothing_beats_seasonal_naive_it_speaks_and_says_so() -> None:
    result = backtest(Twin=1.0, Bad=1.4)
    (champion,) = choose_champions(result, every(result), ["Twin", "Bad"])
    assert champion.weights == {YARDSTICK: 1.0}
    assert "nothing beat seasonal naive" in champion.reason


def test_without_a_window_to_judge_by_seasonal_naive_speaks() -> None:
    (champion,) = choose_champions(backtest(Good=0.1), slice(0, 0), ["Good"])
    assert champion.weights == {YARDSTICK: 1.0}
    assert "no earlier window" in champion.reason


def test_a_model_far_behind_the_best_is_left_out() -> None:
    result = backtest(Best=0.3, Near=0.32, Far=0.9)
    (champion,) = choose_champions(result, every(result), ["Best", "Near", "Far"])
    assert set(champion.weights) == {"Best", "Near"}


def test_what_a_model_did_long_ago_counts_less() -> None:
    result = backtest(Better=0.5, Worse=0.5)
    half = len(result.starts) // 2
    errors = result.y - result.yhat[YARDSTICK]
    result.yhat["Better"][:half] = (result.y - 0.6 * errors)[:half]
    result.yhat["Worse"][-half:] = (result.y - 0.6 * errors)[-half:]
    (champion,) = choose_champions(result, every(result), ["Better", "Worse"])
    assert champion.weights["Better"] > 0.55


def test_a_group_is_drawn_to_the_weights_of_all_series(monkeypatch: pytest.MonkeyPatch) -> None:
    result = backtest(Good=0.5, Other=0.6)
    groups = {"smooth": np.array([0]), "lumpy": np.array([1, 2])}
    monkeypatch.setattr("forecasting.champion.series_groups", lambda grid: groups)
    seen = []

    def weights(errors: dict[str, Array], panel: dict[str, float] | None = None) -> dict[str, float]:
        seen.append((len(errors["Good"][0]), panel))
        return {"Good": 0.7, "Other": 0.3}

    monkeypatch.setattr("forecasting.champion.ensemble_weights", weights)
    choose_champions(result, every(result), ["Good", "Other"])
    assert seen == [(3, None), (1, {"Good": 0.7, "Other": 0.3}), (2, {"Good": 0.7, "Other": 0.3})]


def test_the_service_chooses_at_each_cutoff_with_earlier_windows_only() -> None:
    result = backtest(Late=0.2)
    last = len(result.starts) - 1
    errors = result.y - result.yhat[YARDSTICK]
    result.yhat["Late"][:last] = result.y[:last] - 3 * errors[:last]
    add_service(result, ["Late"])
    assert np.array_equal(result.yhat[SERVICE], result.yhat[YARDSTICK])
    assert choose_champions(result, slice(last, last + 1), ["Late"])[0].weights == {"Late": 1.0}


def test_the_first_window_of_all_is_the_yardsticks() -> None:
    result = backtest(Good=0.1)
    add_service(result, ["Good"])
    assert np.array_equal(result.yhat[SERVICE][0], result.yhat[YARDSTICK][0])
    assert np.array_equal(result.yhat[SERVICE][1], result.yhat["Good"][1])


def test_models_that_are_not_members_are_never_chosen() -> None:
    result = backtest(Good=0.5, Other=0.1)
    assert choose_champions(result, every(result), ["Good"])[0].weights == {"Good": 1.0}


def panel(kinds: dict[str, int], days: int = 120) -> Grid:
    rng = np.random.default_rng(0)
    dates = pd.date_range("2026-01-05", periods=days)
    parts = []
    for kind, count in kinds.items():
        for number in range(count):
            if kind == "smooth":
                y = rng.poisson(50, days).astype(float)
            elif kind == "erratic":
                y = np.ceil(rng.lognormal(2, 1.2, days))
            elif kind == "intermittent":
                y = 5.0 * (rng.random(days) < 0.3)
            elif kind == "lumpy":
                y = np.ceil(rng.lognormal(2, 1.5, days)) * (rng.random(days) < 0.3)
            else:
                count_known = {"short": 20, "new": 5}[kind]
                y = np.r_[np.full(days - count_known, np.nan), rng.poisson(50, count_known)]
            part = pd.DataFrame({"unique_id": f"{kind}{number:02d}", "ds": dates, "y": y})
            parts.append(part.dropna())
    spec = PanelSpec()
    return Grid.from_frame(validate_panel(pd.concat(parts), spec), spec)


def test_series_are_grouped_by_how_they_sell() -> None:
    kinds = dict.fromkeys(("erratic", "intermittent", "lumpy", "short", "smooth"), 10)
    groups = series_groups(panel(kinds))
    assert {name: len(rows) for name, rows in groups.items()} == kinds
    assert groups["erratic"].tolist() == list(range(10))


@pytest.mark.parametrize(
    ("kinds", "expected"),
    [
        ({"smooth": 3, "lumpy": 2}, {"all": 5}),
        ({"smooth": 20, "lumpy": 3}, {"smooth": 23}),
        ({"smooth": 20, "lumpy": 6, "short": 6}, {"smooth": 20, "all": 12}),
        ({"smooth": 20, "new": 1}, {"smooth": 20, "new": 1}),
        ({"new": 2}, {"new": 2}),
    ],
)
def test_small_groups_join_others(kinds: dict[str, int], expected: dict[str, int]) -> None:
    assert {name: len(rows) for name, rows in series_groups(panel(kinds)).items()} == expected


def with_analogues(kinds: dict[str, int], factor: float) -> Backtest:
    """Backtest seasonal naive, and analogues whose errors are those times a factor."""
    result = run_backtest([SeasonalNaive()], panel(kinds), 7, n_windows=3)
    result.yhat["Analogues"] = result.y - factor * (result.y - result.yhat[YARDSTICK])
    return result


def test_only_short_and_new_series_are_left_to_their_analogues() -> None:
    result = with_analogues({"smooth": 12, "short": 12}, 0.5)
    result.yhat["Good"] = result.yhat["Analogues"]
    chosen = choose_champions(result, every(result), ["Good", "Analogues"])
    assert {c.group: set(c.weights) for c in chosen} == {
        "smooth": {"Good"},
        "short": {"Good", "Analogues"},
    }


@pytest.mark.parametrize(("factor", "weights"), [(0.5, {"Analogues": 1.0}), (2.0, {YARDSTICK: 1.0})])
def test_new_series_are_judged_by_those_that_were_new(factor: float, weights: dict[str, float]) -> None:
    result = with_analogues({"smooth": 12, "short": 12, "new": 1}, factor)
    new = choose_champions(result, every(result), ["Analogues"])[0]
    assert (new.group, new.weights) == ("new", weights)
    assert "series that were new in" in new.reason


def test_a_new_series_among_old_ones_is_judged_by_old_ones_made_new() -> None:
    result = with_analogues({"smooth": 12, "new": 1}, 2.0)
    new = choose_champions(result, every(result), ["Analogues"])[0]
    assert (new.group, new.weights) == ("new", {"Analogues": 1.0})
    assert "1 series: 100% Analogues; error 0." in new.reason
    assert new.reason.endswith("in old series that were cut to their last days")


def test_without_old_series_new_ones_get_seasonal_naive() -> None:
    result = with_analogues({"smooth": 3, "new": 1}, 0.5)
    new = choose_champions(result, every(result), ["Analogues"])[-1]
    assert (new.group, new.weights) == ("new", {YARDSTICK: 1.0})
    assert "no earlier window" in new.reason


def test_a_panel_has_short_series_when_some_were_short_before_its_windows() -> None:
    grid = panel({"smooth": 2}, days=100)
    assert not has_short(grid, 44)
    assert has_short(grid, 45)
    assert has_short(panel({"smooth": 2, "new": 1}), 0)


def test_a_champion_survives_json() -> None:
    champion = Champion("smooth", np.array([0, 2]), {"A": 0.4, "B": 0.6}, "because")
    again = Champion.from_json(champion.to_json())
    assert (again.group, again.weights, again.reason) == ("smooth", {"A": 0.4, "B": 0.6}, "because")
    assert again.rows.tolist() == [0, 2]
