"""Mark reviews that say nothing of a shopper's own, contradict themselves, or did not come by themselves."""

import re
from collections import defaultdict
from collections.abc import Collection, Hashable, Iterator, Sequence
from datetime import datetime
from typing import Literal

from nlp.accounts import Posted, account_signs, in_order
from nlp.duplicates import FEWEST, copies
from nlp.normalise import normalise

Reason = Literal[
    "empty",
    "default_text",
    "too_short",
    "filler",
    "rating_contradicts",
    "duplicate",
    "template",
    "account_copies",
    "busy_account",
    "burst",
]

REASONS: dict[Reason, dict[str, str]] = {
    "empty": {"zh": "没有内容", "en": "no content"},
    "default_text": {"zh": "平台默认评价", "en": "the platform's default text"},
    "too_short": {"zh": "内容过短", "en": "too short to say anything"},
    "filler": {"zh": "凑字数", "en": "filler to reach a length"},
    "rating_contradicts": {"zh": "星级与文字矛盾", "en": "the stars contradict the words"},
    "duplicate": {"zh": "与其他多条评价完全相同", "en": "same text as several other reviews"},
    "template": {
        "zh": "与其他多条评价高度相似",
        "en": "nearly the same text as several other reviews",
    },
    "account_copies": {
        "zh": "同一账号在不同商品下发表相同内容",
        "en": "the same account wrote the same under different products",
    },
    "busy_account": {
        "zh": "同一账号短时间内发表多条评价",
        "en": "the same account wrote many reviews in a short time",
    },
    "burst": {
        "zh": "该商品评价在短时间内异常增多",
        "en": "the product got unusually many reviews at that time",
    },
}
"""Why a review is suspect: code to words in Chinese and English."""

CONTEXT: frozenset[Reason] = frozenset(("duplicate", "template", "account_copies", "busy_account", "burst"))
"""Reasons that lie in other reviews; the others lie in the review itself."""

SILENT: frozenset[Reason] = frozenset(("empty", "default_text"))
"""Reasons of reviews in which nobody speaks: nothing else is held against them."""

CONTRADICTION = 0.8
"""Sentiment score from which words contradict the stars of the other side."""

_DEFAULT = re.compile(
    r"""(?:
      (?:此|该|本)?(?:用户|买家|顾客|客户|会员|您)(?:暂时|暂|还|并)?(?:没有|未|没)(?:及时)?(?:填写|发表|作出|做出|写下|给出|进行)
        (?:任何)?(?:(?:文字)?(?:评价|评论)(?:的)?(?:内容)?|内容)
    | (?:评价方|买家|用户|对方)?(?:未及时|没有及时)(?:做|作)?出?评价(?:内容)?
    | (?:系统|平台)(?:自动)?(?:默认|自动)(?:给予|给出|为)?(?:好评|评价|五星好评|5星好评)
    | (?:默认|自动)(?:好评|五星好评|评价)
    | (?:暂无|没有|无|尚无)(?:评价|评论|文字评价)(?:内容)?
    | (?:十五|15)天内(?:买家)?未(?:作出|做出)?评价
    | (?:the\s)?(?:user|buyer|customer)\s(?:did\snot|has\snot|didn't)\s
        (?:write|written|leave|left|fill\sin)\s(?:a|any)\s(?:review|comment)s?
    )""",
    re.X | re.I,
)
_ENDING = re.compile(r"[\s，,。.！!？?；;、~～…]+")
_SAYING = re.compile(r"[^\W_]|[\u2600-\u27bf\U0001f300-\U0001faff]")
_FILLER = re.compile(r"凑(?:够|足|满|个|一下)?(?:字|数)|(?:够|满|不够|要)(?:十|\d+)个?字了?[吧没吗]?")
_FEWEST_KINDS = 3
_FILLER_LENGTH = 12


def is_default_text(text: str) -> bool:
    """Tell whether a text is what a platform writes when the shopper wrote nothing.

    Parameters
    ----------
    text : str
        Normalised text. Several default sentences in a row count as one.
    """
    if len(text) > 200:
        return False
    left = _ENDING.sub("", _DEFAULT.sub("", text))
    return not left and _DEFAULT.search(text) is not None


def own_reasons(text: str) -> list[Reason]:
    """Return why a text is suspect by itself.

    Parameters
    ----------
    text : str
        Normalised text.

    Returns
    -------
    list of str
        Codes of `REASONS`; empty for an ordinary text.
    """
    saying = _SAYING.findall(text)
    if not saying:
        return ["empty"]
    if is_default_text(text):
        return ["default_text"]
    if len(saying) < 2 or all(character.isnumeric() for character in saying):
        return ["too_short"]
    if _FILLER.search(text) or (len(saying) >= _FILLER_LENGTH and len(set(saying)) <= _FEWEST_KINDS):
        return ["filler"]
    return []


