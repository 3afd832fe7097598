from collections.abc import Sequence
from typing import cast

import pytest

from nlp.aspect_model import AspectConfig, AspectModel, Judgement
from nlp.training.aspect_data import LabelledText, Pair
from nlp.training.aspect_export import choose, score

TEXTS = [
    LabelledText("物流快", (Pair((0, 2), (2, 3), 2, "物流"),), True),
    LabelledText("屏幕暗", (Pair((0, 2), None, 0, "屏幕"),), False),
]


class Reader:
    """Reads both texts rightly, and in the first one more thing, unless links must be likely."""

    def __init__(self) -> None:
        self.config = AspectConfig(8, 1, [], [], silence=0.0, link=0.5, least=0.0, alone=0.0, sha256={})

    def read(self, texts: Sequence[str]) -> list[list[Judgement]]:
        right = [Judgement((0, 2), (2, 3), (0.0, 0.1, 0.9), "物流", 1.0)]
        wrong = [Judgement(None, (2, 3), (0.9, 0.1, 0.0), "物流", 1.0)] if self.config.link < 0.7 else []
        return [right + wrong, [Judgement((0, 2), None, (0.9, 0.1, 0.0), "屏幕", 1.0)]]


def test_pairs_count_everywhere_and_triplets_where_opinions_are_known() -> None:
    found = score(cast(AspectModel, Reader()), TEXTS)
    assert found == pytest.approx({"pair_f1": 2 * 2 / (2 + 3), "triplet_f1": 2 * 1 / (1 + 2)}, abs=1e-4)


def test_chooses_the_thresholds_that_find_most_and_leaves_the_others() -> None:
    config, found = choose(cast(AspectModel, Reader()), TEXTS)
    assert found == {"pair_f1": 1.0, "triplet_f1": 1.0}
    assert (config.link, config.silence, config.least, config.alone) == (0.7, 0.0, 0.0, 0.0)
