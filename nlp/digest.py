"""Everything the reviews of one product say, on one page: keywords, news, topics, pros and cons."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any

from nlp.clauses import clauses
from nlp.emerging import LEVEL, Dated, emerging_words
from nlp.keywords import text_rank
from nlp.normalise import normalise
from nlp.pipeline import Analyzer
from nlp.quotes import quotes
from nlp.summary import Held, ReadReview, aspects_in, summarise
from nlp.suspect import is_default_text
from nlp.topics import Topic, find_topics
from nlp.version import DIGEST, code_version

if TYPE_CHECKING:
    from nlp.writer import Writer

MOST_REVIEWS = 2000
"""Reviews of a product that are read, the newest."""

CLASSES = ("negative", "neutral", "positive")
_KEYWORDS = 30
_TOPICS = 12
_SCORED_A_TOPIC = 30


class Digester:
    """Makes the digest of a product's reviews.

    Parameters
    ----------
    analyzer : Analyzer
        Its sentiment model scores and embeds clauses, its segmenter finds the words.
    writer : Writer, optional
        Language model that tells the summary in its own words.
    """

    def __init__(self, analyzer: Analyzer, writer: "Writer | None" = None) -> None:
        self.encoder = analyzer.classifier
        self.keywords = analyzer.keyword_finder
        self.writer = writer
        written = f"+{writer.model}" if writer else ""
        self.version = f"{analyzer.version}+{code_version(modules=DIGEST)}{written}"
        """Name that changes whenever the same reviews could give another digest."""

    def __call__(self, reviews: Sequence[ReadReview], names: Sequence[str] = ()) -> dict[str, Any]:
        """Return the digest of reviews, the same in whatever order they come.

        Parameters
        ----------
        reviews : sequence of ReadReview
            Of one product, without suspects; the newest `MOST_REVIEWS` are read.
        names : sequence of str
            What the product is called, such as brand and category; these are no topics of its reviews.

        Returns
        -------
        dict
            JSON-serialisable: "version", "reviews", "from", "to", "keywords", "emerging" (None without
            dates), "topics", "summary", "written" (None without a writer). Quotes are masked and carry the id
            of their review.
        """
        newest = sorted(reviews, key=lambda review: (review.day or date.min, review.id))[-MOST_REVIEWS:]
        plain = [(review, normalise(review.text)) for review in newest]
        plain = [(review, text) for review, text in plain if text and not is_default_text(text)]
        read = [review for review, _ in plain]
        words = [self.keywords.words(text) for _, text in plain]
        found = list(clauses((review.id, review.text) for review in read))
        topics = find_topics(found, self.encoder.embed, self.keywords.words, self._words_of(names))
        held = aspects_in(found, read)
        judged = [(topic, self._shares(topic, held)) for topic in topics.topics]
        summary = summarise(read, held, judged, self.encoder.predict_proba)
        return {
            "version": self.version,
            "reviews": len(read),
            **_span(read),
            "keywords": {
                "tf_idf": [asdict(word) for word in self.keywords.tf_idf(words, _KEYWORDS)],
                "text_rank": [asdict(word) for word in text_rank(words, _KEYWORDS)],
            },
            "emerging": _emerging(plain, words),
            "topics": {
                "clauses": topics.clauses,
                "read": topics.read,
                "topics": [_topic(topic, found, topics.read) for topic, found in judged[:_TOPICS]],
            },
            "summary": summary.as_dict(),
            "written": self.writer.tell(summary) if self.writer else None,
        }

    def _words_of(self, names: Sequence[str]) -> set[str]:
        return {*names}.union(*(self.keywords.words(normalise(name)) for name in names))

    def _shares(self, topic: Topic, held: Held) -> dict[str, float]:
        """Return the shares of sentiments among clauses spread over a topic: of aspects, or as scored."""
        spread = topic.clauses[:: -(-len(topic.clauses) // _SCORED_A_TOPIC)]
        scores = self.encoder.predict_proba([clause.text for clause in spread])
        found = [
            held[clause][0]["polarity"] if held[clause] else CLASSES[place]
            for clause, place in zip(spread, scores.argmax(axis=1).tolist(), strict=True)
        ]
        return {name: found.count(name) / len(found) for name in CLASSES}


def _span(reviews: Sequence[ReadReview]) -> dict[str, str | None]:
    days = [review.day for review in reviews if review.day]
    return {"from": min(days).isoformat() if days else None, "to": max(days).isoformat() if days else None}


def _emerging(
    plain: Sequence[tuple[ReadReview, str]], words: Sequence[Sequence[str]]
) -> dict[str, Any] | None:
    """Compare the last days with those before; copies of a text count once, on their first day."""
    first: dict[str, Dated] = {}
    for (review, text), said in zip(plain, words, strict=True):
        if review.day:
            first.setdefault(text, Dated(review.day, said))
    if not first:
        return None
    found = emerging_words(list(first.values()))
    spelled = json.loads(json.dumps(asdict(found), default=date.isoformat))
    return {"enough": found.enough, "level": LEVEL, **spelled}


def _topic(topic: Topic, shares: dict[str, float], read: int) -> dict[str, Any]:
    return {
        "label": topic.label,
        "words": topic.words,
        "clauses": len(topic.clauses),
        "share": len(topic.clauses) / read,
        "reviews": len(topic.reviews),
        "sentiment": shares,
        "quotes": quotes(topic.clauses),
    }
