import json
from collections import Counter
from typing import Any

import pytest
from tokenizers import Tokenizer

from nlp.training.vocabulary import choose_tokens, count_tokens, cut_tokenizer, is_latin, is_single


def test_counts_by_token_id(pieces: list[str], tokenizer_document: dict[str, Any]) -> None:
    tokenizer = Tokenizer.from_str(json.dumps(tokenizer_document))
    counts = count_tokens(tokenizer, ["很好很好", "很差"])
    assert {pieces[i]: n for i, n in counts.items()} == {"▁": 2, "很": 3, "好": 2, "差": 1}


@pytest.mark.parametrize(
    ("piece", "latin"), [("▁good", True), ("ção", True), ("▁", False), ("д", False), ("好a", False)]
)
def test_latin(piece: str, latin: bool) -> None:
    assert is_latin(piece) is latin


@pytest.mark.parametrize(
    ("piece", "single"),
    [
        ("好", True),
        ("▁好", True),
        ("！", True),
        ("😀", True),
        ("7", True),
        ("▁", True),
        ("东西", False),
        ("д", False),
    ],
)
def test_single(piece: str, single: bool) -> None:
    assert is_single(piece) is single


def test_keeps_frequent_single_and_likely_latin_pieces(pieces: list[str]) -> None:
    counts = Counter({8: 3, 14: 2})
    keep = choose_tokens(pieces, counts, latin={"▁good", "▁bad", "东西"}, latin_count=1, minimum=3)
    assert [pieces[i] for i in keep] == [*pieces[:4], "▁", "好", "差", "很", "东西", "▁good", "龘", "😀"]


def test_a_rare_piece_goes_unless_it_is_single(pieces: list[str]) -> None:
    keep = choose_tokens(pieces, Counter({8: 2}), minimum=3)
    assert pieces.index("东西") not in keep
    assert pieces.index("龘") in keep


def test_cut_ids_name_the_same_pieces(pieces: list[str], tokenizer_document: dict[str, Any]) -> None:
    keep = [0, 1, 2, 3, 4, 5, 7, 9]
    full = Tokenizer.from_str(json.dumps(tokenizer_document))
    cut = Tokenizer.from_str(json.dumps(cut_tokenizer(tokenizer_document, keep)))
    assert cut.get_vocab_size() == len(keep)
    assert [cut.id_to_token(i) for i in range(len(keep))] == [pieces[i] for i in keep]
    for text in ("很好", "good 好"):
        assert [keep[i] for i in cut.encode(text).ids] == full.encode(text).ids


def test_a_cut_piece_becomes_unknown(tokenizer_document: dict[str, Any]) -> None:
    cut = Tokenizer.from_str(json.dumps(cut_tokenizer(tokenizer_document, [0, 1, 2, 3, 4, 5])))
    assert cut.encode("差好").ids == [0, 4, 3, 5, 2]


def test_the_whole_document_stays_whole(tokenizer_document: dict[str, Any]) -> None:
    before = json.dumps(tokenizer_document)
    cut_tokenizer(tokenizer_document, [0, 1, 2, 3, 5])
    assert json.dumps(tokenizer_document) == before


def test_refuses_to_lose_a_special_token(tokenizer_document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="first kept pieces"):
        cut_tokenizer(tokenizer_document, [0, 1, 3, 4, 5])
