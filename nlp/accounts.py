"""Find accounts that write more, or more of the same, than shoppers do."""

from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal, NamedTuple

from nlp.duplicates import copies

Sign = Literal["busy_account", "account_copies"]

LIMITS = ((3, timedelta(days=3), True), (10, timedelta(days=1), False))
"""Reviews within a time from which an account is busy: three of one product, or ten of any."""

_NO_ACCOUNT = frozenset(
    {"", "匿名", "匿名用户", "匿名买家", "游客", "anonymous", "guest", "none", "null", "0", "-"}
)


class Posted(NamedTuple):
    """A review as others see it: original text, product, account and moment by the shop's clock."""

    text: str
    product: Hashable = None
    account: str = ""
    at: datetime | None = None


def is_account(name: str) -> bool:
    """Tell whether a name stands for one account: not blank, not masked (j***n), not 匿名用户."""
    return "*" not in name and name.strip().lower() not in _NO_ACCOUNT


def account_signs(reviews: Sequence[Posted]) -> Iterator[tuple[Sign, list[int], int]]:
    """Yield what speaks against accounts.

    Parameters
    ----------
    reviews : sequence of Posted
        In any order; those without an account say nothing.

    Yields
    ------
    (sign, list of int, int)
        Places of the reviews it speaks against, and the place of the one that gave them away.
    """
    by_account: dict[str, list[int]] = defaultdict(list)
    for place, review in enumerate(reviews):
        if is_account(review.account):
            by_account[review.account].append(place)
    for places in by_account.values():
        if len(places) > 1:
            yield from _busy(reviews, places)
            yield from _copied(reviews, places)


def in_order(reviews: Sequence[Posted], places: Sequence[int]) -> list[int]:
    """Return places by moment of arrival; those without one come last."""
    return sorted(places, key=lambda place: (reviews[place].at is None, reviews[place].at or 0, place))


def _busy(reviews: Sequence[Posted], places: list[int]) -> Iterator[tuple[Sign, list[int], int]]:
    timed = [place for place in in_order(reviews, places) if reviews[place].at is not None]
    for fewest, span, of_one in LIMITS:
        lines: dict[Hashable, list[int]] = defaultdict(list)
        for place in timed:
            lines[reviews[place].product if of_one else None].append(place)
        for line in lines.values():
            moments = [reviews[place].at for place in line]
            for start, last in enumerate(line[fewest - 1 :]):
                if moments[start + fewest - 1] - moments[start] <= span:  # type: ignore[operator]  # none is None
                    yield "busy_account", line[start : start + fewest], last


def _copied(reviews: Sequence[Posted], places: list[int]) -> Iterator[tuple[Sign, list[int], int]]:
    for group in copies([reviews[place].text for place in places], fewest=2):
        copied = in_order(reviews, [places[place] for place in group.places])
        others = [place for place in copied if reviews[place].product != reviews[copied[0]].product]
        if others:
            yield "account_copies", copied, others[0]
