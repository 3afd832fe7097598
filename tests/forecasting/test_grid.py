import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, sample_panel
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Grid


def grid_of(panel: pd.DataFrame, spec: PanelSpec = SPEC) -> Grid:
    return Grid.from_frame(validate_panel(panel, spec), spec)


def test_arrays_hold_what_the_frame_held() -> None:
    panel = sample_panel(days=20, ahead=4)
    grid = grid_of(panel)
    assert grid.ids == ("a", "b", "c")
    assert grid.y.shape == (3, 20)
    assert grid.future.shape == (3, 24, 1)
    assert grid.past.shape == (3, 20, 1)
    assert grid.cutoff == pd.Timestamp("2026-01-24")
    one = panel[(panel["unique_id"] == "b") & (panel["ds"] == "2026-01-09")].iloc[0]
    assert (grid.y[1, 4], grid.future[1, 4, 0], grid.past[1, 4, 0]) == (one["y"], one["promo"], one["views"])


def test_days_before_a_series_began_are_unknown() -> None:
    panel = sample_panel(days=20, ahead=0)
    grid = grid_of(panel[(panel["unique_id"] != "a") | (panel["ds"] >= "2026-01-10")])
    assert np.isnan(grid.y[0, :5]).all()
    assert grid.observed.tolist() == [15, 20, 20]


def test_a_series_that_has_not_begun_needs_no_plan() -> None:
    panel = sample_panel(days=20, ahead=0)
    grid = grid_of(panel[(panel["unique_id"] != "a") | (panel["ds"] >= "2026-01-20")])
    early = grid.until(10)
    assert early.known_ahead(3)[0].tolist() == [[0.0]] * 13
    assert np.array_equal(early.known_ahead(3)[1], grid.future[1, :13])
    with pytest.raises(PanelError, match="missing for b, c"):
        grid.take([1, 2]).known_ahead(3)


def test_a_stockout_hides_demand() -> None:
    panel = sample_panel(days=20, ahead=0)
    panel["stockout"] = ((panel["unique_id"] == "a") & (panel["ds"] == "2026-01-08")).astype(int)
    grid = grid_of(panel)
    assert np.argwhere(np.isnan(grid.y)).tolist() == [[0, 3]]


def test_past_values_are_carried_over_gaps_and_never_backwards() -> None:
    panel = sample_panel(days=20, ahead=0)
    first = panel["unique_id"] == "a"
    panel.loc[first & (panel["ds"] < "2026-01-07"), "views"] = np.nan
    panel.loc[first & (panel["ds"] == "2026-01-10"), "views"] = np.nan
    grid = grid_of(panel)
    assert np.isnan(grid.past[0, :2]).all()
    assert grid.past[0, 5, 0] == grid.past[0, 4, 0]


def test_until_forgets_sales_and_past_but_keeps_what_is_known_ahead() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4)).until(15)
    assert (grid.length, grid.past.shape[1], grid.future.shape[1]) == (15, 15, 24)
    assert grid.known_ahead(5).shape == (3, 20, 1)


def test_known_ahead_names_what_is_missing() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    with pytest.raises(PanelError, match=r"'promo' must be known for the 5 days.*a, b, c"):
        grid.known_ahead(5)


def test_a_future_frame_fills_the_days_ahead() -> None:
    grid = grid_of(sample_panel(days=20, ahead=0))
    days = pd.date_range("2026-01-25", periods=3)
    future = pd.DataFrame({"unique_id": np.repeat(["a", "b", "c"], 3), "ds": np.tile(days, 3), "promo": 1.0})
    assert grid.with_future(future).known_ahead(3)[:, -3:, 0].tolist() == [[1.0] * 3] * 3
    with pytest.raises(PanelError, match="unknown ids: z"):
        grid.with_future(future.assign(unique_id="z"))
    with pytest.raises(PanelError, match="lacks columns: promo"):
        grid.with_future(future.drop(columns="promo"))
    with pytest.raises(PanelError, match="more than one row for a day"):
        grid.with_future(pd.concat([future, future]))
    with pytest.raises(PanelError, match="'promo' is infinite"):
        grid.with_future(future.assign(promo=np.inf))
    with pytest.raises(PanelError, match="'ds' is not a date"):
        grid.with_future(future.assign(ds="soon"))


