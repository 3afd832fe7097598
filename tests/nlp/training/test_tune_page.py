from typing import Any

import pytest

from nlp.training.tune_page import page, verdict


def measured(accuracy: float) -> dict[str, Any]:
    return {
        "rows": 40,
        "accuracy": accuracy,
        "accuracy_ci": [accuracy - 0.05, accuracy + 0.05],
        "macro_f1": 0.8,
        "calibration_error": 0.02,
        "uncertain": 0.1,
    }


@pytest.fixture
def report() -> dict[str, Any]:
    side = {"label": "positive", "score": 0.75}
    return {
        "before": "accurate-1",
        "after": "mine-2",
        "rows": {"labelled": 120, "texts": 7},
        "validation": {
            "before": measured(0.8),
            "after": measured(0.9),
            "mended": 5,
            "spoilt": 1,
            "p_value": 0.2,
        },
        "corrections": {
            "trained_on": {"count": 9, "right_before": 0, "right_after": 8},
            "held_back": {"count": 3, "right_before": 1, "right_after": 2},
        },
        "changes": {
            "texts": 50,
            "changed": 4,
            "labels": [{"from": "positive", "to": "uncertain", "count": 4}],
        },
        "largest": [{"text": "贵|得\n离谱", "before": side, "after": {"label": "negative", "score": -0.5}}],
        "against": [],
    }


def test_shows_every_figure(report: dict[str, Any]) -> None:
    told = page(report, "models/mine")
    for part in (
        "accurate-1 → mine-2",
        "| labelled | 120 |",
        "| 0.8000 (0.7500–0.8500) | 0.9000 (0.8500–0.9500) |",
        "right only after: 5; ",
        "right only before: 1 (p = 0.2)",
        "| 参与训练 trained on | 9 | 0 | 8 |",
        "| 留作验证 held back | 3 | 1 | 2 |",
        "(8.0%)",
        "| 正面 positive | 不确定 uncertain | 4 |",
    ):
        assert part in told


def test_a_text_stays_in_its_cell(report: dict[str, Any]) -> None:
    assert "| 正面 positive +0.75 | 负面 negative -0.50 | 贵\\|得 离谱 |" in page(report, "mine").splitlines()


def test_says_plainly_whether_to_switch(report: dict[str, Any]) -> None:
    told = page(report, "models/mine")
    assert "可以切换" in told
    assert "`SENTIMENT_MODEL=models/mine`" in told
    worse = page(report | {"against": ["accuracy falls"]}, "models/mine")
    assert "不要切换。Do not switch." in worse
    assert "- accuracy falls" in worse
    assert "SENTIMENT_MODEL" not in worse


def test_each_reason_has_a_line() -> None:
    assert verdict(["one", "two"], "mine").splitlines()[-2:] == ["- one", "- two"]
