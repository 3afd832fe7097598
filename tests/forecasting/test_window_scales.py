from dataclasses import replace

import numpy as np
import pytest

from forecasting.checks import sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.tree_design import Layout, TreeDesign
from forecasting.window_scales import FARTHEST, Scales

SPEC = PanelSpec(future=("promo",), past=("views",), static=("category", "size"))


def grid() -> Grid:
    panel = sample_panel(days=100)
    panel["category"] = panel["unique_id"].map({"a": "tea", "b": "coffee", "c": "tea"})
    panel["size"] = panel["unique_id"].map({"a": 1.0, "b": 2.0, "c": 6.0})
    return Grid.from_frame(validate_panel(panel, SPEC), SPEC)


def learned() -> tuple[TreeDesign, Scales]:
    made = grid()
    design = TreeDesign(made, 0, Layout.of(made, festive=True), reach=8, codes=np.arange(3))
    return design, Scales.of(design, np.random.default_rng(0))


def test_codes_become_indicators_and_numbers_are_centred() -> None:
    design, scales = learned()
    assert scales.codes["weekday:day"] == [0, 1, 2, 3, 4, 5, 6]
    assert scales.codes["promo:day"] == [0, 1]
    assert not [name for name in (*scales.codes, *scales.numbers) if name.startswith("product:")]
    rows, origins = np.zeros(7, dtype=np.int64), np.full(7, 60)
    ahead = scales.ahead(design.names, design.rows(rows, origins, origins + np.arange(1, 8)))
    assert ahead.shape == (7, scales.width_ahead)
    flags = ahead[:, len(scales.numbers) : len(scales.numbers) + 7]
    assert sorted(flags.argmax(axis=1)) == list(range(7))
    assert flags.sum(axis=1).tolist() == [1.0] * 7
    assert np.abs(ahead).max() <= FARTHEST


def test_unknown_is_the_centre() -> None:
    design, scales = learned()
    unknown = np.full((2, len(design.names)), np.nan, dtype=np.float32)
    assert not scales.ahead(design.names, unknown).any()


def test_a_category_is_found_by_its_name_and_a_new_one_is_zero() -> None:
    _, scales = learned()
    assert scales.labels == {"category": ["coffee", "tea"]}
    assert scales.categories(grid())[:, 0].tolist() == [2, 1, 2]
    other = replace(grid(), labels={"category": ["tea", "water"]})
    assert scales.categories(other)[:, 0].tolist() == [0, 2, 0]
    missing = replace(grid(), static=np.array([[-1.0, 1.0], [0.0, 1.0], [1.0, 1.0]]))
    assert scales.categories(missing)[:, 0].tolist() == [0, 1, 2]


def test_facts_are_scaled_as_learned_not_as_the_part_would_be() -> None:
    _, scales = learned()
    whole, part = scales.known_facts(grid()), scales.known_facts(grid().take([2]))
    assert part[0] == pytest.approx(whole[2])
    assert whole[1, 0] == 0.0


def test_scales_survive_json() -> None:
    _, scales = learned()
    assert Scales.from_json(scales.to_json()) == scales
