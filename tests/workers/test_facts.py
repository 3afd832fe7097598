from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest

from forecasting import PanelSpec, validate_panel
from forecasting.analogues import Analogues
from forecasting.grid import Grid
from storage.products import save_analyses
from tests.storage.factories import analysis, make_products, make_sales
from workers.context import Context
from workers.facts import COMPONENTS, LEAST_EMBEDDED, principal, static_columns
from workers.panel import training_panel

START = date(2026, 1, 1)
PLACED = tuple(f"embedding_{n}" for n in range(COMPONENTS))


def rows(n: int, seed: int = 0) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(n, 32)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def test_components_keep_what_differs_most_whatever_the_order() -> None:
    groups = np.repeat([0, 1], 10)
    matrix = rows(2)[groups] + rows(20, 1) * 0.05
    found = principal(matrix)
    assert found.shape == (20, COMPONENTS)
    assert len(set(found[groups == 0, 0] > 0)) == len(set(found[groups == 1, 0] > 0)) == 1
    assert (found[0, 0] > 0) != (found[-1, 0] > 0)
    turned = np.random.default_rng(2).permutation(20)
    assert principal(matrix[turned]) == pytest.approx(found[turned], abs=1e-6)


def test_components_of_little_are_zero_and_of_nothing_unknown() -> None:
    matrix = np.concatenate([rows(1), rows(1), np.zeros((1, 32), np.float32)])
    found = principal(matrix)
    assert found[:2] == pytest.approx(0, abs=1e-6)
    assert np.isnan(found[2]).all()
    assert principal(rows(3)[:, :2]).shape == (3, COMPONENTS)
    assert principal(np.zeros((0, 0), np.float32)).shape == (0, COMPONENTS)


def test_a_price_of_each_day_stands_for_that_of_the_product() -> None:
    static = pd.DataFrame(
        {"unique_id": ["1", "2"], "category": "杯", "brand": ["A", "B"], "price": [9.0, np.nan]}
    )
    assert list(static_columns(static, ())) == ["unique_id", "brand"]
    static["price"] = [9.0, 12.0]
    assert list(static_columns(static, ())) == ["unique_id", "brand", "price"]
    assert list(static_columns(static, ("promo", "price"))) == ["unique_id", "brand"]


def shop(context: Context, workspace_id: int, count: int, embedded: int, version: str = "reader-1") -> None:
    """Fill a shop whose sales follow the description: alike products sell alike."""
    with context.sessions.begin() as session:
        ids = make_products(session, workspace_id, *(f"P{n}" for n in range(count)))
        kinds = rows(2)[np.arange(count) % 2] + rows(count, 1) * 0.02
        for number, id in enumerate(ids):
            level = 40.0 if number % 2 else 4.0
            days = 3 if number == count - 1 else 70
            begin = START + timedelta(days=70 - days)
            make_sales(session, workspace_id, id, begin, [level + day % 2 for day in range(days)])
        placed = zip(ids[count - embedded :], kinds[count - embedded :], strict=True)
        found = [(id, analysis() | {"embedding": row.tolist()}) for id, row in placed]
        save_analyses(session, workspace_id, found, version)


def test_descriptions_have_a_place_in_the_panel_and_analogues_use_it(
    context: Context, workspace_id: int
) -> None:
    shop(context, workspace_id, 20, 19)
    with context.sessions() as session:
        panel, again = (training_panel(session, workspace_id, 7) for _ in range(2))
    assert panel.spec.static == PLACED
    pd.testing.assert_frame_equal(panel.frame, again.frame)
    nowhere = panel.frame.groupby("unique_id")["embedding_0"].first().isna()
    assert nowhere.sum() == 1
    grid = Grid.from_frame(validate_panel(panel.frame, panel.spec, horizon=7), panel.spec)
    young = int(np.isfinite(grid.y).sum(axis=1).argmin())
    told = Analogues().fit_grid(grid).level_[young]
    plain = PanelSpec()
    unplaced = Grid.from_frame(validate_panel(panel.frame, plain), plain)
    blind = Analogues().fit_grid(unplaced).level_[young]
    assert abs(told - 40.5) < 2
    assert abs(blind - 40.5) > 10


def test_few_descriptions_have_no_place(context: Context, workspace_id: int) -> None:
    shop(context, workspace_id, LEAST_EMBEDDED, LEAST_EMBEDDED - 1)
    with context.sessions() as session:
        assert training_panel(session, workspace_id, 7).spec.static == ()


def test_the_columns_stay_while_a_new_version_reads(context: Context, workspace_id: int) -> None:
    shop(context, workspace_id, 20, 20)
    with context.sessions.begin() as session:
        before = training_panel(session, workspace_id, 7)
        ids = sorted(map(int, before.frame["unique_id"].unique()))[:8]
        new = [(id, analysis() | {"embedding": rows(1)[0, :16].tolist()}) for id in ids]
        save_analyses(session, workspace_id, new, "reader-2")
    with context.sessions() as session:
        during = training_panel(session, workspace_id, 7)
    assert before.spec == during.spec
    assert during.frame.groupby("unique_id")["embedding_0"].first().isna().sum() == 8
