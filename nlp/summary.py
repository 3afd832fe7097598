"""Pros and cons of a product in the words of its reviews: counted, quoted, nothing made up."""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Literal

from nlp.clauses import Clause, sample
from nlp.lexicons import modifiers
from nlp.quotes import quotes
from nlp.topics import Topic

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Scores = npt.NDArray[np.floating[Any]]

Side = Literal["positive", "negative"]

FEWEST_REVIEWS = 5
"""Reviews with something said, below which nothing is summed up."""

FEWEST_A_POINT = 3
SMALLEST_SHARE = 0.01
MOST_POINTS = 10
ONE_SIDED = 0.7
"""Share of a topic's clauses of one sentiment from which it is a point for or against the product."""

OVERALL = "整体"
_TRIED = 16
_COLUMN: dict[Side, int] = {"negative": 0, "positive": 2}
_LONGEST_PHRASE = 10
_PLAIN_DEGREES = frozenset("很挺太更最较")
"""Of the degrees of one character those that no opinion word begins with; 好看 is not 看."""

_PHRASES = 2


@dataclass(frozen=True, slots=True)
class ReadReview:
    """A review as the analyser read it: `aspects` are those of the analysis, spans in the original text."""

    id: int
    text: str
    day: date | None = None
    aspects: Sequence[Mapping[str, Any]] = ()


Held = Mapping[Clause, Sequence[Mapping[str, Any]]]
"""Clauses and the aspects that begin in each."""

Judged = tuple[Topic, Mapping[str, float]]
"""A topic and the shares of "negative", "neutral" and "positive" among its clauses."""


def aspects_in(clauses: Sequence[Clause], reviews: Sequence[ReadReview]) -> Held:
    """Return the clauses of reviews with the aspects that begin in each."""
    aspects = {review.id: review.aspects for review in reviews}
    return {
        clause: [found for found in aspects[clause.review] if clause.start <= found["start"] < clause.end]
        for clause in clauses
    }


@dataclass(frozen=True, slots=True)
class Point:
    """Something several reviews say for or against the product.

    Attributes
    ----------
    label : str
        For an aspect its commonest phrases, for a topic the topic's label.
    category : str
        Category of the aspect, empty for a topic.
    reviews : int
        Reviews that say it; `share` of all with something said.
    quotes : list of dict
        ``{"review_id", "text"}``, at least one.
    """

    label: str
    category: str
    reviews: int
    share: float
    quotes: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Summary:
    """What is said for a product and against it, most often said first.

    `reviews` are those with something said; below `FEWEST_REVIEWS` there are no points.
    """

    reviews: int
    pros: list[Point] = field(default_factory=list)
    cons: list[Point] = field(default_factory=list)

    @property
    def enough(self) -> bool:
        """Whether there are reviews enough to sum up."""
        return self.reviews >= FEWEST_REVIEWS

    def as_dict(self) -> dict[str, Any]:
        """Return the summary and the sentences that tell it, in Chinese and in English."""
        told = {language: sentences(self, language) for language in WORDS}
        return {"enough": self.enough, **asdict(self), "sentences": told}


def summarise(
    reviews: Sequence[ReadReview],
    clauses: Held,
    topics: Sequence[Judged],
    predict_proba: Callable[[Sequence[str]], "Scores"],
) -> Summary:
    """Sum up what reviews hold for and against a product.

    Points are the categories of aspects by polarity, and topics of one sentiment that aspects do not cover. A
    point needs `FEWEST_A_POINT` reviews and a quote in which the sentiment model, too, reads its polarity.

    Parameters
    ----------
    reviews : sequence of ReadReview
        Those with something said.
    clauses : mapping of Clause to sequence
        Their clauses with the aspects in them, as `aspects_in` gives them.
    topics : sequence of (Topic, mapping)
        Topics of the clauses and the shares of "negative", "neutral" and "positive" among each one's clauses.
    predict_proba : callable
        Texts to probabilities, shape (n, 3): negative, neutral, positive.
    """
    if len(reviews) < FEWEST_REVIEWS:
        return Summary(len(reviews))
    found = {side: _drafts(reviews, clauses, topics, side) for side in _COLUMN}
    tried = sorted({clause.text for side in found for draft in found[side] for clause in draft.clauses})
    scores = dict(zip(tried, predict_proba(tried).tolist(), strict=True)) if tried else {}
    points = {side: [_point(draft, side, scores, len(reviews)) for draft in found[side]] for side in found}
    pros, cons = (
        sorted((point for point in points[side] if point.quotes), key=lambda point: -point.reviews)
        for side in ("positive", "negative")
    )
    return Summary(len(reviews), pros[:MOST_POINTS], cons[:MOST_POINTS])


@dataclass(frozen=True, slots=True)
class _Draft:
    """A point whose quotes have not been checked."""

    label: str
    category: str
    reviews: int
    clauses: list[Clause]


def _drafts(
    reviews: Sequence[ReadReview], clauses: Held, topics: Sequence[Judged], side: Side
) -> list[_Draft]:
    """Return the points of aspects, and of topics that none of these nor a larger topic speaks about."""
    drafts = _by_aspect(reviews, clauses, side)
    for draft in _by_topic(reviews, clauses, topics, side):
        labels = [label for other in drafts for label in (other.label, other.category) if label]
        if not any(draft.label in label or label in draft.label for label in labels):
            drafts.append(draft)
    return drafts


