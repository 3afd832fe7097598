import json

import numpy as np
import pytest

from nlp.descriptions import similar, unit_rows
from nlp.pipeline import PRODUCT_PARTS, Analyzer
from tests.nlp.conftest import WordCounter

TITLE = "美的(Midea) 1.5匹 变频空调挂机 KFR-35GW/N8MHA1"
DESCRIPTION = "静音节能，一级能效，自清洁不漏水。"


def test_everything_about_a_product(analyzer: Analyzer) -> None:
    [found] = analyzer.describe([TITLE], [DESCRIPTION])
    assert set(found) == {*PRODUCT_PARTS, "category", "attributes", "selling_points", "embedding"}
    assert found["category"]["name"] == "家用电器/空调"
    facts = {attribute["name"]: attribute["value"] for attribute in found["attributes"]}
    assert facts == {"brand": "美的", "cooling_power": 1.5, "model": "KFR-35GW/N8MHA1", "energy_class": 1}
    assert "静音节能" in [point["text"] for point in found["selling_points"]]
    assert found["analyzer"] == analyzer.version
    assert json.loads(json.dumps(found)) == found


def test_facts_state_only_what_they_know(analyzer: Analyzer) -> None:
    [found] = analyzer.describe(["保温杯 500ml*2"], [""])
    [capacity] = found["attributes"]
    assert set(capacity) == {"name", "value", "text", "field", "start", "end", "unit", "count"}


def test_order_and_company_change_nothing(analyzer: Analyzer) -> None:
    titles, descriptions = ["书包 防水", TITLE, "书包 防水"], ["小学生减负", DESCRIPTION, "小学生减负"]
    together = analyzer.describe(titles, descriptions)
    alone = [analyzer.describe([one], [other])[0] for one, other in zip(titles, descriptions, strict=True)]
    assert together == alone
    assert together[0] == together[2] != together[1]


def test_embeddings_have_length_one_or_are_nothing(analyzer: Analyzer) -> None:
    found = analyzer.describe([TITLE, "", TITLE], ["", "", DESCRIPTION])
    lengths = [float(np.linalg.norm(product["embedding"])) for product in found]
    assert lengths == pytest.approx([1, 0, 1], abs=1e-4)
    assert found[1]["category"] == {"name": None, "confidence": 0.0, "source": "words"}
    assert (found[1]["attributes"], found[1]["selling_points"]) == ([], [])


def test_each_different_text_is_embedded_once(analyzer: Analyzer, classifier: WordCounter) -> None:
    analyzer.describer.embed(["书包", "台灯", "书包"], ["", "书包", ""])
    assert classifier.embedded == [["书包", "台灯", ""]]


def test_no_products(analyzer: Analyzer) -> None:
    assert analyzer.describe([], []) == []


@pytest.mark.parametrize(
    ("titles", "descriptions"), [(["a"], []), ("标题", ["a", "b"]), (["a", "b"], "描述"), ([], ["a"])]
)
def test_a_description_for_each_title(analyzer: Analyzer, titles: list[str], descriptions: list[str]) -> None:
    with pytest.raises(ValueError, match="of one length"):
        analyzer.describe(titles, descriptions)


def test_similar_products() -> None:
    matrix = unit_rows(np.array([[1.0, 0], [0, 1], [1, 1], [-1, 0], [0, 0]]))
    assert similar(matrix[0], matrix, top=3) == [(0, 1.0), (2, pytest.approx(0.7071, abs=1e-4)), (1, 0.0)]
    assert len(similar(matrix[0], matrix, top=99)) == 5
    assert similar(matrix[0], matrix, top=0) == similar(matrix[4], matrix) == []
    assert similar(matrix[0], matrix[:0]) == []


def test_embeddings_of_another_model_are_refused() -> None:
    with pytest.raises(ValueError, match=r"\(3,\) does not fit rows of \(2, 2\)"):
        similar(np.ones(3, np.float32), np.eye(2, dtype=np.float32))
