import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from forecasting import ledger
from forecasting.errors import PanelError
from forecasting.frame import PanelSpec, read_rows
from forecasting.preparation import WAYS, prepare, read_steps

SPEC = PanelSpec(future=("promo",), past=("views",), static=("category",))


@st.composite
def spoilt(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a panel with gaps, empty values, duplicates, stock-outs and peaks, in any order."""
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    parts = []
    for uid in ("b,1", "a\n", "茶")[: draw(st.integers(1, 3))]:
        days = draw(st.integers(1, 90))
        y = rng.poisson(20, days) * np.where(rng.random(days) < 0.03, 9.7, 1.1)
        part = pd.DataFrame({"unique_id": uid, "ds": pd.date_range("2026-01-05", periods=days), "y": y})
        part["stockout"] = rng.random(days) < 0.1
        part["promo"] = rng.integers(0, 2, days)
        part["views"] = rng.normal(100, 9, days)
        part["category"] = "tea"
        parts.append(part)
    df = pd.concat(parts)
    df["y"] = df["y"].where(rng.random(len(df)) > 0.1)
    df = df.sample(n=max(1, int(len(df) * draw(st.floats(0.5, 1.0)))), random_state=1)
    df = pd.concat([df, df.sample(frac=draw(st.floats(0.0, 0.2)), random_state=2)])
    return df.assign(y=df["y"].fillna(3.0) if df["y"].isna().all() else df["y"])


@st.composite
def step_texts(draw: st.DrawFn) -> str:
    """Draw some steps, duplicates always resolved."""
    chosen = draw(st.sets(st.sampled_from([name for name in WAYS if name != "duplicates"])))
    ways = {name: draw(st.sampled_from(WAYS[name][1])) for name in ("duplicates", *chosen)}
    return ",".join(f"{name}={way}" for name, way in ways.items())


@settings(max_examples=15, deadline=None, phases=[Phase.explicit, Phase.generate])
@given(spoilt(), step_texts())
def test_whatever_was_done_can_be_undone(df: pd.DataFrame, text: str) -> None:
    rows = read_rows(df, SPEC)
    kept = rows.copy(deep=True)
    frame, changes = prepare(rows, SPEC, read_steps(text))
    assert_frame_equal(rows, kept)
    assert_frame_equal(ledger.undo(frame, changes), rows)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("magic=1", "unknown step 'magic'; there are: duplicates, stockouts, gaps, outliers, scale"),
        ("gaps=magic", "unknown way 'magic' of gaps; there are: zero, missing, mean"),
        ("gaps", "unknown way '' of gaps"),
    ],
)
def test_unknown_steps_are_refused(text: str, message: str) -> None:
    with pytest.raises(PanelError, match=message):
        read_steps(text)


def test_steps_come_in_the_order_in_which_they_make_sense() -> None:
    names = [step.name for step in read_steps("scale=robust, outliers=lof:unknown,duplicates=sum")]
    assert names == ["duplicates=sum", "outliers=lof:unknown", "scale=robust"]
