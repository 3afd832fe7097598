"""What titles and descriptions state: brand, model, material and quantities, with their place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from nlp import lexicons
from nlp.normalise import fold
from nlp.quantities import Quantity, QuantityFinder
from nlp.word_finder import Found, WordFinder

Field = Literal["title", "description"]

_MAKER = re.compile(r"^\W*([\u4e00-\u9fff]{2,6})\s?[(（]([A-Za-z][A-Za-z .&'\-]{1,20})[)）]")
_CODE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9\-/.+]|\([A-Za-z0-9]{0,20}\d[A-Za-z0-9]{0,20}\)){3,60}"
)
_SHARE = r"(\d{1,3}(?:\.\d{1,2})?)\s*%"
_NEAR = 6
"""Characters before a word within which 适用 or 送 make it somebody else's."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """A fact about a product: the `field`'s `[start:end]` is `text` and says that `name` is `value`.

    `unit` is that of `value`; `high`, `count` and `share` (%) are None where they say nothing.
    """

    name: str
    value: str | float | list[float]
    text: str
    field: Field
    start: int
    end: int
    unit: str = ""
    high: float | None = None
    count: int | None = None
    share: float | None = None


class AttributeFinder:
    """Attributes of Chinese product texts, by word lists and patterns.

    Parameters
    ----------
    lexicon : dict, optional
        As `nlp/lexicons/attributes.json`, the default.

    Examples
    --------
    >>> [(a.name, a.value, a.unit) for a in AttributeFinder().find("美的(Midea) 1.5匹 空调 KFR-35GW/N8MHA1")]
    [('brand', '美的', ''), ('cooling_power', 1.5, '匹'), ('model', 'KFR-35GW/N8MHA1', '')]
    """

    def __init__(self, lexicon: dict[str, Any] | None = None) -> None:
        self._lexicon = lexicons.attributes() if lexicon is None else lexicon
        self._quantities = QuantityFinder(self._lexicon["quantities"], self._lexicon["not_quantities"])

    def find(self, title: str, description: str = "") -> list[Attribute]:
        """Return the attributes in order of their place, those of the title first; none twice.

        A brand and a model are looked for in the title alone: descriptions name others too.

        Parameters
        ----------
        title, description : str
            Original texts, so that places point into them.
        """
        found = [*self._in("title", title), *self._in("description", description)]
        different: dict[tuple[str, str], Attribute] = {}
        for attribute in found:
            different.setdefault((attribute.name, str(attribute.value)), attribute)
        return list(different.values())

    def _in(self, field: Field, text: str) -> list[Attribute]:
        folded = fold(text)
        quantities = self._quantities.find(text, folded)
        found = [_measured(quantity, text, field) for quantity in quantities]
        found += self._materials(text, folded, field)
        if field == "title":
            found += self._brand(text, folded)
            found += self._model(text, folded, quantities)
        return sorted(found, key=lambda attribute: (attribute.start, attribute.end))

    @cached_property
    def _brands(self) -> WordFinder[dict[str, Any]]:
        return WordFinder(_written(self._lexicon["brands"]))

    @cached_property
    def _stuffs(self) -> WordFinder[dict[str, Any]]:
        return WordFinder(_written(self._lexicon["materials"]))

    def _brand(self, text: str, folded: str) -> Iterator[Attribute]:
        for found in self._brands.find(folded):
            if not self._is_of_another(folded, found) and not any(
                word in folded for word in found.meaning.get("unless", ())
            ):
                yield _named("brand", found.meaning["name"], text, "title", found.start, found.end)
                return
        if match := _MAKER.match(text):
            yield _named("brand", match[1], text, "title", *match.span(1))

    def _is_of_another(self, folded: str, found: Found[Any]) -> bool:
        before = folded[max(found.start - _NEAR, 0) : found.start]
        return any(word in before for word in self._lexicon["not_for_us"])

    def _materials(self, text: str, folded: str, field: Field) -> Iterator[Attribute]:
        for found in self._stuffs.find(folded):
            name = found.meaning["name"]
            before = re.search(rf"{_SHARE}\s*$", folded[max(found.start - 10, 0) : found.start])
            after = re.match(rf"[:：\s]*{_SHARE}", folded[found.end : found.end + 10])
            share = before or after
            if share is None and found.end - found.start == 1:
                continue
            start = found.start - (len(before[0]) if before else 0)
            end = found.end + (after.end() if after and not before else 0)
            yield _named("material", name, text, field, start, end, share=float(share[1]) if share else None)

    def _model(self, text: str, folded: str, quantities: list[Quantity]) -> Iterator[Attribute]:
        taken = [(quantity.start, quantity.end) for quantity in quantities]
        for match in (*self._series.finditer(text), *_CODE.finditer(text)):
            start, end = match.start(), match.end() - len(match[0]) + len(match[0].rstrip("-/.+"))
            code = text[start:end]
            measured = any(start < stop and begin < end for begin, stop in taken)
            if match.re is self._series or (not measured and self._is_model(code)):
                yield _named("model", code, text, "title", start, end)
                return

    @cached_property
    def _series(self) -> re.Pattern[str]:
        series, suffixes = (
            "|".join(re.escape(name) for name in sorted(self._lexicon[kind], key=len, reverse=True)) or "(?!)"
            for kind in ("series", "suffixes")
        )
        return re.compile(
            rf"(?<![A-Za-z])(?:{series})\s?[A-Za-z]?\d{{1,4}}[A-Za-z]?(?![A-Za-z0-9])(?:\s?(?:{suffixes})(?![A-Za-z]))?",
            re.I,
        )

    def _is_model(self, code: str) -> bool:
        prefix = re.match("[A-Za-z]*", code)
        assert prefix is not None  # noqa: S101  (it matches the empty string)
        digits = sum(letter.isdigit() for letter in code)
        return (
            len(code) >= 5
            and digits >= 2
            and any(letter.isupper() for letter in code)
            and prefix[0].lower() not in self._lexicon["not_models"]
        )


def _written(entries: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return the entries of a list by each way to write them."""
    return {word: entry for entry in entries for word in (entry["name"], *entry.get("also", ()))}


def _measured(quantity: Quantity, text: str, field: Field) -> Attribute:
    return Attribute(
        quantity.attribute,
        quantity.value,
        text[quantity.start : quantity.end],
        field,
        quantity.start,
        quantity.end,
        quantity.unit,
        quantity.high,
        quantity.count,
    )


def _named(
    name: str, value: str, text: str, field: Field, start: int, end: int, share: float | None = None
) -> Attribute:
    return Attribute(name, value, text[start:end], field, start, end, share=share)
