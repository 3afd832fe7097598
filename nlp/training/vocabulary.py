"""Cut the tokenizer of the base down to the pieces that shop reviews use."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from tokenizers import Tokenizer

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>")
SPACE = "▁"


def count_tokens(tokenizer: Tokenizer, texts: Sequence[str]) -> Counter[int]:
    """How often each token id occurs in `texts`."""
    counts: Counter[int] = Counter()
    for encoding in tokenizer.encode_batch_fast(list(texts), add_special_tokens=False):
        counts.update(encoding.ids)
    return counts


def is_latin(piece: str) -> bool:
    """Whether a piece is made of Latin letters only, the word mark aside."""
    letters = piece.removeprefix(SPACE)
    return bool(letters) and all(unicodedata.name(c, "").startswith("LATIN") for c in letters)


def is_single(piece: str) -> bool:
    """Whether a piece is one Han character, ASCII or CJK mark, digit, symbol or emoji."""
    letter = piece.removeprefix(SPACE)
    if len(letter) != 1:
        return not letter
    name = unicodedata.name(letter, "")
    wide = name.startswith(("CJK", "FULLWIDTH", "IDEOGRAPHIC"))
    return wide or letter.isascii() or unicodedata.category(letter) in ("So", "Po", "Ps", "Pe", "Nd")


def choose_tokens(
    pieces: Sequence[str],
    counts: Counter[int],
    latin: Collection[str] = (),
    latin_count: int = 6000,
    minimum: int = 3,
) -> list[int]:
    """Token ids worth keeping, in their old order.

    Kept are the special tokens, every piece seen at least `minimum` times,
    every single Han character and symbol, and the most likely pieces of
    `latin`, so that English and Portuguese stay readable.

    Parameters
    ----------
    pieces : sequence of str
        All pieces, most likely first.
    counts : Counter of int
        Occurrences by token id in the training texts.
    latin : collection of str
        Pieces that English and Portuguese need; others than Latin are ignored.
    latin_count : int
        How many of them to keep.
    minimum : int
        Occurrences from which a piece is kept.
    """
    keep = set(range(len(SPECIAL)))
    keep.update(i for i, n in counts.items() if n >= minimum)
    keep.update(i for i, piece in enumerate(pieces) if is_single(piece))
    keep.update([i for i, piece in enumerate(pieces) if piece in latin and is_latin(piece)][:latin_count])
    return sorted(keep)


def cut_tokenizer(document: dict[str, Any], keep: Iterable[int]) -> dict[str, Any]:
    """A tokenizer document with only the kept pieces; new id = rank among them.

    Parameters
    ----------
    document : dict
        Parsed ``tokenizer.json`` of a Unigram model.
    keep : iterable of int
        Ids to keep, in ascending order, the special tokens first.

    Raises
    ------
    ValueError
        If the special tokens are not the first four kept.
    """
    pieces = document["model"]["vocab"]
    kept = [pieces[i] for i in keep]
    first = tuple(piece for piece, _ in kept[: len(SPECIAL)])
    if first != SPECIAL:
        raise ValueError(f"the first kept pieces are {first}, expected {SPECIAL}")
    cut = json.loads(json.dumps({k: v for k, v in document.items() if k != "model"}))
    cut["added_tokens"] = [t for t in cut["added_tokens"] if t["content"] in SPECIAL]
    cut["model"] = {**document["model"], "vocab": kept}
    return cut  # type: ignore[no-any-return]
