import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.design import Design, PastDesign, driver_of, trailing_mean
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid


def grid(days: int = 120, ahead: int = 14, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=ahead), spec), spec)


@pytest.mark.parametrize(("count", "step"), [(1, 1), (3, 1), (50, 1), (4, 7)])
def test_trailing_mean_agrees_with_the_plain_way(count: int, step: int) -> None:
    values = np.random.default_rng(0).normal(size=(2, 40))
    values[0, :9] = np.nan
    values[1, 17] = np.nan
    mean = trailing_mean(values, count, step)
    for row in range(2):
        for day in range(40):
            window = [values[row, day - step * back] for back in range(count) if day - step * back >= 0]
            known = [value for value in window if np.isfinite(value)]
            expected = np.mean(known) if known else np.nan
            assert mean[row, day] == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("k", [1, 6, 7, 8, 14])
def test_features_of_an_origin_do_not_see_later_days(k: int) -> None:
    full, cut = grid(), grid().until(100)
    origins = np.array([70, 99])
    there = Design(full, 14)
    here = Design(cut, 14)
    here.scale = there.scale
    difference = np.abs(there.known(k, origins) - here.known(k, origins)).max(axis=(0, 1))
    promotion = np.array([name.startswith("promo") for name in there.names])
    assert difference[~promotion].max() < 1e-5
    # Promotions are known ahead; only their mean and spread come from the history.
    assert difference[promotion].max() < 0.2


def test_target_is_relative_to_level_and_spread() -> None:
    design = Design(grid(), 0)
    origins = np.array([60])
    expected = (design.log[:, 63] - design.log[:, 33:61].mean(axis=1)) / design.scale
    assert design.target(3, origins)[:, 0] == pytest.approx(expected)


def test_every_column_has_a_name_and_a_driver() -> None:
    design = Design(grid(), 14)
    origins = np.array([60, 61])
    assert design.known(3, origins).shape == (3, 2, len(design.names))
    assert design.own(3, origins).shape == (3, 2, len(design.own_names))
    drivers = {name.partition(":")[0] for name in [*design.names, *design.own_names]}
    assert drivers == {"trend", "weekday", "season", "holiday", "shopping_festival", "promo"}


def test_few_valued_codes_become_indicators() -> None:
    panel = sample_panel(days=60, ahead=0)
    panel["promo"] = (panel["ds"].dt.day % 3).astype(float)
    names = Design(Grid.from_frame(validate_panel(panel, SPEC), SPEC), 0).exog_names
    assert names == ["promo=1", "promo=2"]


def test_yearly_features_wait_for_two_years() -> None:
    for days, awake in ((400, False), (800, True)):
        design = Design(grid(days), 0)
        columns = [name.partition(":")[2].startswith("year") for name in design.names]
        assert design.known(1, np.array([days - 2]))[:, :, columns].any() == awake
        assert (design.seen_calendar.shape[1] == design.calendar.shape[1]) == awake


def test_drivers_of_calendar_columns() -> None:
    assert driver_of("double11_before") == "shopping_festival"
    assert driver_of("spring_festival") == "holiday"
    assert driver_of("week_sin1") == "weekday"
    assert driver_of("year_cos2") == "season"
    assert driver_of("on_weekend") == "holiday"


def test_past_features_line_up_with_the_target_and_stop_at_the_origin() -> None:
    full = grid()
    past = PastDesign(full)
    origins = np.array([80])
    lags = [lag for lag, _ in past.lags]
    for k in (1, 5, 9):
        features = past.features(k, origins)
        base = (k - 1) // 7 * 7
        for lag in range(1, 8):
            day = 80 + k - base - lag
            single = past.values[:, day] if day <= 80 else past.values[:, 74:81].mean(axis=1)
            assert features[:, 0, lags.index(lag)] == pytest.approx(single[:, 0], abs=1e-5)
    assert past.features(1, origins).shape[2] == len(past.feature_names())


def test_many_past_columns_get_fewer_lags() -> None:
    panel = sample_panel(days=60, ahead=0).assign(**{f"x{i}": 1.0 for i in range(5)})
    spec = PanelSpec(past=tuple(f"x{i}" for i in range(5)))
    past = PastDesign(Grid.from_frame(validate_panel(panel, spec), spec))
    assert past.features(3, np.array([40, 41])).shape == (3, 2, 5 * 4)
    assert not np.isnan(past.features(3, np.array([0, 1]))).any()


def test_a_constant_past_column_is_zero() -> None:
    panel = sample_panel(days=60, ahead=0).assign(views=3.0)
    assert isinstance(panel, pd.DataFrame)
    assert not PastDesign(Grid.from_frame(validate_panel(panel, SPEC), SPEC)).values.any()
