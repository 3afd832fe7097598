import numpy as np
import pytest

from demo.items import ITEMS
from demo.phrases import ASPECTS, COMMON, Polarity
from demo.texts import Writer


def writer(seed: int = 1, aspects: tuple[str, ...] = ("箱体", "轮子", "气味")) -> Writer:
    return Writer(aspects, np.random.default_rng(seed))


def test_every_products_aspects_have_words() -> None:
    for item in ITEMS:
        assert set(item.aspects) <= set(ASPECTS)


def test_every_aspect_has_clauses_of_every_polarity() -> None:
    for clauses in [*ASPECTS.values(), *COMMON.values()]:
        for polarity in ("positive", "negative", "neutral"):
            assert len(clauses[polarity]) >= 2
            assert all(clause.strip() == clause != "" for clause in clauses[polarity])


@pytest.mark.parametrize("polarity", ["positive", "negative", "neutral"])
def test_texts_are_complete_and_varied(polarity: Polarity) -> None:
    made = writer()
    texts = [made.write(polarity) for _ in range(500)]
    assert len(set(texts)) > 450
    assert all("{" not in text and 3 < len(text) < 150 for text in texts)
    assert not any(text[0] in "，。；！~…" for text in texts)


def test_a_topic_comes_up() -> None:
    made = writer()
    clauses = [clause.split("{}") for clause in ASPECTS["气味"]["negative"]]
    for _ in range(100):
        text = made.write("negative", "气味")
        assert any(all(part in text for part in clause) for clause in clauses)


def test_the_smell_comes_up_only_as_a_topic() -> None:
    made = writer()
    assert not any("异味" in made.write("negative") for _ in range(300))


def test_a_seed_decides_the_words() -> None:
    assert writer(3).write("positive") == writer(3).write("positive")
    assert [writer(3).write("positive")] != [writer(4).write("positive")]
