import json
from typing import Any

import pytest
from tokenizers import Tokenizer

from nlp.aspect_spans import BEGIN, END, OUTSIDE, SINGLE
from nlp.training.aspect_data import LabelledText, Pair
from nlp.training.aspect_rows import IGNORED, Candidate, Row, cut_vocabulary, rows

CATEGORIES = ["物流", "质量"]
TEXT = LabelledText(
    "这东西很好，很差", (Pair((1, 3), (4, 5), 2, "质量"), Pair(None, (6, 8), 0, "别的")), has_opinions=True
)


@pytest.fixture
def document(tokenizer_document: dict[str, Any]) -> dict[str, Any]:
    return cut_vocabulary(tokenizer_document, [TEXT.text], frozenset())[0]


def row(text: LabelledText, document: dict[str, Any]) -> Row:
    (found,) = rows([text], document, CATEGORIES)
    return found


def test_chinese_is_read_character_by_character(tokenizer_document: dict[str, Any]) -> None:
    document, keep = cut_vocabulary(tokenizer_document, ["很好 good good good"], frozenset())
    encoding = Tokenizer.from_str(json.dumps(document)).encode("东西很好 good")
    assert [encoding.offsets[i] for i in (2, 3, 4, 5)] == [(0, 1), (1, 2), (2, 3), (3, 4)]
    kept = [piece for piece, _ in document["model"]["vocab"]]
    old = [piece for piece, _ in tokenizer_document["model"]["vocab"]]
    assert kept == [old[i] for i in keep]
    assert "▁good" in kept
    assert "东西" not in kept


def test_spans_become_marks_of_tokens(document: dict[str, Any]) -> None:
    aspects, opinions = row(TEXT, document).marks
    # <s> ▁ 这 东 西 很 好 ， 很 差 </s>
    assert aspects == [*[OUTSIDE] * 3, BEGIN, END, *[OUTSIDE] * 6]
    assert opinions == [*[OUTSIDE] * 6, SINGLE, OUTSIDE, BEGIN, END, OUTSIDE]


def test_candidates_hold_the_true_pairs_and_what_is_known_of_them(document: dict[str, Any]) -> None:
    found = row(TEXT, document).candidates
    assert Candidate((3, 4), (6, 6), 1, 2, 1) in found
    assert Candidate(None, (8, 9), 1, 0, IGNORED) in found
    assert Candidate((3, 4), (8, 9), 0) in found
    assert Candidate(None, (6, 6), 0) in found
    assert Candidate((3, 4), None, 0, 2, 1) in found


def test_spans_that_nobody_marked_belong_to_nothing(document: dict[str, Any]) -> None:
    true = {(3, 4), (6, 6), (8, 9), None}
    found = row(TEXT, document).candidates
    wrong = [one for one in found if one.aspect not in true or one.opinion not in true]
    assert wrong
    assert all((one.link, one.polarity, one.category) == (0, IGNORED, IGNORED) for one in wrong)
    assert row(TEXT, document) == row(TEXT, document)


def test_what_a_file_does_not_mark_is_not_learned(document: dict[str, Any]) -> None:
    text = LabelledText("这东西很好", (Pair((1, 3), None, 2, "质量"),), has_opinions=False)
    found = row(text, document)
    assert set(found.marks[1]) == {IGNORED}
    assert found.candidates == [Candidate((3, 4), None, IGNORED, 2, 1)]


def test_an_aspect_that_is_praised_and_blamed_has_no_polarity_of_its_own(document: dict[str, Any]) -> None:
    pairs = (Pair((1, 3), (4, 5), 2, "质量"), Pair((1, 3), (6, 8), 0, "质量"))
    found = row(LabelledText(TEXT.text, pairs, has_opinions=True), document).candidates
    assert Candidate((3, 4), None, 0, IGNORED, 1) in found


def test_what_rules_found_teaches_links_and_categories_only(document: dict[str, Any]) -> None:
    pairs = (Pair((1, 3), (4, 5), None, "质量"), Pair(None, (6, 8), None, "物流"))
    found = row(LabelledText(TEXT.text, pairs, has_opinions=True, complete=False), document)
    assert set(found.marks[0]) == set(found.marks[1]) == {IGNORED}
    assert found.candidates == [
        Candidate(None, (6, 6), 0),
        Candidate(None, (8, 9), 1, IGNORED, 0),
        Candidate((3, 4), (6, 6), 1, IGNORED, 1),
        Candidate((3, 4), (8, 9), 0),
        Candidate((3, 4), None, IGNORED, IGNORED, 1),
    ]
