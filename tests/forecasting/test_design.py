from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.design import Design, PastDesign, driver_of
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid


def grid(days: int = 120, ahead: int = 14, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=ahead), spec), spec)


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
            if day <= 80:
                expected = past.values[:, day, 0]
                assert features[:, 0, lags.index(lag)] == pytest.approx(expected, abs=1e-5)
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


def plain_known(grid: Grid, row: int, origin: int, k: int) -> dict[str, float]:
    """Recompute features of one series, origin and horizon from the plain history, in loops."""
    log = np.log1p(grid.y[row])
    level = log[max(origin - 27, 0) : origin + 1].mean()
    same = origin + k
    while same > origin:
        same -= 7
    weekdays = list(range(same, -1, -7))
    deviations = [log[day] - log[max(day - 6, 0) : day + 1].mean() for day in weekdays]
    return {
        "trend:last": log[origin] - level,
        "trend:mean3": log[origin - 2 : origin + 1].mean() - level,
        "trend:mean7": log[origin - 6 : origin + 1].mean() - level,
        "trend:mean14": log[origin - 13 : origin + 1].mean() - level,
        "trend:mean56": log[max(origin - 55, 0) : origin + 1].mean() - level,
        "trend:mean112": log[max(origin - 111, 0) : origin + 1].mean() - level,
        "weekday:same": log[weekdays[0]] - level,
        "weekday:same4": log[weekdays[:4]].mean() - level,
        "weekday:same8": log[weekdays[:8]].mean() - level,
        "weekday:deviation1": deviations[0],
        "weekday:deviation4": float(np.mean(deviations[:4])),
        "weekday:deviation8": float(np.mean(deviations[:8])),
    }


@pytest.mark.parametrize("origin", [60, 85, 118])
@pytest.mark.parametrize("k", [1, 7, 10])
def test_history_features_agree_with_plain_loops(origin: int, k: int) -> None:
    full = grid(days=130)
    design = Design(full, 14)
    features = design.known(k, np.array([origin]))
    for row in range(3):
        for name, value in plain_known(full, row, origin, k).items():
            found = features[row, 0, design.names.index(name)] * design.scale[row]
            assert found == pytest.approx(value, abs=1e-4), name


@pytest.mark.parametrize("k", [1, 8])
def test_known_ahead_features_are_the_day_and_its_change(k: int) -> None:
    full = grid(days=100)
    design = Design(full, 14)
    promo = full.future[:, :, 0]
    known = promo[:, :100]
    standard = (promo - known.mean()) / known.std()
    origin, target = 90, 90 + k
    same = target - 7 if k <= 7 else target - 14
    features = design.known(k, np.array([origin]))[:, 0]
    found = {name: features[:, index] for index, name in enumerate(design.names)}
    weekdays = [same, same - 7, same - 14, same - 21]
    assert found["promo:promo:day"] == pytest.approx(standard[:, target], abs=1e-5)
    against_week = standard[:, target] - standard[:, weekdays].mean(axis=1)
    assert found["promo:promo:against_weekday"] == pytest.approx(against_week, abs=1e-5)
    against_level = standard[:, target] - standard[:, 63:91].mean(axis=1)
    assert found["promo:promo:against_level"] == pytest.approx(against_level, abs=1e-5)


def test_a_year_ago_is_the_week_around_the_day_against_its_level() -> None:
    full = grid(days=800)
    design = Design(full, 0)
    origin, k = 700, 5
    features = design.known(k, np.array([origin]))
    log = np.log1p(full.y)
    then = origin + k - 364
    expected = log[:, then - 3 : then + 4].mean(axis=1) - log[:, origin - 364 - 27 : origin - 364 + 1].mean(
        axis=1
    )
    found = features[:, 0, design.names.index("season:year_ago")] * design.scale
    assert found == pytest.approx(expected, abs=1e-4)
    assert features[:, 0, design.names.index("season:has_year")].tolist() == [1.0] * 3
    early = design.known(k, np.array([380]))
    assert not early[:, 0, design.names.index("season:has_year")].any()


def test_unknown_sales_leave_features_at_zero_not_nan() -> None:
    full = grid(days=100)
    y = full.y.copy()
    y[0, :80] = np.nan
    y[1, 40:70] = np.nan
    design = Design(replace(full, y=y), 0)
    features = design.known(3, np.array([30, 60, 90]))
    assert np.isfinite(features).all()
    assert np.isnan(design.target(3, np.array([30]))[0, 0])
    assert np.isfinite(design.target(3, np.array([90]))).all()


def test_own_features_are_weekdays_days_off_and_promotions() -> None:
    design = Design(grid(days=100), 0)
    origins = np.arange(60, 67)
    own = design.own(2, origins)
    assert own[:, :, :7].sum(axis=2).tolist() == [[1.0] * 7] * 3
    weekdays = design.grid.days().day_of_week[origins + 2]
    assert own[0, :, :7].argmax(axis=1).tolist() == list(weekdays)


def test_past_values_before_a_column_began_count_as_its_mean() -> None:
    panel = sample_panel(days=60, ahead=0)
    panel.loc[panel["ds"] < panel["ds"].min() + pd.Timedelta(days=30), "views"] = np.nan
    past = PastDesign(Grid.from_frame(validate_panel(panel, SPEC), SPEC))
    assert not past.values[:, :30].any()
    assert past.values[:, 30:].mean(axis=1) == pytest.approx(np.zeros((3, 1)), abs=1e-9)
    assert past.values[:, 30:].std(axis=1) == pytest.approx(np.ones((3, 1)))


@pytest.mark.parametrize("k", [3, 12])
def test_means_of_past_weeks_end_where_they_should(k: int) -> None:
    past = PastDesign(grid())
    origin, base = 80, (k - 1) // 7 * 7
    names = past.feature_names()
    features = past.features(k, np.array([origin]))[:, 0]
    week = past.values[:, origin + k - base - 14 : origin + k - base - 7, 0].mean(axis=1)
    assert features[:, names.index("views:8+7")] == pytest.approx(week, abs=1e-5)
    fortnight = past.values[:, origin + k - base - 28 : origin + k - base - 14, 0].mean(axis=1)
    assert features[:, names.index("views:15+14")] == pytest.approx(fortnight, abs=1e-5)


@pytest.mark.parametrize("decay", [0.0, 0.8])
def test_days_after_the_origin_are_what_the_last_ones_let_expect(decay: float) -> None:
    rng = np.random.default_rng(0)
    panel = sample_panel(days=900, ahead=0)
    views = rng.normal(size=(3, 900))
    for day in range(1, 900):
        views[:, day] = decay * views[:, day - 1] + np.sqrt(1 - decay**2) * views[:, day]
    panel["views"] = views.ravel()
    past = PastDesign(Grid.from_frame(validate_panel(panel, SPEC), SPEC))
    origins = np.arange(100, 890)
    for k in (2, 4):
        yesterday = past.features(k, origins)[:, :, 0]
        expected = decay ** (k - 1) * past.values[:, origins, 0]
        assert np.abs(yesterday - expected).mean() < 0.1