def contradicts(rating: float | None, score: float) -> bool:
    """Tell whether stars (1 to 5) and a sentiment score (-1 to 1) speak against each other."""
    if rating is None or rating != rating:
        return False
    return (rating >= 4 and score <= -CONTRADICTION) or (rating <= 2 and score >= CONTRADICTION)


def find_suspects(
    texts: Sequence[str],
    ratings: Sequence[float | None] | None = None,
    scores: Sequence[float] | None = None,
    accounts: Sequence[str] | None = None,
    products: Sequence[Hashable] | None = None,
    times: Sequence[datetime | None] | None = None,
) -> list[list[Reason]]:
    """Return for each text of a batch why it is suspect.

    What is said of a review does not depend on the order of the batch.

    Parameters
    ----------
    texts : sequence of str, length n
        A batch; copies are looked for within it.
    ratings : sequence of float, length n, optional
        Stars, 1 to 5, None where not given.
    scores : sequence of float, length n, optional
        Sentiment scores; without them stars are not held against the words.
    accounts : sequence of str, length n, optional
        Who wrote it, "" where not known; needed for what speaks against accounts.
    products : sequence, length n, optional
        What it is about; copies are then looked for within a product. Needed for bursts.
    times : sequence of datetime, length n, optional
        When it arrived, by the shop's clock; needed for bursts and busy accounts.

    Returns
    -------
    list of list of str, length n
        Codes of `REASONS`, in its order; empty for a text that nothing is held against.

    Raises
    ------
    ValueError
        When a column is not as long as `texts`.
    """
    n = len(texts)
    columns = (products or [None] * n, accounts or [""] * n, times or [None] * n)
    posted = [Posted(*row) for row in zip(texts, *columns, strict=True)]
    reasons = [own_reasons(normalise(text)) for text in texts]
    if ratings is not None and scores is not None:
        for found, rating, score in zip(reasons, ratings, scores, strict=True):
            if not SILENT.intersection(found) and contradicts(rating, score):
                found.append("rating_contradicts")
    speaking = [place for place in range(n) if not SILENT.intersection(reasons[place])]
    said = [posted[place] for place in speaking]
    for place, signs in zip(speaking, context_reasons(said, _burst_hours(said)), strict=True):
        reasons[place].extend(signs)
    return reasons


def context_reasons(
    reviews: Sequence[Posted],
    bursts: Collection[tuple[Hashable, datetime]] = (),
    whole: Collection[Hashable] | None = None,
) -> list[dict[Reason, datetime | None]]:
    """Return what other reviews hold against each, and the moment from which that was to be seen.

    Parameters
    ----------
    reviews : sequence of Posted, length n
        All reviews of their products and of their accounts, in any order; not the silent ones.
    bursts : collection of (product, datetime)
        Full hours of products in which reviews came in a burst; see `nlp.bursts`.
    whole : collection, optional
        Products whose reviews are all given, for copies to be looked for in; by default all products.

    Returns
    -------
    list of dict, length n
        Codes of `CONTEXT`, in the order of `REASONS`. The moment is that of the review that gave the others
        away, None where it has none: what was known on a day leaves out what came to light later.
    """
    found: list[dict[Reason, datetime | None]] = [{} for _ in reviews]
    for reason, places, proof in _signs(reviews, whole):
        for place in places:
            known = found[place].get(reason)
            seen = reviews[proof].at
            found[place][reason] = min(known, seen) if known and seen else known or seen
    for review, signs in zip(reviews, found, strict=True):
        if review.at and (review.product, _hour(review.at)) in bursts:
            signs["burst"] = review.at
        if "duplicate" in signs:
            signs.pop("template", None)
    return [{reason: signs[reason] for reason in REASONS if reason in signs} for signs in found]


def _signs(
    reviews: Sequence[Posted], whole: Collection[Hashable] | None
) -> Iterator[tuple[Reason, list[int], int]]:
    by_product: dict[Hashable, list[int]] = defaultdict(list)
    for place, review in enumerate(reviews):
        if whole is None or review.product in whole:
            by_product[review.product].append(place)
    for places in by_product.values():
        for group in copies([reviews[place].text for place in places]):
            copied = in_order(reviews, [places[place] for place in group.places])
            yield group.kind, copied, copied[FEWEST - 1]
    yield from account_signs(reviews)


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _burst_hours(reviews: Sequence[Posted]) -> set[tuple[Hashable, datetime]]:
    known = ((review.product, review.at) for review in reviews)
    cells = [(product, _hour(at)) for product, at in known if at and product is not None]
    if not cells:
        return set()
    import numpy as np

    from nlp.bursts import find_bursts

    hours = np.array([hour.replace(tzinfo=None) for _, hour in cells], dtype="datetime64[h]")
    flags = find_bursts([product for product, _ in cells], hours)
    return {cell for cell, flag in zip(cells, flags, strict=True) if flag}
