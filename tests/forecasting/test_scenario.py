from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from forecasting.checks import SPEC, H, sample_panel
from forecasting.frame import PanelError, PanelSpec, validate_panel
from forecasting.grid import Array, Grid
from forecasting.regression import Regression
from forecasting.remarks import Remark, remark_of
from forecasting.scenario import Change, Scenario, check_scenario

FIRST, LAST = pd.Timestamp("2026-04-05"), pd.Timestamp("2026-04-12")


@pytest.fixture(scope="module")
def grid() -> Grid:
    panel = sample_panel()
    panel["price"] = (12.0 - panel["promo"] * 2 + panel.index % 7 / 4).where(panel["ds"] < FIRST, 10.0)
    spec = PanelSpec(future=("promo", "price"), past=("views",))
    return Grid.from_frame(validate_panel(panel, spec), spec)


@pytest.fixture(scope="module")
def model(grid: Grid) -> Regression:
    return Regression(h=H).fit_grid(grid)


def check(scenario: Scenario, grid: Grid, model: Regression, rows: tuple[int, ...] = (1,)) -> list[Remark]:
    def forecast(view: Grid) -> Array:
        return model.forecast_grid(view, H)[list(rows)]

    return check_scenario(scenario, grid, rows, H, forecast, np.ones(len(rows), dtype=bool))


def test_only_the_named_series_days_and_columns_change(grid: Grid) -> None:
    scenario = Scenario((Change("promo", 1.0),), start=FIRST, end=FIRST + pd.Timedelta(days=1))
    changed = scenario.apply(grid, [2], H)
    expected = grid.future.copy()
    expected[2, grid.length : grid.length + 2, 0] = 1.0
    assert np.array_equal(changed.future, expected)
    assert changed.forced == ()


@pytest.mark.parametrize(("how", "price"), [("set", 0.8), ("scale", 8.0), ("add", 10.8)])
def test_a_plan_is_set_scaled_or_raised(grid: Grid, how: str, price: float) -> None:
    changed = Scenario((Change("price", 0.8, how),)).apply(grid, [0], H)
    assert changed.future[0, grid.length :, 1] == pytest.approx(price)


def test_days_ahead_can_be_off_and_the_past_different(grid: Grid) -> None:
    told = pd.DataFrame({"unique_id": "a", "ds": [grid.cutoff], "views": [1.0]})
    changed = Scenario(off=True, start=LAST, past=told).apply(grid, [0], H)
    assert changed.forced == ((LAST.date(), True),)
    assert changed.past[0, -1, 0] == 1.0


def test_it_is_read_from_json() -> None:
    scenario = Scenario.from_json(
        {"price": 39, "promo": {"add": 1}, "holiday": True, "from": "2026-11-01", "to": None}, ("price",)
    )
    assert scenario.changes == (Change("price", 39.0), Change("promo", 1.0, "add"))
    assert (scenario.off, scenario.start, scenario.end) == (True, pd.Timestamp("2026-11-01"), None)
    named = Scenario.from_json({"holiday": 2}, ("holiday",))
    assert (named.changes, named.off) == ((Change("holiday", 2.0),), None)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"price": "dear"}, "price: 'dear' is not a number"),
        ({"price": {"times": 2}}, "one of set, scale, add, not 'times'"),
        ({"price": {"add": 1, "scale": 2}}, "is not a number"),
        ({"price": float("nan")}, "not a number"),
        ({"from": "soon"}, "'soon' is not a day"),
        ({"from": True}, "True is not a day"),
        ({"from": "2026-11-01T00:00+08:00"}, "is not a day"),
        ({"holiday": "no"}, "holiday: 'no' is neither true nor false"),
    ],
)
def test_what_cannot_be_read_is_refused(values: dict[str, object], reason: str) -> None:
    with pytest.raises(PanelError, match=reason):
        Scenario.from_json(values)


def test_a_scenario_that_is_felt_and_was_seen_raises_no_warning(grid: Grid, model: Regression) -> None:
    assert check(Scenario((Change("promo", 1.0),)), grid, model) == []


def test_what_was_never_seen_is_warned_of(grid: Grid, model: Regression) -> None:
    [warning] = check(Scenario((Change("price", 3.0),)), grid, model)
    assert warning == "price 3 is below every value seen of b (10 … 13.5), and of all others"
    told = pd.DataFrame({"unique_id": "b", "ds": [grid.cutoff], "views": [1e6]})
    assert "views 1e+06 is above" in Scenario(past=told).warnings(grid, [1], H)[0]


@pytest.mark.parametrize(
    ("scenario", "code", "reason"),
    [
        (Scenario((Change("weather", 1.0),)), "unknown_column", r"weather \(known ahead: promo, price\)"),
        (
            Scenario((Change("promo", 1.0),), start=pd.Timestamp("2027-01-01")),
            "no_day",
            "no day from 2026-04-05 to",
        ),
        (Scenario(), "nothing_named", "names nothing that would be different"),
        (Scenario((Change("price", 10.0),)), "already_planned", "for b: price is already planned so"),
        (
            Scenario((Change("promo", 1.0), Change("price", 10.0))),
            "already_planned",
            "price is already planned so",
        ),
        (
            Scenario(off=True, start=LAST, end=LAST),
            "days_off_unfelt",
            "feels days off there, or they are as they were",
        ),
    ],
)
def test_what_cannot_be_felt_is_refused_with_the_reason(
    scenario: Scenario, code: str, reason: str, grid: Grid, model: Regression
) -> None:
    with pytest.raises(PanelError, match=reason) as refused:
        check(scenario, grid, model)
    assert [remark.code for remark in remark_of(refused.value)] == [code]


def test_a_column_that_never_varied_is_not_felt_whatever_a_model_makes_of_it(grid: Grid) -> None:
    future = grid.future.copy()
    future[..., 1] = [[10.0], [10.0], [25.0]]
    flat = replace(grid, future=future)
    with pytest.raises(PanelError, match="price never was different"):
        check_scenario(
            Scenario((Change("price", 9.0),)),
            flat,
            (1,),
            H,
            lambda view: view.future[[1], -H:, 1],
            np.ones(1, dtype=bool),
        )


def test_reviews_that_nobody_listens_to_are_refused(grid: Grid) -> None:
    told = pd.DataFrame({"unique_id": "b", "ds": [grid.cutoff], "views": [5.0]})
    with pytest.raises(PanelError, match="not shown to help"):
        check_scenario(
            Scenario(past=told), grid, (1,), H, lambda view: view.past[[1], -H:, 0], np.zeros(1, dtype=bool)
        )


def test_series_that_feel_nothing_are_named_beside_those_that_do(grid: Grid, model: Regression) -> None:
    future = grid.future.copy()
    future[2, grid.length :, 0] = 1.0
    deaf = replace(grid, future=future)
    [warning] = check(Scenario((Change("promo", 1.0),)), deaf, model, (0, 1, 2))
    assert warning == "promo moves nothing for c"


def test_known_columns_are_those_of_the_panel() -> None:
    grid = Grid.from_frame(validate_panel(sample_panel(), SPEC), SPEC)
    with pytest.raises(PanelError, match=r"price \(known ahead: promo\)"):
        Scenario((Change("price", 1.0),)).apply(grid, [0], H)
