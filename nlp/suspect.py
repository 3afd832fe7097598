"""Mark reviews that say nothing of a shopper's own: default texts, filler, templates, false stars."""

import re
from collections.abc import Sequence
from typing import Literal

from nlp.duplicates import copies
from nlp.normalise import normalise

Reason = Literal[
    "empty", "default_text", "too_short", "filler", "duplicate", "template", "rating_contradicts"
]

REASONS: dict[Reason, dict[str, str]] = {
    "empty": {"zh": "没有内容", "en": "no content"},
    "default_text": {"zh": "平台默认评价", "en": "the platform's default text"},
    "too_short": {"zh": "内容过短", "en": "too short to say anything"},
    "filler": {"zh": "凑字数", "en": "filler to reach a length"},
    "duplicate": {"zh": "与同批多条评价完全相同", "en": "same text as several others in the batch"},
    "template": {"zh": "与同批多条评价高度相似", "en": "nearly the same text as several others in the batch"},
    "rating_contradicts": {"zh": "星级与文字矛盾", "en": "the stars contradict the words"},
}
"""Why a review is suspect: code to words in Chinese and English."""

CONTRADICTION = 0.8
"""Sentiment score from which words contradict the stars of the other side."""

_DEFAULT = re.compile(
    r"""(?:
      (?:此|该|本)?(?:用户|买家|顾客|客户|会员)(?:暂时|暂|还|并)?(?:没有|未|没)(?:及时)?(?:填写|发表|作出|做出|写下|给出|进行)
        (?:任何)?(?:文字)?(?:评价|评论)(?:的)?(?:内容)?
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
    texts: Sequence[str], ratings: Sequence[float | None] | None = None, scores: Sequence[float] | None = None
) -> list[list[Reason]]:
    """Return for each text of a batch why it is suspect.

    Parameters
    ----------
    texts : sequence of str, length n
        A batch; templates are looked for within it.
    ratings : sequence of float, length n, optional
        Stars, 1 to 5, None where not given.
    scores : sequence of float, length n, optional
        Sentiment scores; without them stars are not held against the words.

    Returns
    -------
    list of list of str, length n
        Codes of `REASONS`; empty for a text that nothing is held against.
    """
    plain = [normalise(text) for text in texts]
    reasons = [own_reasons(text) for text in plain]
    for place, kind in copies(plain).items():
        if not reasons[place]:
            reasons[place].append(kind)
    if ratings is not None and scores is not None:
        for found, rating, score in zip(reasons, ratings, scores, strict=True):
            if not {"empty", "default_text"}.intersection(found) and contradicts(rating, score):
                found.append("rating_contradicts")
    return reasons
