"""Find and mask personal data in reviews: phones, cards, mailboxes, accounts, order numbers and addresses."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from nlp.identifiers import IDENTIFIERS, Identifier, Kind
from nlp.normalise import half_width

_NUMERALS = "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖"
_DIGITS = str.maketrans(_NUMERALS, "001234567891123456789")
_SPELLED = re.compile(rf"[\d*{_NUMERALS}]{{5,}}")
_TRACE = re.compile(
    rf"[\d@＠*＊]|[{_NUMERALS}]{{5}}|[{_NUMERALS}十][栋幢楼单号]|[加微威薇徽]|[vVｖＶwWｗＷ][xXｘＸeEｅＥ]"
)
"""What each identifier has at least one of, so that most reviews are done with after one look."""
_NUMERAL = rf"[\d*＊﹡{_NUMERALS}]"
_LETTER = rf"(?:[^\W\u2e80-\u9fff]|[{_NUMERALS}*＊﹡\-－﹣＿︳︴﹍﹎﹏])"
_ENOUGH = re.compile(
    rf"[@＠﹫qQｑＱ扣釦企秋鞦]|{_NUMERAL}(?:[^\w*＊﹡]{{0,40}}{_NUMERAL}){{7}}"
    rf"|(?:[加微威薇徽]|[vVｖＶwWｗＷ][xXｘＸeEｅＥ信])(?s:.){{0,24}}?{_LETTER}{{6}}"
    r"|[\w*＊﹡][号號栋棟幢座楼樓樓层層層室房户戶⼾组組弄弄]|[\w*＊﹡][单單]元"
)
"""What identifies needs a mailbox, QQ, eight digits, an account or a house; 用了3天 or 加了个菜 has none."""


@dataclass(frozen=True, slots=True, order=True)
class PersonalData:
    """Personal data at `text[start:end]`; a mask hides the `hidden` places of the text."""

    start: int
    end: int
    kind: Kind
    hidden: tuple[int, ...] = field(default=(), compare=False, repr=False)


def find(text: str) -> list[PersonalData]:
    """Return the personal data in `text`, in order, not overlapping.

    Parameters
    ----------
    text : str
        Original text, or what `mask` made of it: the kinds are the same. Full-width digits, traditional
        characters and numbers written in Chinese numerals (幺三八 …) are understood.

    Returns
    -------
    list of PersonalData
        Where two kinds claim the same characters, the stricter proof wins.
    """
    if not _TRACE.search(text) or not _ENOUGH.search(text):
        return []
    folded = half_width(text)
    found: list[PersonalData] = []
    taken = bytearray(len(text))
    for item in _candidates(folded):
        if not any(taken[item.start : item.end]):
            taken[item.start : item.end] = b"\1" * (item.end - item.start)
            found.append(item)
    return sorted(found)


def mask(text: str) -> str:
    """Return `text` with personal data starred out: the same length, so that spans stay right.

    What was masked stays as it is when it is masked again.

    Examples
    --------
    >>> mask("加我13812345678")
    '加我138****5678'
    """
    places = [place for item in find(text) for place in item.hidden]
    if not places:
        return text
    characters = list(text)
    for place in places:
        characters[place] = "*"
    return "".join(characters)


def _candidates(folded: str) -> Iterator[PersonalData]:
    spelled = _SPELLED.sub(lambda run: run[0].translate(_DIGITS), folded)
    for identifier in IDENTIFIERS:
        yield from _matches(identifier, folded)
        if spelled != folded:
            yield from _matches(identifier, spelled)


def _matches(identifier: Identifier, folded: str) -> Iterator[PersonalData]:
    group = "value" if "value" in identifier.pattern.groupindex else 0
    for match in identifier.pattern.finditer(folded):
        if identifier.proved(match):
            start, end = match.span(group)
            hidden = tuple(start + place for place in identifier.hidden(match[group]))
            yield PersonalData(start, end, identifier.kind, hidden)
