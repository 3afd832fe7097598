"""What every forecaster must get right, whatever it believes about sales."""

import copy
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal

from forecasting.backtest import cross_validation
from forecasting.frame import KEY, PanelSpec
from forecasting.model import Forecaster, NotFittedError

Make = Callable[[], Forecaster]
Check = Callable[[Make, Path], None]
H = 8
SPEC = PanelSpec(future=("promo",), past=("views",))


def sample_panel(days: int = 90, ahead: int = H, seed: int = 0) -> pd.DataFrame:
    """Make three series with a week, promotions and views, and the promotions of the days ahead.

    Parameters
    ----------
    days, ahead : int
        Known days, and days that only have their promotion.
    seed : int
        Seed of the noise.
    """
    rng = np.random.default_rng(seed)
    dates = pd.date_range("2026-01-05", periods=days + ahead, freq="D")
    known = np.arange(days + ahead) < days
    parts = []
    for name, level in (("a", 5.0), ("b", 60.0), ("c", 900.0)):
        promo = (rng.random(len(dates)) < 0.15).astype(float)
        mean = level * (1 + 0.3 * (dates.day_of_week >= 5)) * (1 + 0.5 * promo)
        sold = rng.poisson(mean).astype(float)
        views = np.where(known, 10 * mean + rng.normal(0, level, len(dates)), np.nan)
        y = np.where(known, sold, np.nan)
        parts.append(pd.DataFrame({"unique_id": name, "ds": dates, "y": y, "promo": promo, "views": views}))
    return pd.concat(parts, ignore_index=True)


def run_checks(make: Make, folder: Path) -> None:
    """Run every check on models that ``make`` builds.

    Parameters
    ----------
    make : callable
        Builds a new, unfitted model that can forecast `H` days; the same on every call.
    folder : Path
        An empty folder to save into.

    Raises
    ------
    AssertionError
        Naming the first check that failed.
    """
    for check in all_checks():
        try:
            check(make, folder)
        except AssertionError as error:
            raise AssertionError(f"{check.__name__}: {error}") from error


def all_checks() -> Iterator[Check]:
    """Yield every check."""
    yield init_only_stores
    yield asks_for_fit_first
    yield forecasts_h_days_of_every_series
    yield is_deterministic_and_blind_to_row_order
    yield leaves_its_input_alone
    yield survives_saving
    yield forecasts_a_part_as_among_all
    yield knows_nothing_after_the_cutoff
    yield never_goes_below_zero
    yield lays_nested_bands
    yield minds_no_idle_columns


def init_only_stores(make: Make, folder: Path) -> None:
    """The constructor learns nothing, and fitting changes no argument."""
    model = make()
    _hold(not [name for name in vars(model) if name.endswith("_")], "a learned name exists before fit")
    _hold(set(vars(model)) == set(model.params()), "the constructor stored something else than its arguments")
    before = copy.deepcopy(model.params())
    _hold(model.fit(sample_panel(), SPEC) is model, "fit does not return the model")
    _hold(model.params() == before, "fit changed a constructor argument")


def asks_for_fit_first(make: Make, folder: Path) -> None:
    """Predicting before fitting is refused."""
    try:
        make().predict(H)
    except NotFittedError:
        return
    raise AssertionError("predict before fit was not refused")


def forecasts_h_days_of_every_series(make: Make, folder: Path) -> None:
    """There are h rows per id, on the days after the cutoff, all finite."""
    panel = sample_panel()
    model = make().fit(panel, SPEC)
    forecast = model.predict(H)
    ahead = panel[panel["y"].isna()]
    _hold(list(forecast.columns) == [*KEY, model.alias], f"columns are {list(forecast.columns)}")
    assert_frame_equal(
        forecast[KEY],
        ahead[KEY].reset_index(drop=True),
        check_dtype=False,
        obj="ids and days of the forecast",
    )
    _hold(bool(np.isfinite(forecast[model.alias]).all()), "a forecast is not finite")


