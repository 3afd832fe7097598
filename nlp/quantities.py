"""Find quantities with their units in product texts: 1.5匹, 500ml*2, 150x220x169mm, 8GB+128GB, 一级能效."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

_DIGITS = "一二三四五六七八九"
_NUMBER = rf"\d{{1,9}}(?:\.\d{{1,4}})?|[{_DIGITS}]?十[{_DIGITS}]?|[{_DIGITS}两半]"
_BEFORE = r"(?<![\d.a-z~\-一二两三四五六七八九十百千万半第])(?<!\d/)"
_TIMES = r"\s*[*x×]\s*"
_GRADE = re.compile(r"(?P<grade>[一二三四五1-5])级(?=能效|能耗|变频|节能)|新(?P<new>[一二三四五])级")
_MEMORY = re.compile(r"(?<![\w.])(\d{1,3})\s*(?:gb?)?\s*\+\s*(\d{1,4})\s*(gb?|tb?)(?![a-z0-9])")
_DISKS = frozenset({16, 32, 64, 128, 256, 512})


@dataclass(frozen=True, slots=True)
class Quantity:
    """What `text[start:end]` measures, in `unit`.

    `value` is a number, or a list of them for dimensions; `high` is the other end of a range and `count` how
    many there are of it, as in 500ml*2.
    """

    attribute: str
    value: float | list[float]
    unit: str
    start: int
    end: int
    high: float | None = None
    count: int | None = None


class QuantityFinder:
    """Quantities in product texts, normalised to one unit for each attribute.

    Parameters
    ----------
    quantities : list of dict
        Attributes with unit, range and written units, as in `nlp/lexicons/attributes.json`.
    ignored : list of str
        What looks like a quantity and is none, as written: 5G, 1080P.
    """

    def __init__(self, quantities: list[dict[str, Any]], ignored: list[str]) -> None:
        self._ignored = frozenset(ignored)
        self._kinds = {word: kind for kind in quantities for word in kind["words"]}
        self._countable = {
            word for kind in quantities if kind["attribute"] == "count" for word in kind["words"]
        }

    def find(self, text: str, folded: str) -> list[Quantity]:
        """Return the quantities in order, none within another.

        Parameters
        ----------
        text : str
            Original text.
        folded : str
            The same by `nlp.normalise.fold`.
        """
        found: list[Quantity] = []
        for quantity in (*self._memory(folded), *self._dimensions(folded), *self._single(text, folded)):
            if all(quantity.end <= other.start or other.end <= quantity.start for other in found):
                found.append(quantity)
        found += _grades(folded)
        return sorted(found, key=lambda quantity: (quantity.start, quantity.attribute))

    @cached_property
    def _units(self) -> str:
        return "|".join(_unit(word) for word in sorted(self._kinds, key=len, reverse=True))

    @cached_property
    def _quantity(self) -> re.Pattern[str]:
        counted = "|".join(re.escape(word) for word in sorted(self._countable, key=len, reverse=True))
        return re.compile(
            rf"{_BEFORE}(?:(?P<before>\d{{1,4}})\s*(?:{counted})?{_TIMES})?"
            rf"(?P<low>{_NUMBER})(?:\s*[-~至到]\s*(?P<high>{_NUMBER}))?\s*(?P<unit>{self._units})"
            rf"(?:(?:/(?:{counted}))?{_TIMES}(?P<after>\d{{1,4}})(?![\d.])(?:{counted})?)?"
        )

    @cached_property
    def _box(self) -> re.Pattern[str]:
        lengths = [word for word, kind in self._kinds.items() if kind["attribute"] == "length"]
        unit = "|".join(_unit(word) for word in sorted(lengths, key=len, reverse=True))
        side = rf"(\d{{1,5}}(?:\.\d{{1,3}})?)\s*({unit})?"
        return re.compile(rf"{_BEFORE}{side}{_TIMES}[宽高厚]?{side}(?:{_TIMES}[宽高厚]?{side})?")

    def _single(self, text: str, folded: str) -> Iterator[Quantity]:
        for match in self._quantity.finditer(folded):
            kind = self._kinds[match["unit"]]
            value = _number(match["low"])
            written = text[match.start("low") : match.end("unit")].replace(" ", "")
            if kind["attribute"] == "count" and not match["low"][0].isdigit() and match["unit"] != "件套":
                continue
            if written.endswith("G") and written[:-1] in map(str, _DISKS):
                yield Quantity("storage", value, "GB", match.start("low"), match.end("unit"))
            elif written not in self._ignored:
                yield from self._measured(match, kind, value)

    def _measured(self, match: re.Match[str], kind: dict[str, Any], value: float) -> Iterator[Quantity]:
        factor = kind["words"][match["unit"]]
        high = _number(match["high"]) * factor if match["high"] else None
        low, highest = kind["range"]
        count = match["before"] or match["after"]
        if low <= value * factor <= highest and (high is None or high > value * factor):
            yield Quantity(
                kind["attribute"],
                _round(value * factor),
                kind["unit"] or match["unit"].rstrip("装入"),
                match.start(),
                match.end(),
                None if high is None else _round(high),
                int(count) if count else None,
            )

    def _dimensions(self, folded: str) -> Iterator[Quantity]:
        for match in self._box.finditer(folded):
            sides, units = match.groups()[::2], match.groups()[1::2]
            unit = next((name for name in reversed(units) if name), None)
            if unit is not None and (units[2] if sides[2] else units[1]):
                factors = [self._kinds[name or unit]["words"][name or unit] for name in units]
                value = [
                    _round(float(side) * factor) for side, factor in zip(sides, factors, strict=True) if side
                ]
                yield Quantity("dimensions", value, "mm", match.start(), match.end())

    def _memory(self, folded: str) -> Iterator[Quantity]:
        for match in _MEMORY.finditer(folded):
            size = float(match[2]) * (1024 if match[3].startswith("t") else 1)
            yield Quantity("memory", float(match[1]), "GB", match.start(1), match.end(1))
            yield Quantity("storage", size, "GB", match.start(2), match.end())


def _grades(folded: str) -> Iterator[Quantity]:
    for match in _GRADE.finditer(folded):
        yield Quantity(
            "energy_class", _number(match["grade"] or match["new"]), "", match.start(), match.end()
        )


def _unit(word: str) -> str:
    """Return the pattern of a unit; a Latin one must not go on (5w-30, 12mg)."""
    return re.escape(word) + (r"(?![a-z0-9]|-\d)" if word[-1].isascii() and word[-1].isalnum() else "")


def _number(text: str) -> float:
    if text[0].isdigit():
        return float(text)
    if text == "半":
        return 0.5
    tens, ten, ones = text.replace("两", "二").rpartition("十")
    return 10.0 * (_DIGITS.index(tens) + 1 if tens else bool(ten)) + (_DIGITS.index(ones) + 1 if ones else 0)


def _round(value: float) -> float:
    return round(value, 6)
