import numpy as np
import pytest

from forecasting.checks import sample_panel
from forecasting.frame import PanelSpec, validate_panel
from forecasting.grid import Grid
from forecasting.similarity import Analogy, Trait, traits

N = 60
RNG = np.random.default_rng(0)
CODE = np.repeat(np.arange(3.0), N // 3)
NOISE = RNG.integers(0, 4, N).astype(float)
TEACHERS = np.arange(N - 3)


def test_a_trait_that_tells_levels_apart_counts_and_one_that_does_not_is_left_out() -> None:
    value = CODE[TEACHERS] + 0.1 * RNG.normal(size=N - 3)
    found = [Trait("category", CODE[:, None]), Trait("colour", NOISE[:, None])]
    analogy = Analogy(found, TEACHERS, value)
    assert analogy.sharpness[0] >= 4
    assert analogy.sharpness[1] == 0
    assert analogy.error < 0.05
    guess = analogy.guess(np.array([0, N - 1]), value[:, None])
    assert guess[:, 0] == pytest.approx([0.0, 2.0], abs=0.15)


def test_without_traits_everyone_else_weighs_the_same() -> None:
    value = np.array([1.0, 2.0, 6.0])
    analogy = Analogy([], np.array([0, 2, 3]), value)
    assert analogy.guess(np.arange(4), value[:, None])[:, 0].tolist() == [4.0, 3.0, 3.5, 1.5]
    assert analogy.error == pytest.approx(np.mean([3.0**2, 1.5**2, 4.5**2]))


def test_a_single_teacher_teaches_itself() -> None:
    analogy = Analogy([], np.array([1]), np.array([5.0]))
    assert analogy.guess(np.arange(2), np.array([[5.0]]))[:, 0].tolist() == [5.0, 5.0]


@pytest.mark.parametrize("name", ["embedding", "price"])
def test_what_is_near_is_alike(name: str) -> None:
    place = RNG.uniform(0, 1.5, N)
    values = np.stack([np.cos(place), np.sin(place)], axis=1) if name == "embedding" else place[:, None]
    value = place[TEACHERS] * 3
    analogy = Analogy([Trait(name, values)], TEACHERS, value)
    assert analogy.sharpness[0] > 0
    assert analogy.error < 0.7 * value.var()


def test_static_columns_and_prices_become_traits() -> None:
    panel = sample_panel().rename(columns={"promo": "price"})
    panel["price"] += 4.0
    codes = {"a": 0, "b": 1, "c": 1}
    panel["category"] = panel["unique_id"].map(codes).map({0: "tea", 1: "salt"})
    panel["embedding_0"] = panel["unique_id"].map({"a": 3.0, "b": 0.0, "c": 3.0})
    panel["embedding_1"] = panel["unique_id"].map({"a": 0.0, "b": 2.0, "c": 0.0})
    spec = PanelSpec(future=("price",), static=("category", "embedding_0", "embedding_1"))
    category, embedding, price = traits(Grid.from_frame(validate_panel(panel, spec), spec))
    rows = np.arange(3)
    assert category.alike(rows, rows).tolist() == [[1, 0, 0], [0, 1, 1], [0, 1, 1]]
    assert embedding.alike(rows, rows).tolist() == [[1, 0, 1], [0, 1, 0], [1, 0, 1]]
    assert price.values[:, 0] == pytest.approx(np.log(4.15), abs=0.05)


def test_a_price_that_nobody_knows_is_the_usual_one() -> None:
    panel = sample_panel().assign(price=lambda df: df["unique_id"].map({"a": 5.0, "b": 9.0, "c": np.nan}))
    spec = PanelSpec(static=("price",))
    [price] = traits(Grid.from_frame(validate_panel(panel, spec), spec))
    assert np.exp(price.values[:, 0]) == pytest.approx([5.0, 9.0, 7.0])
