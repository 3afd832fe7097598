"""Cut reviews into the clauses that each say one thing, with their place in the text."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from zlib import crc32

from nlp.privacy import mask

SHORTEST = 4
"""Characters below which a clause says nothing by itself."""

LONGEST = 120
"""Characters after which a clause is cut: what has no punctuation for so long is no quote."""

_CLAUSE = re.compile(rf"(?:[^\s，,。.！!？?；;…~～|()（）【】\[\]“”\"]|(?<=\d)[.,](?=\d)){{1,{LONGEST}}}")
_HEADING = re.compile(r"^[^：:]{1,8}[：:]")
_MEANINGFUL = re.compile(r"[^\W\d_]")


@dataclass(frozen=True, slots=True)
class Clause:
    """`text` is what `review` says from `start` to `end`, personal data starred out, without a heading."""

    review: int
    text: str
    start: int
    end: int


def clauses(texts: Iterable[tuple[int, str]]) -> Iterator[Clause]:
    """Yield the clauses of reviews that are long enough to say something.

    Parameters
    ----------
    texts : iterable of (int, str)
        Id and original text of each review.

    Yields
    ------
    Clause
        In order. A heading that a form put there (静音效果：) is left out.
    """
    for review, text in texts:
        for found in _CLAUSE.finditer(mask(text)):
            heading = _HEADING.match(found[0])
            start = found.start() + (heading.end() if heading else 0)
            said = found[0][start - found.start() :]
            if len(_MEANINGFUL.findall(said)) >= SHORTEST:
                yield Clause(review, said, start, found.end())


def sample(texts: Iterable[str], most: int) -> list[str]:
    """Return up to `most` of the different texts: as good as random, yet always the same."""
    return sorted(set(texts), key=lambda text: (crc32(text.encode("utf-8", "replace")), text))[:most]