def test_take_and_narrow_keep_rows_and_columns_together() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    assert grid.take([2, 0]).ids == ("c", "a")
    assert np.array_equal(grid.take([2, 0]).y, grid.y[[2, 0]])
    narrow = grid.narrow(SPEC.without_past(["views"]))
    assert narrow.past.shape[2] == 0
    assert narrow.spec.past == ()


def test_static_words_become_codes() -> None:
    panel = sample_panel(days=20, ahead=0)
    panel["category"] = panel["unique_id"].map({"a": "tea", "b": "coffee", "c": "tea"})
    spec = PanelSpec(static=("category",))
    grid = grid_of(panel, spec)
    assert grid.static[:, 0].tolist() == [1.0, 0.0, 1.0]
    assert grid.labels == {"category": ["coffee", "tea"]}
    assert grid.take([1]).labels == Grid.from_state(*grid.to_state()).labels == grid.labels


def test_state_survives() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    again = Grid.from_state(*grid.to_state())
    assert (again.ids, again.start, again.spec) == (grid.ids, grid.start, grid.spec)
    assert np.array_equal(again.y, grid.y)
    assert np.array_equal(again.future, grid.future)


def test_days_can_be_made_ordinary_or_off() -> None:
    grid = grid_of(sample_panel(days=60, ahead=0), PanelSpec())
    loud, names = grid.calendar(7)
    off, festival = names.index("off"), names.index("spring_festival")
    quiet, _ = grid.with_days_off(grid.days(), off=False).calendar(7)
    assert (loud[:, festival].sum(), quiet[:, festival].sum()) == (8, 0)
    assert np.array_equal(quiet[:, off], grid.days(7).day_of_week >= 5)
    mondays = grid.days(7)[[35, 42]]
    free, _ = grid.with_days_off(mondays[:1], off=True).with_days_off(mondays[1:], off=True).calendar(7)
    assert free[[35, 42], names.index("off_workday")].tolist() == [1, 1]
    assert free[:, festival].sum() == 8


def test_past_values_can_be_replaced_and_are_carried_on() -> None:
    panel = sample_panel(days=30, ahead=0).assign(clicks=1.0)
    grid = grid_of(panel, PanelSpec(past=("views", "clicks")))
    days = pd.date_range(grid.cutoff, periods=4)[:2] - pd.Timedelta(days=2)
    told = pd.DataFrame({"unique_id": "b", "ds": days, "views": [7.0, np.nan]})
    replaced = grid.with_past(told)
    assert replaced.past[1, -3:, 0].tolist() == [7.0, 7.0, grid.past[1, -1, 0]]
    assert np.array_equal(np.delete(replaced.past, 1, axis=0), np.delete(grid.past, 1, axis=0))
    assert np.array_equal(replaced.past[:, :, 1], grid.past[:, :, 1])
    assert grid.past[1, -3, 0] != 7.0


def test_what_replaces_past_values_must_be_of_the_panel() -> None:
    grid = grid_of(sample_panel(days=30, ahead=0))
    with pytest.raises(PanelError, match="none of the past columns: views"):
        grid.with_past(pd.DataFrame({"unique_id": ["b"], "ds": [grid.cutoff], "clicks": [1.0]}))
    with pytest.raises(PanelError, match="past frame names unknown ids: z"):
        grid.with_past(pd.DataFrame({"unique_id": ["z"], "ds": [grid.cutoff], "views": [1.0]}))


@pytest.mark.parametrize("seed", range(4))
def test_carried_values_agree_with_forward_fill(seed: int) -> None:
    rng = np.random.default_rng(seed)
    panel = sample_panel(days=40, ahead=0)
    panel.loc[rng.random(len(panel)) < 0.4, "views"] = np.nan
    expected = panel.groupby("unique_id")["views"].ffill().to_numpy().reshape(3, 40)
    assert np.array_equal(grid_of(panel).past[:, :, 0], expected, equal_nan=True)


