import json
from dataclasses import replace

import numpy as np
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.intervals import ConformalBands, Outlook, in_sample, size, special_days, unrest

LEVELS = (80, 95)


def outlook(yhat: Array, scale: Array | None = None, closed: Array | None = None) -> Outlook:
    nothing = np.zeros(yhat.shape, dtype=bool)
    sizes = np.full(yhat.shape[:-1], 100.0) if scale is None else scale
    return Outlook(yhat, sizes, np.full_like(sizes, 0.2), nothing, nothing if closed is None else closed > 0)


def gaussian(w: int, n: int, h: int, seed: int = 0) -> Array:
    return 10 * np.random.default_rng(seed).normal(size=(w, n, h))


def coverage(bands: tuple[Array, Array], actual: Array) -> float:
    return float(((actual >= bands[0]) & (actual <= bands[1])).mean())


@pytest.mark.parametrize("level", LEVELS)
def test_bands_cover_what_they_promise(level: int) -> None:
    yhat = np.full((4, 200, 14), 100.0)
    bands = ConformalBands(LEVELS).fit(gaussian(4, 200, 14), outlook(yhat)).predict(outlook(yhat[0]))
    actual = 100 + gaussian(20, 200, 14, seed=1)
    assert coverage(bands[level], actual) == pytest.approx(level / 100, abs=0.015)


def test_bands_follow_the_sign_of_the_errors() -> None:
    yhat = np.full((3, 50, 7), 100.0)
    low, high = (
        ConformalBands([80]).fit(np.abs(gaussian(3, 50, 7)), outlook(yhat)).predict(outlook(yhat[0]))[80]
    )
    assert (low == 100.0).all()
    # 10 times the 90% quantile of |N(0, 1)|, or its 80% quantile where no miss is below.
    assert 112.8 < high.mean() < 116.5


def test_a_wilder_series_gets_a_wider_band() -> None:
    errors = gaussian(3, 20, 14)
    errors[:, 0] *= 4
    yhat = np.full((3, 20, 14), 100.0)
    low, high = ConformalBands([80]).fit(errors, outlook(yhat)).predict(outlook(yhat[0]))[80]
    assert (high - low)[0].mean() > 1.5 * (high - low)[1:].mean()


def test_bands_widen_with_the_horizon_where_errors_do() -> None:
    errors = gaussian(3, 100, 14) * np.linspace(1, 4, 14)
    yhat = np.full((3, 100, 14), 100.0)
    low, high = ConformalBands([80]).fit(errors, outlook(yhat)).predict(outlook(yhat[0]))[80]
    assert (high - low)[:, -1].mean() > 2 * (high - low)[:, 0].mean()


def test_where_the_band_begins_at_zero_all_misses_are_above() -> None:
    rng = np.random.default_rng(0)
    sales = rng.poisson(0.7, (5, 300, 14)).astype(float)
    yhat = np.full((4, 300, 14), 0.5)
    view = outlook(yhat, np.full((4, 300), 1.7))
    low, high = ConformalBands([80]).fit(sales[:4] - yhat, view).predict(view[0])[80]
    assert not low.any()
    assert coverage((low, high), sales[4]) == pytest.approx(0.83, abs=0.06)


def test_goods_that_no_longer_sell_do_not_close_the_bands_of_those_that_do() -> None:
    yhat = np.zeros((4, 200, 14))
    yhat[:, :40] = 1.5
    sold = np.random.default_rng(0).poisson(yhat).astype(float)
    scale = np.where(yhat[:, :, 0] > 0, 2.5, 1.0)
    found = ConformalBands([80]).fit(sold[:3] - yhat[:3], outlook(yhat[:3], scale[:3]))
    low, high = found.predict(outlook(yhat[3], scale[3]))[80]
    assert (high[:40] > 1.8).all()
    assert coverage((low[:40], high[:40]), sold[3, :40]) == pytest.approx(0.8, abs=0.05)
    assert high[40:].max() < 0.1


def test_days_known_to_be_closed_are_exact_and_count_as_covered() -> None:
    closed = np.zeros((3, 200, 14))
    closed[:, :, 6::7] = 1
    yhat = np.where(closed > 0, 0.0, 100.0)
    errors = np.where(closed > 0, 0.0, gaussian(3, 200, 14))
    view = outlook(yhat, closed=closed)
    low, high = ConformalBands([80]).fit(errors, view).predict(view[0])[80]
    assert not high[:, 6].any()
    actual = np.where(closed[0] > 0, 0.0, 100 + gaussian(1, 200, 14, seed=1)[0])
    assert coverage((low, high), actual) == pytest.approx(0.8, abs=0.02)


def test_errors_that_grow_from_window_to_window_are_followed() -> None:
    errors = gaussian(3, 300, 7) * np.array([1.0, 1.5, 2.0])[:, None, None]
    yhat = np.full((3, 300, 7), 100.0)
    low, high = ConformalBands([80]).fit(errors, outlook(yhat)).predict(outlook(yhat[0]))[80]
    still = ConformalBands([80])._fit(errors, outlook(yhat), {80: 0.2}).predict(outlook(yhat[0]))[80]
    assert (high - low).mean() > 1.03 * (still[1] - still[0]).mean()


