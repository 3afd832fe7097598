import numpy as np

from forecasting.backtest import Backtest, run_backtest
from forecasting.champion import SERVICE, YARDSTICK, add_service, choose_champions
from forecasting.checks import SPEC, sample_panel
from forecasting.frame import validate_panel
from forecasting.grid import Grid
from forecasting.seasonal_naive import SeasonalNaive

EVERY = slice(None)


def backtest(**factors: list[float]) -> Backtest:
    """Add models whose errors are those of seasonal naive times a factor per series."""
    panel = sample_panel(days=150, ahead=0)
    result = run_backtest(
        [SeasonalNaive()], Grid.from_frame(validate_panel(panel, SPEC), SPEC), 7, n_windows=3
    )
    errors = result.y - result.yhat[YARDSTICK]
    for alias, factor in factors.items():
        result.yhat[alias] = result.y - errors * np.array(factor)[None, :, None]
    for alias in result.yhat:
        result.add_bands(alias, [80])
    return result


def test_each_series_gets_the_model_that_did_best_on_it() -> None:
    chosen = choose_champions(backtest(Good=[0.5, 0.9, 0.9], Other=[0.9, 0.5, 0.5]), EVERY)
    assert chosen.tolist() == ["Good", "Other", "Other"]


def test_a_model_that_does_not_beat_seasonal_naive_on_the_series_never_wins() -> None:
    chosen = choose_champions(backtest(Risky=[0.1, 0.1, 1.01]), EVERY)
    assert chosen.tolist() == ["Risky", "Risky", YARDSTICK]


def test_a_narrow_lead_on_one_series_yields_to_the_better_model_overall() -> None:
    chosen = choose_champions(backtest(Lucky=[0.78, 0.99, 0.99], Solid=[0.8, 0.5, 0.5]), EVERY)
    assert chosen.tolist() == ["Solid", "Solid", "Solid"]


def test_without_a_window_to_judge_by_seasonal_naive_speaks() -> None:
    assert choose_champions(backtest(Good=[0.1, 0.1, 0.1]), slice(0, 0)).tolist() == [YARDSTICK] * 3


def test_the_service_chooses_at_each_cutoff_with_earlier_windows_only() -> None:
    result = backtest(Late=[0.2, 0.2, 0.2])
    last = len(result.starts) - 1
    errors = result.y - result.yhat[YARDSTICK]
    result.yhat["Late"][:last] = result.y[:last] - 3 * errors[:last]
    add_service(result, (80,))
    assert np.array_equal(result.yhat[SERVICE], result.yhat[YARDSTICK])
    assert choose_champions(result, slice(last, None)).tolist() == ["Late"] * 3


def test_the_services_bands_are_those_of_the_model_it_chose() -> None:
    result = backtest(Good=[0.5, 0.5, 1.5])
    add_service(result, (80,))
    low, high = result.bands[SERVICE][80]
    for row, alias in enumerate(["Good", "Good", YARDSTICK]):
        window = len(result.starts) - 1
        assert np.array_equal(result.yhat[SERVICE][window, row], result.yhat[alias][window, row])
        assert np.array_equal(low[window, row], result.bands[alias][80][0][window, row])
        assert np.array_equal(high[window, row], result.bands[alias][80][1][window, row])


def test_a_series_that_is_unknown_in_the_windows_stays_with_the_yardstick() -> None:
    result = backtest(Good=[0.5, 0.5, 0.5])
    result.y[:, 1] = np.nan
    assert choose_champions(result, EVERY).tolist() == ["Good", YARDSTICK, "Good"]


def test_ties_with_the_yardstick_do_not_count_as_beating_it() -> None:
    assert choose_champions(backtest(Twin=[1.0, 1.0, 1.0]), EVERY).tolist() == [YARDSTICK] * 3


def test_the_more_windows_speak_the_more_the_series_own_errors_count() -> None:
    result = backtest(Own=[0.7, 1.5, 1.5], Shared=[0.8, 0.6, 0.6])
    assert choose_champions(result, slice(0, 1))[0] == "Shared"
    longer = backtest(Own=[0.3, 1.0, 1.0], Shared=[0.8, 0.8, 0.8])
    assert choose_champions(longer, EVERY)[0] == "Own"


def test_the_services_forecast_is_never_a_mixture() -> None:
    result = backtest(Good=[0.5, 0.5, 0.5], Other=[0.9, 0.4, 0.9])
    add_service(result, (80,))
    for window in range(len(result.starts)):
        for row in range(3):
            sources = [result.yhat[alias][window, row] for alias in (YARDSTICK, "Good", "Other")]
            assert any(np.array_equal(result.yhat[SERVICE][window, row], source) for source in sources)


def test_the_first_window_of_all_is_the_yardsticks() -> None:
    result = backtest(Good=[0.1, 0.1, 0.1])
    add_service(result, (80,))
    assert np.array_equal(result.yhat[SERVICE][0], result.yhat[YARDSTICK][0])
    assert np.array_equal(result.yhat[SERVICE][1], result.yhat["Good"][1])