def test_demand_hides_closed_and_unrecorded_days_only() -> None:
    panel = sample_panel(days=120, ahead=0)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[panel["open"] == 0, "y"] = 0.0
    gap = (panel["unique_id"] == "b") & panel["ds"].between("2026-02-10", "2026-02-12")
    panel.loc[gap, "y"] = 0.0
    grid = grid_of(panel, PanelSpec(future=("open",)))
    hidden = np.isnan(grid.demand)
    sunday = np.asarray(grid.days().day_of_week == 6)
    assert hidden[:, sunday].all()
    assert hidden[2, ~sunday].sum() == 0
    assert hidden[1, ~sunday].sum() == 3
    assert np.isfinite(grid.y).all()


def test_closed_days_ahead_are_known() -> None:
    panel = sample_panel(days=120, ahead=10)
    panel["open"] = (panel["ds"].dt.day_of_week != 6).astype(float)
    panel.loc[(panel["open"] == 0) & panel["y"].notna(), "y"] = 0.0
    grid = grid_of(panel, PanelSpec(future=("open",)))
    ahead = grid.days(10)[-10:]
    assert grid.closed[0, 120:].tolist() == [day.day_of_week == 6 for day in ahead]


def test_a_weekday_without_sales_of_anyone_stays_closed() -> None:
    panel = pd.concat(
        sample_panel(days=120, ahead=0).assign(unique_id=lambda d, part=part: part + d["unique_id"])
        for part in "kmnp"
    )
    panel["y"] = panel["y"].fillna(0.0) + 1
    panel.loc[panel["ds"].dt.day_of_week == 6, "y"] = 0.0
    grid = grid_of(panel)
    assert grid.closed[0].tolist() == [day.day_of_week == 6 for day in grid.days()]
    assert np.array_equal(grid.take([3]).closed_until(30)[0], grid.days(30).day_of_week == 6)
    assert grid.until(40).closed_until(7)[:, -7:].sum() == 0
    assert np.isnan(grid.demand[0, 6])


def test_days_continue_after_the_cutoff() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    assert len(grid.days()) == 20
    assert grid.days(4)[-1] == pd.Timestamp("2026-01-28")
    assert grid.days()[-1] == grid.cutoff


def test_a_past_day_in_the_future_frame_changes_nothing() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    past = pd.DataFrame({"unique_id": ["a"], "ds": ["2026-01-10"], "promo": [9.0]})
    assert np.array_equal(grid.with_future(past).future, grid.future, equal_nan=True)


def test_a_later_frame_replaces_the_panels_plan() -> None:
    grid = grid_of(sample_panel(days=20, ahead=4))
    plan = pd.DataFrame({"unique_id": ["b"], "ds": [pd.Timestamp("2026-01-26")], "promo": [1.0]})
    changed = grid.with_future(plan)
    assert changed.future[1, 21, 0] == 1.0
    rest = np.ones(grid.future.shape, dtype=bool)
    rest[1, 21] = False
    assert np.array_equal(changed.future[rest], grid.future[rest])


def test_numeric_static_columns_keep_their_numbers() -> None:
    panel = sample_panel(days=20, ahead=0)
    panel["weight"] = panel["unique_id"].map({"a": 1.5, "b": 2.5, "c": 3.5})
    grid = grid_of(panel, PanelSpec(static=("weight",)))
    assert grid.static[:, 0].tolist() == [1.5, 2.5, 3.5]
    assert grid.labels == {}


def test_a_grid_cut_twice_is_a_grid_cut_once() -> None:
    grid = grid_of(sample_panel(days=60, ahead=4))
    twice, once = grid.until(50).until(30), grid.until(30)
    assert np.array_equal(twice.y, once.y)
    assert np.array_equal(twice.demand, once.demand, equal_nan=True)
    assert twice.cutoff == once.cutoff == pd.Timestamp("2026-02-03")


def test_the_calendar_may_be_changed_by_its_taker() -> None:
    grid = grid_of(sample_panel(days=20, ahead=0))
    first, _ = grid.calendar(3)
    first[:] = 99.0
    assert grid.calendar(3)[0].max() <= 1.0
