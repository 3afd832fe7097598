import numpy as np
import pandas as pd

from forecasting.design import Design
from forecasting.exog_scale import ExogScale
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid

SPEC = PanelSpec(future=("price", "phase"))


def grid() -> Grid:
    days = pd.date_range("2026-01-01", periods=40)
    parts = [
        pd.DataFrame({"unique_id": uid, "ds": days, "y": 5.0, "price": price, "phase": phase})
        for uid, price, phase in (("a", 10.0, np.arange(40) % 3), ("b", 30.0, np.zeros(40)))
    ]
    return Grid.from_frame(validate_panel(pd.concat(parts), SPEC), SPEC)


def test_few_codes_become_indicators_and_the_rest_is_scaled() -> None:
    scale = ExogScale.of(grid())
    assert scale.codes == {"phase": [1.0, 2.0]}
    assert (scale.centre, scale.spread) == ({"price": 20.0}, {"price": 10.0})
    assert ExogScale(**scale.to_json()) == scale


def test_a_part_of_the_panel_is_seen_with_the_scale_of_the_whole() -> None:
    whole = grid()
    scale = ExogScale.of(whole)
    part = Design(whole.take([1]), 0, scale)
    assert part.exog_names == Design(whole, 0).exog_names == ["price", "phase=1", "phase=2"]
    assert np.array_equal(part.exog[0], Design(whole, 0).exog[1])
    assert (part.exog[0, :, 0] == 1.0).all()


def test_a_column_that_never_varied_or_was_never_known_has_no_effect() -> None:
    constant = grid().take([1])
    assert ExogScale.of(constant).spread == {"price": 1.0, "phase": 1.0}
    assert not Design(constant, 0).exog.any()
    unknown = grid()
    unknown.future[:] = np.nan
    assert ExogScale.of(unknown).centre == {"price": 0.0, "phase": 0.0}
