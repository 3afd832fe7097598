"""The phrases of a description that say most for the product."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlp import lexicons
from nlp.attributes import Attribute, Field
from nlp.keywords import KeywordFinder
from nlp.normalise import fold, normalise
from nlp.word_finder import WordFinder

_CHARACTERS = 20_000
"""Of longer texts the beginning is read."""
_SHORTEST, _LONGEST = 4, 24
"""Characters of a phrase; Latin letters count half."""
_KEYWORDS = 24
_BENEFIT, _FACT, _KEYWORD = 1.0, 0.8, 0.6
_LATER = 0.02
"""What each phrase before one costs it: shops begin with what matters."""
_PART = r"(?:[^\s，,。.！!？?；;、…~～|/【】\[\]（）()<>]|[.,](?=\d))+"
_PHRASES: dict[Field, re.Pattern[str]] = {
    "title": re.compile(_PART),
    "description": re.compile(rf"{_PART}(?: (?:(?<=[A-Za-z0-9] )|(?=[A-Za-z0-9])){_PART})*"),
}
"""In a title spaces part phrases; in a description they may stand around Latin words and numbers."""
_HEADING = re.compile(r"^(?:[^：:]{1,8}[：:]|\d{1,2}[.、．](?!\d)|[①-⑳•·●★◆▲-]+) ?")
_NEXT_NUMBER = re.compile(r" \d{1,2}$")
_READABLE = re.compile(r"[\u4e00-\u9fff]{2}|[A-Za-z]{2,} [A-Za-z]{2,}")


@dataclass(frozen=True, slots=True)
class SellingPoint:
    """A phrase, the `field`'s `[start:end]`, with a weight to rank it by."""

    text: str
    field: Field
    start: int
    end: int
    weight: float


class SellingPointFinder:
    """Short phrases of a description, those that state benefits and facts first.

    A phrase weighs by the benefits and facts it states and by the keywords of the text in it; what is about
    delivery, price or service is none. Where the description has no phrase, those of the title serve that
    state something.

    Parameters
    ----------
    keyword_finder : KeywordFinder
        Says what a text is about.
    lexicon : dict, optional
        As `nlp/lexicons/selling_points.json`, the default.
    """

    def __init__(self, keyword_finder: KeywordFinder, lexicon: dict[str, list[str]] | None = None) -> None:
        words = lexicons.selling_points() if lexicon is None else lexicon
        self._keywords = keyword_finder
        self._noise = words["noise"]
        self._benefits = WordFinder(dict.fromkeys(words["benefits"], True))

    def find(
        self, title: str, description: str, attributes: list[Attribute], top: int = 5
    ) -> list[SellingPoint]:
        """Return up to `top` phrases, the heaviest first.

        Parameters
        ----------
        title, description : str
            Original texts, so that places point into them.
        attributes : list of Attribute
            What was found in them.
        top : int
            How many at most.
        """
        points = self._in("description", description, attributes) or self._in("title", title, attributes)
        return _different(sorted(points, key=lambda point: (-point.weight, point.start)), top)

    def _in(self, field: Field, text: str, attributes: list[Attribute]) -> list[SellingPoint]:
        text = text[:_CHARACTERS]
        folded = fold(text)
        facts = [
            (fact.start, fact.end)
            for fact in attributes
            if fact.field == field and fact.name not in ("brand", "model")
        ]
        keywords = self._keywords.of_text(normalise(text), top=_KEYWORDS)
        weights = {word: 1 - place / _KEYWORDS for place, word in enumerate(keywords)}
        points = []
        for place, (start, end) in enumerate(_phrases(text, field)):
            phrase = folded[start:end]
            praised = len({found.start for found in self._benefits.find(phrase)})
            stated = sum(start <= first and last <= end for first, last in facts)
            if (praised or stated or field == "description") and not any(w in phrase for w in self._noise):
                known = sum(weight for word, weight in weights.items() if word in phrase)
                weight = _BENEFIT * min(praised, 2) + _FACT * min(stated, 2) + _KEYWORD * min(known, 2)
                weight = round(weight - _LATER * place, 3)
                points.append(SellingPoint(text[start:end], field, start, end, weight))
        return points


def _phrases(text: str, field: Field) -> Iterator[tuple[int, int]]:
    """Yield the places of phrases short enough to be read at a glance; headings and numbers are left out."""
    for match in _PHRASES[field].finditer(text):
        numbered = text.startswith((".", "、", "．"), match.end()) and _NEXT_NUMBER.search(match[0])
        end = match.start() + numbered.start() if numbered else match.end()
        heading = _HEADING.match(text[match.start() : end])
        start = match.start() + (heading.end() if heading else 0)
        phrase = text[start:end]
        width = len(phrase) - sum(letter.isascii() for letter in phrase) // 2
        if len(phrase) >= _SHORTEST and width <= _LONGEST and _READABLE.search(phrase):
            yield start, end


def _different(points: list[SellingPoint], top: int) -> list[SellingPoint]:
    """Return the first of the points that do not say what an earlier one says."""
    chosen: list[SellingPoint] = []
    for point in points:
        letters = set(point.text)
        alike = any(len(letters & set(other.text)) > 0.7 * len(letters) for other in chosen)
        if not alike and len(chosen) < top:
            chosen.append(point)
    return chosen
