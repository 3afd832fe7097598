"""Sizes beyond a part are the sum of their parts, and what is kept is not measured again."""

import json
from pathlib import Path

import pytest

from benchmarks.forecasting.scale import PART, measure, panel


def part(fit: float, peak: float) -> str:
    return json.dumps(
        {"fit_s": fit, "fit_cpu_s": fit, "predict_s": 1, "peak_gib": peak, "wape": 0.2, "naive_wape": 0.4}
    )


def test_seconds_add_up_and_the_largest_peak_counts(tmp_path: Path) -> None:
    (tmp_path / f"{PART}-0.json").write_text(part(30, 1.5))
    (tmp_path / "500-1.json").write_text(part(15, 1.0))
    row = measure(PART + 500, tmp_path)
    assert (row["parts"], row["fit_s"], row["predict_s"], row["peak_gib"]) == (2, 45, 2, 1.5)
    assert row["fit_cpu_ms_per_series"] == pytest.approx(30)


def test_parts_hold_other_series() -> None:
    first, second = panel(2, days=30), panel(2, days=30, part=1)
    assert first["y"].sum() != second["y"].sum()
    assert first.equals(panel(2, days=30))