def is_deterministic_and_blind_to_row_order(make: Make, folder: Path) -> None:
    """Two models of the same seed agree, also when the rows come shuffled."""
    panel = sample_panel()
    shuffled = panel.sample(frac=1.0, random_state=3)
    assert_frame_equal(_forecast(make, panel), _forecast(make, shuffled))


def leaves_its_input_alone(make: Make, folder: Path) -> None:
    """Neither the panel nor the future frame is modified."""
    panel = sample_panel()
    future = panel.loc[panel["y"].isna(), [*KEY, "promo"]].reset_index(drop=True)
    kept, kept_future = panel.copy(deep=True), future.copy(deep=True)
    make().fit(panel, SPEC).predict(H, future)
    assert_frame_equal(panel, kept)
    assert_frame_equal(future, kept_future)


def survives_saving(make: Make, folder: Path) -> None:
    """A saved model forecasts the same after loading, and neither file is a pickle."""
    model = make().fit(sample_panel(), SPEC)
    model.save(folder)
    assert_frame_equal(type(model).load(folder).predict(H), model.predict(H))
    written = {path.suffix for path in folder.iterdir()}
    _hold(written == {".json", ".safetensors"}, f"wrote {sorted(written)}")


def forecasts_a_part_as_among_all(make: Make, folder: Path) -> None:
    """A model that calls itself separable forecasts one series the same alone and among all."""
    model = make().fit(sample_panel(), SPEC)
    if model.separable:
        among, alone = (model.forecast_grid(grid, H) for grid in (model.grid_, model.grid_.take([1])))
        _hold(np.allclose(among[1], alone[0]), "a series alone is forecast otherwise than among all")


def knows_nothing_after_the_cutoff(make: Make, folder: Path) -> None:
    """Sales and past columns after a cutoff change no forecast made at it."""
    panel = sample_panel(ahead=0)
    cutoff = panel["ds"].max() - pd.Timedelta(days=H)
    later = panel["ds"] > cutoff
    changed = panel.copy()
    changed.loc[later, "y"] = 7.0
    changed.loc[later, "views"] = -1e6
    first, second = (cross_validation([make()], df, SPEC, H, n_windows=1) for df in (panel, changed))
    assert_frame_equal(first.drop(columns="y"), second.drop(columns="y"))


def never_goes_below_zero(make: Make, folder: Path) -> None:
    """A series that falls to nothing is not forecast below it."""
    panel = sample_panel()
    age = panel.groupby("unique_id").cumcount()
    panel["y"] = panel["y"] * (1 - age / 90).clip(lower=0)
    forecast = _forecast(make, panel)
    _hold(bool((forecast.iloc[:, 2] >= 0).all()), "a forecast is negative")


def lays_nested_bands(make: Make, folder: Path) -> None:
    """Bands hold the forecast, the wider one the narrower, and none goes below zero."""
    model = make()
    cv = cross_validation([model], sample_panel(ahead=0), SPEC, H, n_windows=1, level=(80, 95))
    edges = [f"{model.alias}{side}" for side in ("-lo-95", "-lo-80", "", "-hi-80", "-hi-95")]
    values = cv[edges].to_numpy()
    _hold(bool(np.isfinite(values).all()), "a band is missing")
    _hold(bool((np.diff(values, axis=1) >= 0).all() and (values >= 0).all()), "bands cross or go below zero")


def minds_no_idle_columns(make: Make, folder: Path) -> None:
    """A constant column, an empty one and two that repeat others leave every forecast finite."""
    panel = sample_panel()
    panel = panel.assign(flat=3.0, twin=5 - 2 * panel["promo"], clicks=7 * panel["views"], empty=np.nan)
    spec = PanelSpec(future=("promo", "flat", "twin"), past=("views", "clicks", "empty"))
    forecast = make().fit(panel, spec).predict(H)
    _hold(bool(np.isfinite(forecast.iloc[:, 2]).all()), "a forecast is not finite")


def _forecast(make: Make, panel: pd.DataFrame) -> pd.DataFrame:
    return make().fit(panel, SPEC).predict(H)


def _hold(condition: bool, message: str) -> None:
    if not condition:
        raise AssertionError(message)
