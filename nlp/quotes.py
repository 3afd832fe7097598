"""Which clauses stand for many: distinct, one a review, of a length that can be read at a glance."""

from collections.abc import Iterable
from typing import Any

from nlp.clauses import Clause

MOST = 3
SHORTEST = 5
LONGEST = 40
ALIKE = 0.5
"""Share of common letter pairs (Jaccard) from which two quotes say the same."""


def quotes(clauses: Iterable[Clause], most: int = MOST) -> list[dict[str, Any]]:
    """Return up to `most` quotes, the first come first.

    Parameters
    ----------
    clauses : iterable of Clause
        The best first; those too short or too long, of a review already quoted, or much like an earlier quote
        are passed over.
    most : int

    Returns
    -------
    list of dict
        ``{"review_id", "text"}``.
    """
    chosen: list[tuple[Clause, set[str]]] = []
    for clause in clauses:
        if len(chosen) == most:
            break
        pairs = {clause.text[at : at + 2] for at in range(len(clause.text) - 1)}
        if SHORTEST <= len(clause.text) <= LONGEST and not any(
            clause.review == other.review or len(pairs & known) >= ALIKE * len(pairs | known)
            for other, known in chosen
        ):
            chosen.append((clause, pairs))
    return [{"review_id": clause.review, "text": clause.text} for clause, _ in chosen]
