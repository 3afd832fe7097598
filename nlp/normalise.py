"""Bring review text into one written form before anything reads it.

Two forms are made. `normalise` is what models and word lists read: simplified, free of markup, addresses and
control characters. `fold` has exactly one character for every character of the original, so that whatever is
found in it has the same place in the original text.
"""

import html
import re
import unicodedata

from nlp.han import simplified
from nlp.informal import corrected

LONGEST_RUN = 3
"""A character repeated more often than this in a row is cut to this many."""

_SAFE_DECOMPOSITIONS = frozenset(
    {"<wide>", "<narrow>", "<font>", "<compat>", "<vertical>", "<noBreak>", "<small>"}
)
_KEPT = frozenset("，！？：；（）～…")
_DROPPED = frozenset({"Cf", "Cs", "Co"})

_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")
_INLINE_TAG = re.compile(
    r"</?(?:a|abbr|b|big|em|font|i|s|small|span|strong|sub|sup|u)(?:\s[^<>]{0,500})?/?>", re.I
)
_BLOCK_TAG = re.compile(
    r"</?(?:blockquote|br|center|div|h[1-6]|hr|img|li|ol|p|pre|script|style|table|tbody|td|th|thead|tr|ul|video)"
    r"(?:\s[^<>]{0,500})?/?>|<!--[^<>]{0,500}-->",
    re.I,
)
WEB_ADDRESS = re.compile(r"(?:https?://|(?<![A-Za-z0-9.])www\.)[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+", re.I)
_MARKUP = re.compile(r"[&<]|://|www\.", re.I)
_PASSES = 4
"""A tag removed may leave another one behind (<<b>b>); text that goes on so is no markup worth keeping."""
_SPACES = re.compile(r"\s+")
_RUN = re.compile(rf"([^\d\s])\1{{{LONGEST_RUN},}}")


def _readable(character: str) -> str:
    """Return one character's plain form: "" where it says nothing, " " for space, NFKC where that is safe."""
    category = unicodedata.category(character)
    if category == "Cc":
        return " " if character.isspace() else ""
    if category in _DROPPED or (category == "Cn" and ord(character) & 0xFFFE == 0xFFFE):
        return ""
    if category in ("Zs", "Zl", "Zp"):
        return " "
    decomposition = unicodedata.decomposition(character)
    if character in _KEPT or decomposition.split(" ", 1)[0] not in _SAFE_DECOMPOSITIONS:
        return character
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain[0] != " " else character


def _plain(character: str) -> str:
    return simplified(_readable(character))


class _PlainForms(dict[int, str]):
    """`str.translate` table filled as characters are met, so that no table is built at import."""

    def __missing__(self, code: int) -> str:
        self[code] = plain = _plain(chr(code))
        return plain


class _FoldedForms(dict[int, str]):
    """Like `_PlainForms`, lower case, with exactly one character for each."""

    def __missing__(self, code: int) -> str:
        plain = _plain(chr(code)).lower() or " "
        self[code] = folded = plain if len(plain) == 1 else chr(code)
        return folded


_PLAIN = _PlainForms()
_FOLDED = _FoldedForms()


def normalise(text: str) -> str:
    """Return `text` as it is read.

    Entities are resolved, tags and web addresses removed, full-width letters and digits made half-width,
    traditional characters simplified, common typos and pinyin abbreviations spelled right, control
    characters, lone surrogates and invisible marks dropped, white space joined and runs of one character cut
    to `LONGEST_RUN` (digits excepted: 10000 stays 10000). Chinese punctuation stays, and so do forms whose
    compatibility form means something else (10² is not 102). What is normal stays as it is. Time is linear in
    the length.

    Parameters
    ----------
    text : str
        Any string, also one with lone surrogates or NUL.

    Returns
    -------
    str
        May be empty; never holds control characters.

    Examples
    --------
    >>> normalise("質量<b>很好</b>&nbsp;ＡＢＣ　１２３！！！！！！")
    '质量很好 ABC 123！！！'
    """
    for _ in range(_PASSES):
        plain = _once(text)
        if plain == text or not _MARKUP.search(plain):
            return plain
        text = plain
    return _once(_once(_MARKUP.sub(" ", text)))


def _once(text: str) -> str:
    text = _ENTITY.sub(lambda match: html.unescape(match[0]), text) if "&" in text else text
    if "<" in text:
        text = _BLOCK_TAG.sub(" ", _INLINE_TAG.sub("", text))
    text = WEB_ADDRESS.sub(" ", text)
    text = unicodedata.normalize("NFC", text.translate(_PLAIN))
    return corrected(_RUN.sub(lambda match: match[1] * LONGEST_RUN, _SPACES.sub(" ", text).strip()))


def half_width(text: str) -> str:
    """Return `text` in lower case, half-width forms and simplified characters, of the same length.

    Parameters
    ----------
    text : str
        Any string.

    Returns
    -------
    str
        The character at a place stands for the one at that place in `text`; invisible ones become spaces.
    """
    return text.translate(_FOLDED)


def fold(text: str) -> str:
    """Return `half_width(text)`, typos spelled right, tags and web addresses blanked by as many spaces."""
    for pattern in (_INLINE_TAG, _BLOCK_TAG, WEB_ADDRESS):
        text = pattern.sub(lambda match: " " * len(match[0]), text)
    return corrected(half_width(text))
