import json
from pathlib import Path

import pandas as pd
import pytest

from benchmarks.forecasting.reviewed import COUNTED, SAID, daily_sales, main, panel_of, scored

REVIEWS = pd.DataFrame(
    {
        "product_id": ["a", "a", "b"],
        "created_at": ["2025-01-03 23:30:00", "2025-01-05 08:00:00", "2025-01-02 10:00:00"],
        "rating": [1, 5, 4],
        "text": ["坏", "很好", "可以"],
    }
)
SCORES = [
    json.dumps({"sentiment": {"score": score, "label": label}, "suspect": {"is_suspect": False}})
    for score, label in ((-0.8, "negative"), (0.6, "positive"), (0.2, "neutral"))
]
SALES = pd.DataFrame(
    {"product_id": ["a", "a", "b"], "date": ["2025-01-01", "2025-01-05", "2025-01-04"], "units": [2, 3, 1]}
)


def test_a_review_counts_from_the_day_it_arrived() -> None:
    panel = panel_of(daily_sales(SALES), scored(REVIEWS, SCORES, "Asia/Shanghai"))
    own = panel[panel["unique_id"] == "a"]
    assert own["y"].tolist() == [2, 0, 0, 0, 3]
    assert own["sentiment_mean_7"].isna().tolist() == [True, True, False, False, False]
    assert own["sentiment_mean_7"].tolist()[2:] == pytest.approx([-0.8, -0.8, -0.1])
    assert own[COUNTED].tolist() == pytest.approx([0, 0, 1 / 7, 1 / 7, 2 / 7])


def test_order_lines_are_added_up_by_day() -> None:
    lines = pd.DataFrame(
        {"product_id": "a", "ordered_at": ["2025-01-01 09:00", "2025-01-01 21:00"], "quantity": [1, 2]}
    )
    assert daily_sales(lines)["y"].tolist() == [3.0]


def test_products_that_hardly_sell_are_left_out_and_scores_must_fit() -> None:
    known = scored(REVIEWS, SCORES, "Asia/Shanghai")
    assert set(panel_of(daily_sales(SALES), known, least=2)["unique_id"]) == {"a"}
    with pytest.raises(ValueError, match="3 reviews, but 2 scores"):
        scored(REVIEWS, SCORES[:2], "Asia/Shanghai")


def test_the_command_writes_a_panel(tmp_path: Path) -> None:
    REVIEWS.to_csv(tmp_path / "reviews.csv", index=False)
    SALES.to_csv(tmp_path / "sales.csv", index=False)
    (tmp_path / "scores.jsonl").write_text("\n".join(SCORES), encoding="utf-8")
    files = [str(tmp_path / name) for name in ("reviews.csv", "scores.jsonl", "sales.csv", "panel.csv")]
    assert main(files) == 0
    panel = pd.read_csv(tmp_path / "panel.csv")
    assert list(panel.columns) == ["unique_id", "ds", "y", COUNTED, *SAID]