def test_unknown_errors_change_nothing_and_none_at_all_close_the_band() -> None:
    yhat = np.full((3, 40, 7), 100.0)
    errors = gaussian(3, 40, 7)
    some = errors.copy()
    some[:, ::2] = np.nan
    low, high = ConformalBands([80]).fit(some, outlook(yhat)).predict(outlook(yhat[0]))[80]
    assert np.isfinite(low).all()
    assert coverage((low, high), 100 + errors[0]) == pytest.approx(0.8, abs=0.08)
    nothing = (
        ConformalBands([80]).fit(np.full((1, 40, 7), np.nan), outlook(yhat[:1])).predict(outlook(yhat[0]))
    )
    assert (nothing[80][0] == yhat[0]).all()


@pytest.mark.parametrize("seed", range(4))
def test_bands_nest_hold_the_forecast_and_stay_above_zero(seed: int) -> None:
    rng = np.random.default_rng(seed)
    yhat = rng.uniform(0, 10, (3, 30, 14))
    view = outlook(yhat, rng.uniform(1, 9, (3, 30)))
    bands = ConformalBands((95, 50, 80)).fit(rng.normal(size=(3, 30, 14)) * 5, view).predict(view[2])
    assert list(bands) == [50, 80, 95]
    edges = [bands[95][0], bands[80][0], bands[50][0], yhat[2], bands[50][1], bands[80][1], bands[95][1]]
    assert (np.diff(np.stack(edges), axis=0) >= 0).all()
    assert edges[0].min() >= 0


def test_some_series_are_served_as_among_all_and_json_keeps_everything() -> None:
    yhat = np.full((3, 20, 7), 100.0)
    bands = ConformalBands(LEVELS).fit(gaussian(3, 20, 7), outlook(yhat))
    again = ConformalBands.from_json(json.loads(json.dumps(bands.to_json())))
    whole = bands.predict(outlook(yhat[0]))
    part = again.predict(outlook(yhat[0, [4, 9]]), [4, 9])
    assert np.array_equal(part[95][1], whole[95][1][[4, 9]])


def test_size_is_the_larger_of_recent_and_yearly_mean_plus_one() -> None:
    rising, closed = np.arange(100.0), np.r_[np.full(40, 9.0), np.zeros(60)]
    y = np.vstack([rising, closed, np.full(100, np.nan)])
    assert size(y) == pytest.approx([1 + rising[44:].mean(), 1 + closed.mean(), 1.0])


def test_unrest_is_the_change_from_week_to_week() -> None:
    still, restless = np.full(90, 9.0), np.tile(np.repeat([5.0, 15.0], 7), 7)[:90]
    assert unrest(np.vstack([still, restless])) == pytest.approx([0.02, 10 / size(restless[None])[0]])


def test_a_new_series_is_taken_to_be_as_restless_as_the_others() -> None:
    rng = np.random.default_rng(0)
    demand = rng.poisson(20, size=(9, 90)).astype(float)
    old = unrest(demand)
    demand[8, :87] = np.nan
    found = unrest(demand)
    assert found[:8] == pytest.approx(old[:8])
    assert found[8] == pytest.approx(np.median(old[:8]) * np.sqrt(4 / 3))


@pytest.mark.parametrize(("y", "low", "high"), [([25.0], 6.4, 9.6), ([0.25], 0.12, 0.24), ([0.0], 0.3, 1.5)])
def test_one_day_alone_leaves_much_open(y: list[float], low: float, high: float) -> None:
    one = replace(grid(60), y=np.array([y]), ids=("a",))
    bands = ConformalBands([80]).fit(*in_sample(one, 14))
    yhat = np.full((1, 14), y[0])
    lower, upper = bands.predict(outlook(yhat, size(one.y)))[80]
    assert (lower >= 0).all()
    assert ((upper - yhat >= low) & (upper - yhat <= high)).all()


def grid(days: int) -> Grid:
    return Grid.from_frame(validate_panel(sample_panel(days=days, ahead=0), SPEC), SPEC)


def test_rare_values_and_moved_days_off_are_special() -> None:
    panel = sample_panel(days=300, ahead=0)
    panel["promo"] = (panel.groupby("unique_id").cumcount() % 25 == 0).astype(float)
    made = Grid.from_frame(validate_panel(panel, SPEC), PanelSpec(future=("promo",), past=("views",)))
    special = special_days(made, 0)
    calendar, names = made.calendar(0)
    assert special[:, made.future[0, :, 0] == 1].all()
    assert special[:, calendar[:, names.index("off_workday")] == 1].all()
    assert special.mean() < 0.15


@pytest.mark.parametrize("days", [5, 60])
def test_history_gives_errors_when_there_are_no_earlier_cutoffs(days: int) -> None:
    errors, view = in_sample(grid(days), 14)
    assert errors.shape == view.yhat.shape
    assert np.isfinite(errors).all()
    bands = ConformalBands([80]).fit(errors, view).predict(view[0])
    assert (bands[80][1] > bands[80][0]).all()
