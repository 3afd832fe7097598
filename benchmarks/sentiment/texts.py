"""Reviews made of the demo's phrases: as many as wanted, no two alike, all of one length."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from demo.phrases import ASPECTS, COMMON, DEGREES

TOKENS = 40
BERT_CHARACTERS = TOKENS - 2
"""A Chinese BERT reads a token a character, and two that mark beginning and end."""


def reviews(characters: int, seed: int = 0) -> Iterator[str]:
    """Yield different reviews of so many characters, without end."""
    rng = np.random.default_rng(seed)
    clauses = [
        (clause, DEGREES[polarity])
        for by_polarity in (*COMMON.values(), *ASPECTS.values())
        for polarity, several in by_polarity.items()
        for clause in several
        if not any(letter.isascii() and letter.isalnum() for letter in clause)  # "A4" would be one token
    ]
    seen: set[str] = set()
    while True:
        text = ""
        while len(text) < characters:
            clause, degrees = clauses[rng.integers(len(clauses))]
            text += clause.replace("{}", degrees[rng.integers(len(degrees))]) + "，"
        text = text[: characters - 1] + "。"
        if text not in seen:
            seen.add(text)
            yield text


def characters_for(tokens: int, tokenise: Callable[[Sequence[str]], list[list[int]]]) -> int:
    """Return how long reviews must be for a tokenizer to make `tokens` of them, on average."""
    characters = tokens
    for _ in range(4):  # the rate changes little with the length
        rows = tokenise(list(islice(reviews(characters), 200)))
        characters = max(2, round(characters * tokens / np.mean([len(row) for row in rows])))
    return characters
