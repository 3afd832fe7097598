"""The figures of a snapshot, as `storage.snapshots` would have written them."""

from datetime import date, timedelta
from typing import Any

LAST = date(2026, 11, 20)
NAME = "空气炸锅 5L"


def figures(**values: Any) -> dict[str, Any]:
    """Return ninety days of a product with a forecast, a backtest and an aspect."""
    before = {"reviews": 40, "scored": 40, "positive": 30, "negative": 4, "neutral": 6, "uncertain": 0}
    now = {"reviews": 60, "scored": 50, "positive": 30, "negative": 10, "neutral": 8, "uncertain": 2}
    made = {
        "format": 1,
        "made_at": "2026-11-21T01:02:03+00:00",
        "product": {"id": "00123456789012345678", "title": NAME, "category": "", "brand": "=1+1", "shop": ""},
        "period": {"start": "2026-10-22", "end": "2026-11-20"},
        "cutoff": {"sales": "2026-11-20", "reviews": "2026-11-19", "forecast": "2026-11-20"},
        "kpis": {
            "current": now | {"start": "2026-10-22", "end": "2026-11-20", "units": 1200.0},
            "previous": before | {"start": "2026-09-22", "end": "2026-10-21", "units": 1000.0},
        },
        "days": [
            [(LAST - timedelta(days=back)).isoformat(), 40.0 + back % 7, 99.5, 2.5, 0.0, 0.0, 3, 1, 1, 0.25]
            for back in reversed(range(90))
        ],
        "marks": [["2026-11-11", "双11", "Double 11"]],
        "forecast": {
            "model": "Regression+sentiment",
            "made_at": "2026-11-21T01:00:00+00:00",
            "points": [
                [(LAST + timedelta(days=n)).isoformat(), 45.0, 36.0, 54.0, 31.5, 58.5] for n in range(1, 15)
            ],
            "drivers": [{"name": "promo", "group": "promotion", "polarity": "", "effect": 60.0}],
            "assumptions": {},
            "direction": None,
            "remarks": [],
            "versions": {"analyzer": "reader-1"},
        },
        "backtest": {
            "champion": "Regression",
            "metrics": {
                "SeasonalNaive": {"wape": 0.30, "mase": 1.0, "mae": 9.0, "bias": 0.01},
                "Regression": {"wape": 0.21, "mase": 0.7, "mae": 6.3, "bias": -0.02},
            },
            "lift": {
                "verdict": "none",
                "wape_without": 0.21,
                "wape_with": 0.205,
                "p_value": 0.6,
                "q_value": 0.8,
            },
            "coverage": {"80": 0.78},
        },
        "aspects": [
            {
                **{"category": "物流", "mentions": 20, "reviewers": 18, "positive": 10, "neutral": 4},
                **{"negative": 6, "rating_mean": 4.2},
            }
        ],
        "conclusion": ["30 天售出 1,200 件", "差评率 20.0%"],
        "against": "",
        "hash": "ab" * 32,
    }
    return made | values
