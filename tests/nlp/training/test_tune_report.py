import json
from collections.abc import Sequence

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from nlp.cache import ScoreCache
from nlp.pipeline import Analyzer
from nlp.segment import Segmenter
from nlp.training.tune_data import ShopRows
from nlp.training.tune_report import FEWEST, LONGEST, SHOWN, compare


class Wording:
    """Classifier that knows a text by its first letter: 好 positive, 差 negative, 平 neutral, else unsure."""

    threshold = 0.5

    def __init__(self, version: str, **otherwise: str) -> None:
        self.version = version
        self.otherwise = otherwise

    def predict_proba(self, texts: Sequence[str]) -> NDArray[np.float64]:
        rows = {"好": [0.1, 0.1, 0.8], "差": [0.7, 0.2, 0.1], "平": [0.2, 0.6, 0.2]}
        return np.array([rows.get(self.otherwise.get(t[:1], t[:1]), [0.4, 0.3, 0.3]) for t in texts])

    def embed(self, texts: Sequence[str]) -> NDArray[np.float64]:
        raise NotImplementedError


def reader(version: str, segmenter: Segmenter, **otherwise: str) -> Analyzer:
    return Analyzer(Wording(version, **otherwise), segmenter, scores=ScoreCache(0))


def rows(*found: tuple[str, int, bool]) -> pd.DataFrame:
    return pd.DataFrame(found, columns=["text", "label", "corrected"])


@pytest.fixture
def data() -> ShopRows:
    """Forty validation rows, of which thirty begin with 好; corrections on both sides; texts."""
    good = [(f"好{i}", 2, False) for i in range(30)]
    bad = [(f"贵{i}", 0, i < 4) for i in range(10)]
    return ShopRows(
        rows(("贵得离谱", 0, True), ("好用", 2, False)), rows(*good, *bad), ["平常", "差劲"], {"train": 2}
    )


def test_counts_what_becomes_right_and_wrong(data: ShopRows, segmenter: Segmenter) -> None:
    old, new = reader("old", segmenter, 贵="好"), reader("new", segmenter, 贵="差")
    report = compare(old, new, data)
    assert (report["before"], report["after"]) == ("old", "new")
    validation = report["validation"]
    assert (validation["before"]["accuracy"], validation["after"]["accuracy"]) == (0.75, 1.0)
    assert validation["before"]["accuracy_ci"][0] < 0.75 < validation["before"]["accuracy_ci"][1]
    assert (validation["mended"], validation["spoilt"]) == (10, 0)
    assert validation["p_value"] == pytest.approx(2 * 0.5**10, abs=1e-4)
    assert report["corrections"] == {
        "trained_on": {"count": 1, "right_before": 0, "right_after": 1},
        "held_back": {"count": 4, "right_before": 0, "right_after": 4},
    }
    assert report["against"] == []


def test_labels_are_compared_on_every_text_given_once(data: ShopRows, segmenter: Segmenter) -> None:
    new = reader("new", segmenter, 贵="差", 平="说不准")
    changes = compare(reader("old", segmenter, 贵="好"), new, data)["changes"]
    assert changes == {
        "texts": 2 + 40 + 2,
        "changed": 12,
        "labels": [
            {"from": "positive", "to": "negative", "count": 11},
            {"from": "neutral", "to": "uncertain", "count": 1},
        ],
    }


def test_nothing_changes_between_equal_models(data: ShopRows, segmenter: Segmenter) -> None:
    report = compare(reader("old", segmenter), reader("new", segmenter), data)
    assert report["changes"]["changed"] == 0
    assert report["largest"] == []
    assert report["validation"]["p_value"] == 1.0
    assert report["against"] == []


def test_the_largest_changes_come_first_and_name_nobody(data: ShopRows, segmenter: Segmenter) -> None:
    text = "平，联系13812345678" + "啊" * 500
    many = ShopRows(data.train, data.validation, [text, *(f"贵呀{i}" for i in range(50))], {})
    new = reader("new", segmenter, 贵="差", 平="好")
    largest = compare(reader("old", segmenter, 贵="好"), new, many)["largest"]
    assert len(largest) == SHOWN
    assert largest[0]["before"] == {"label": "positive", "score": 0.7}
    assert largest[0]["after"] == {"label": "negative", "score": -0.6}
    few = ShopRows(data.train.tail(1), data.validation.head(30), [text], {})
    (one,) = compare(reader("old", segmenter), new, few)["largest"]
    assert len(one["text"]) == LONGEST
    assert "13812345678" not in one["text"]


def test_a_worse_model_is_spoken_against(data: ShopRows, segmenter: Segmenter) -> None:
    report = compare(reader("old", segmenter, 贵="差"), reader("new", segmenter, 贵="好"), data)
    accuracy, macro_f1, corrections = report["against"]
    assert accuracy == "accuracy on the validation rows falls from 1.0 to 0.75"
    assert macro_f1.startswith("macro_f1 on the validation rows falls")
    assert corrections == "corrections that are right fall from 5 to 0"


def test_few_rows_tell_nothing(data: ShopRows, segmenter: Segmenter) -> None:
    few = ShopRows(data.train, data.validation.tail(FEWEST - 1), [], {})
    (reason,) = compare(reader("old", segmenter), reader("new", segmenter), few)["against"]
    assert reason == f"{FEWEST - 1} validation rows are too few to tell, {FEWEST} are needed"


def test_the_report_is_json(data: ShopRows, segmenter: Segmenter) -> None:
    report = compare(reader("old", segmenter), reader("new", segmenter, 贵="差"), data)
    assert json.loads(json.dumps(report)) == report