def _by_aspect(reviews: Sequence[ReadReview], clauses: Held, side: Side) -> list[_Draft]:
    said: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    telling: dict[tuple[str, str], list[Clause]] = defaultdict(list)
    for clause, aspects in clauses.items():
        for aspect in aspects:
            if aspect["polarity"] == side and aspect["opinion"] in clause.text:
                telling[aspect["category"], _phrase(aspect)].append(clause)
    for review in reviews:
        for aspect in review.aspects:
            if aspect["polarity"] == side and aspect["category"] not in ("", OVERALL):
                said[aspect["category"]][_phrase(aspect)].add(review.id)
    drafts = []
    for category, phrases in said.items():
        number = len(frozenset().union(*phrases.values()))
        if number >= _fewest(reviews):
            common = _common(phrases)
            quotable = [clause for phrase in common or phrases for clause in telling[category, phrase]]
            drafts.append(_Draft("、".join(common) or category, category, number, _tried(quotable)))
    return drafts


def _fewest(reviews: Sequence[ReadReview]) -> float:
    return max(FEWEST_A_POINT, SMALLEST_SHARE * len(reviews))


def _by_topic(
    reviews: Sequence[ReadReview], clauses: Held, topics: Sequence[Judged], side: Side
) -> list[_Draft]:
    return [
        _Draft(topic.label, "", len(topic.reviews), topic.clauses[:_TRIED])
        for topic, shares in topics
        if shares[side] >= ONE_SIDED
        and len(topic.reviews) >= _fewest(reviews)
        and sum(bool(clauses[clause]) for clause in topic.clauses) < len(topic.clauses) / 2
    ]


def _phrase(aspect: Mapping[str, Any]) -> str:
    """Return an aspect with its opinion, without what only weighs it: 物流 and 非常快 are 物流快."""
    opinion = _without_degrees(aspect["opinion"])
    phrase = f"{aspect['aspect']}{opinion}"
    return phrase if len(phrase) <= _LONGEST_PHRASE else ""


def _without_degrees(opinion: str) -> str:
    for degree in sorted(modifiers()["degrees"], key=len, reverse=True):
        if opinion.startswith(degree) and opinion != degree and (len(degree) > 1 or degree in _PLAIN_DEGREES):
            return _without_degrees(opinion.removeprefix(degree))
    return opinion


def _common(phrases: Mapping[str, set[int]]) -> list[str]:
    counts = Counter({phrase: len(ids) for phrase, ids in phrases.items() if phrase and len(ids) > 1})
    return sorted(counts, key=lambda phrase: (-counts[phrase], phrase))[:_PHRASES]


def _tried(clauses: list[Clause]) -> list[Clause]:
    first = {clause.text: clause for clause in reversed(clauses)}
    return [first[text] for text in sample(first, _TRIED)]


def _point(draft: _Draft, side: Side, scores: Mapping[str, Sequence[float]], total: int) -> Point:
    fitting = [clause for clause in draft.clauses if scores[clause.text][_COLUMN[side]] > 0.5]
    fitting.sort(key=lambda clause: (-scores[clause.text][_COLUMN[side]], clause.text))
    return Point(draft.label, draft.category, draft.reviews, draft.reviews / total, quotes(fitting))


WORDS: dict[str, dict[str, str]] = {
    "zh": {
        "pro": "{reviews} 条评价（{share:.0%}）认可：{point}。",
        "con": "{reviews} 条评价（{share:.0%}）不满：{point}。",
        "point": "{category}（{label}）",
        "none": "{reviews} 条评价里没有反复出现的优点或缺点。",
        "few": "只有 {reviews} 条评价说了内容，不足以总结。",
    },
    "en": {
        "pro": "{reviews} reviews ({share:.0%}) are pleased: {point}.",
        "con": "{reviews} reviews ({share:.0%}) are not: {point}.",
        "point": "{category} ({label})",
        "none": "In {reviews} reviews no praise or complaint comes up repeatedly.",
        "few": "Only {reviews} reviews say anything: too few to sum up.",
    },
}


def sentences(summary: Summary, language: str = "zh") -> list[dict[str, Any]]:
    """Tell a summary: a sentence a point with the ids of its quotes, or why there is none.

    Returns
    -------
    list of dict
        ``{"text", "evidence"}``; evidence are review ids.
    """
    words = WORDS[language]
    told = [
        {
            "text": words[kind].format(reviews=point.reviews, share=point.share, point=_named(point, words)),
            "evidence": [quote["review_id"] for quote in point.quotes],
        }
        for kind, points in (("pro", summary.pros), ("con", summary.cons))
        for point in points
    ]
    if told:
        return told
    why = words["none" if summary.enough else "few"].format(reviews=summary.reviews)
    return [{"text": why, "evidence": []}]


def _named(point: Point, words: Mapping[str, str]) -> str:
    if point.category in ("", point.label):
        return point.label
    return words["point"].format(category=point.category, label=point.label)
