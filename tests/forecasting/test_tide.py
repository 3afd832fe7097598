import numpy as np
import pandas as pd
import pytest

from forecasting.frame import PanelSpec
from forecasting.grid import Array, Grid
from forecasting.tide import ebb, tide
from forecasting.tree_design import Layout, TreeDesign

H = 28
DAYS = 728


def shops(high: float = 0.0, days: int = DAYS, n: int = 8) -> Array:
    """Return sales of shops of any size that rise together for four weeks of each year."""
    rng = np.random.default_rng(0)
    sizes = np.exp(rng.normal(4, 1, (n, 1)))
    season = np.where(np.arange(days) % 364 >= 336, 1 + high, 1.0)
    return np.asarray(sizes * season * np.exp(rng.normal(0, 0.05, (n, days))))


def grid(y: Array) -> Grid:
    n, days = y.shape
    none = np.zeros((n, days, 0))
    ids = tuple(f"s{i}" for i in range(n))
    return Grid(ids, pd.Timestamp("2024-01-01"), y, none, none, np.zeros((n, 0)), PanelSpec())


def test_the_tide_is_how_high_all_stand_at_once() -> None:
    found = tide(shops(high=0.5))
    assert found[-1] == pytest.approx(np.log(1.5 / (1 + 0.5 * 28 / 364)), abs=0.03)
    assert abs(found[500]) < 0.06


def test_one_shop_that_sells_more_makes_no_tide() -> None:
    sold = shops()
    sold[3, 600:] *= 3
    assert np.abs(tide(sold)).max() < 0.06


def test_a_season_ebbs_and_growth_stays() -> None:
    season = shops(high=0.5)
    lasting, highest = ebb(season, tide(season), H)
    assert lasting < 0.4
    assert highest == pytest.approx(tide(season)[:-H].max(), abs=0.05)
    growing = shops() * np.exp(np.arange(DAYS) / 400)
    assert ebb(growing, tide(growing), H)[0] > 0.9


@pytest.mark.parametrize("days", [20, 112, 300])
def test_a_short_history_says_nothing(days: int) -> None:
    sold = shops(high=0.5, days=days)
    assert ebb(sold, tide(sold), H) == (1.0, 0.0)


def test_unknown_and_unsold_products_do_not_count() -> None:
    sold = np.vstack([shops(high=0.5), np.full((4, DAYS), np.nan), np.zeros((4, DAYS))])
    assert tide(sold) == pytest.approx(tide(shops(high=0.5)))
    assert not tide(np.zeros((2, DAYS))).any()


def test_the_trees_measure_sales_against_what_will_last() -> None:
    def base(made: Grid, h: int) -> Array:
        layout = Layout.of(made, festive=False, h=h)
        return TreeDesign(made, 0, layout, reach=H, codes=np.arange(len(made.ids))).base[:, -1]

    high = grid(shops(high=0.5))
    assert base(high, H) / base(high, 0) == pytest.approx(1 / 1.4, abs=0.08)
    shock = shops()
    shock[:, -40:] *= 0.3
    assert base(grid(shock), H) == pytest.approx(base(grid(shock), 0), rel=0.1)


def test_a_part_of_a_panel_keeps_the_tide_of_all() -> None:
    sold = shops(high=0.5)
    sold[0, 600:] *= 3
    made = grid(sold)
    alone = made.take([0]).narrow(PanelSpec()).honest
    assert alone.tide == pytest.approx(made.tide)
