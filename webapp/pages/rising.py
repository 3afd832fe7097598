"""What more of the reviews speak about than before, beyond chance."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from reports.interval import FEW
from storage import digests, themes
from storage.overview import Kpis
from storage.scope import Scope
from storage.themes import AspectRow
from webapp.pages.period import Period

LEVEL = 0.05
"""Expected share of false findings among those shown, at most."""
FEWEST_USES = 5
"""Reviews of both periods together that must hold a word or blame an aspect before it is tested."""
MOST_WORDS = 200
MOST_SHOWN = 8


@dataclass(frozen=True)
class Rise:
    """Reviews now and before that blame an aspect or hold a word, of how many, and how sure the rise is."""

    name: str
    now: int
    of: int
    before: int
    of_before: int
    q_value: float


@dataclass(frozen=True)
class Emerging:
    """Aspects and words that rose; `enough` is whether there are reviews enough to compare.

    `digest` is what the stored digest of the newest reviews found, None without one.
    """

    start: date
    end: date
    n: int
    n_before: int
    aspects: list[Rise]
    words: list[Rise]
    digest: Mapping[str, Any] | None

    @property
    def enough(self) -> bool:
        """Whether both periods have reviews enough to compare."""
        return min(self.n, self.n_before) >= FEW


def emerging(
    session: Session,
    workspace_id: int,
    product_id: int,
    period: Period,
    scope: Scope,
    now: Iterable[AspectRow],
    words: Mapping[str, int],
    figures: Kpis,
) -> Emerging:
    """Compare a period with as many days just before.

    Parameters
    ----------
    now, words
        Aspects and keywords of the period.
    figures
        Of the period; what it is compared with there may be other days.
    """
    end = period.start - timedelta(days=1)
    span: Any = {"start": period.start - timedelta(days=period.days), "end": end, **scope}
    blamed_before, words_before = themes.uses(session, workspace_id, product_id, **span, limit=MOST_WORDS)
    n_before = _scored(session, workspace_id, product_id, span, figures)
    digest = digests.get_digest(session, workspace_id, product_id)
    sizes = (figures.current.scored, n_before)
    blamed = {row.category: row.negative for row in now}
    return Emerging(
        start=span["start"],
        end=end,
        n=sizes[0],
        n_before=sizes[1],
        aspects=rises(blamed, blamed_before, *sizes),
        words=rises(words, words_before, *sizes),
        digest=digest.digest.get("emerging") if digest else None,
    )


def rises(now: Mapping[str, int], before: Mapping[str, int], n: int, n_before: int) -> list[Rise]:
    """Return what rose, the surest first.

    Each is tested by R. A. Fisher's exact test, one-sided; among those returned the expected share of false
    ones is at most 5% (Y. Benjamini and Y. Hochberg, 1995). Both periods together say which are tested.
    """
    if min(n, n_before) < FEW:
        return []
    tested = {
        name: fisher(min(now.get(name, 0), n), n, min(before.get(name, 0), n_before), n_before)
        for name in now.keys() | before.keys()
        if now.get(name, 0) + before.get(name, 0) >= FEWEST_USES
    }
    ordered = sorted(tested.items(), key=lambda found: (found[1], found[0]))
    sure: list[Rise] = []
    q_value = 1.0
    for rank in range(len(ordered), 0, -1):
        name, p_value = ordered[rank - 1]
        q_value = min(q_value, p_value * len(ordered) / rank)
        if q_value <= LEVEL:
            sure.append(Rise(name, now.get(name, 0), n, before.get(name, 0), n_before, q_value))
    return sure[::-1][:MOST_SHOWN]


def fisher(count: int, of: int, count_before: int, of_before: int) -> float:
    """Return how likely chance alone gives the first group so many of all that there are, or more.

    >>> round(fisher(8, 10, 1, 10), 4)
    0.0027
    """
    total, everyone = count + count_before, of + of_before
    most = min(total, of)
    whole = _choices(everyone, total)
    return min(
        1.0,
        sum(
            math.exp(_choices(of, k) + _choices(of_before, total - k) - whole) for k in range(count, most + 1)
        ),
    )


def _choices(n: int, k: int) -> float:
    """Return the logarithm of the number of ways to choose k of n; minus infinity where there is none."""
    if not 0 <= k <= n:
        return -math.inf
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _scored(
    session: Session, workspace_id: int, product_id: int, span: Mapping[str, Any], figures: Kpis
) -> int:
    """Return how many reviews of the days before are scored, asking only where that is not known already."""
    known = figures.previous
    if (known.start, known.end) == (span["start"], span["end"]):
        return known.scored
    return themes.count_scored(session, workspace_id, product_id, **span)
