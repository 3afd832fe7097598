"""A review's text cut where its aspects stand, so that a page can mark them."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

LONGEST = 600


@dataclass(frozen=True)
class Part:
    """A stretch of text; of an aspect it has a polarity and the aspect's category."""

    text: str
    polarity: str = ""
    category: str = ""


def parts(text: str, aspects: Iterable[Mapping[str, Any]], wanted: str | None = None) -> list[Part]:
    """Cut a text at the spans of its aspects, of overlapping ones the first, and cut off what is too long.

    Parameters
    ----------
    aspects : iterable of mapping
        With ``start`` and ``end`` in characters of the text, ``polarity`` and ``category``. One that does not
        lie in the text is passed over: a text that was masked since has other places.
    wanted : str or None
        Mark only this category where the text has it; it goes first where two overlap.
    """
    spans = [found for aspect in aspects if (found := _span(text, aspect))]
    chosen = [span for span in spans if span[2] == wanted] or spans
    found = list(_cut(text, sorted(chosen, key=lambda span: (span[0], -span[1]))))
    return list(_shortened(found))


def _span(text: str, aspect: Mapping[str, Any]) -> tuple[int, int, str, str] | None:
    start, end = aspect.get("start"), aspect.get("end")
    if not isinstance(start, int) or not isinstance(end, int) or not 0 <= start < end <= len(text):
        return None
    named = [str(aspect[name]) for name in ("aspect", "opinion") if aspect.get(name)]
    if named and not any(name in text[start:end] for name in named):
        return None
    return start, end, str(aspect.get("category", "")), str(aspect.get("polarity", ""))


def _cut(text: str, spans: Iterable[tuple[int, int, str, str]]) -> Iterator[Part]:
    at = 0
    for start, end, category, polarity in spans:
        if start < at:
            continue
        if start > at:
            yield Part(text[at:start])
        yield Part(text[start:end], polarity, category)
        at = end
    if at < len(text) or not text:
        yield Part(text[at:])


def _shortened(found: Iterable[Part]) -> Iterator[Part]:
    left = LONGEST
    for part in found:
        if len(part.text) > left:
            yield Part(part.text[:left] + "…", part.polarity, part.category)
            return
        yield part
        left -= len(part.text)
