"""Informal writing put into plain words: common typos, pinyin abbreviations, emoji and kaomoji.

The lists are our own, in lexicons/informal.json: only what means one thing in a review. 快第 alone is no typo
(很快第二天就到), and an emoji that people use both ways (😂, 😭) is left to the model.
"""

import re
from collections.abc import Iterable
from functools import cache

from nlp.lexicons import informal

_TONES = "[\ufe0f\u2640\u2642\U0001f3fb-\U0001f3ff]*"
"""What may follow an emoji without changing what it says: variation, gender, skin."""

_LATIN = re.compile(r"[A-Za-z][A-Za-z\d]")
_ONE_WIDTH = str.maketrans("（）：", "():")


def corrected(text: str) -> str:
    """Return `text` with typos and pinyin abbreviations spelled right, of the same length.

    Parameters
    ----------
    text : str
        Text in half-width forms and simplified characters.

    Examples
    --------
    >>> corrected("质亮很好，yyds")
    '质量很好，永远的神'
    """
    typos, abbreviations = informal()["typos"], informal()["abbreviations"]
    text = _misspelled().sub(lambda match: typos[match[0]], text)
    if _LATIN.search(text):
        text = _abbreviated().sub(lambda match: abbreviations[match[0].lower()], text)
    return text


def spelled_out(text: str) -> str:
    """Return `text` with emoji and kaomoji said in words, each run once, set off by commas.

    Parameters
    ----------
    text : str
        Normalised text.

    Examples
    --------
    >>> spelled_out("收到了👍👍 (╯°□°)╯")
    '收到了，很赞，很生气'
    """
    if not _begun().search(text):
        return text
    words = _faces()
    return _face().sub(lambda match: _set_off(text, match, words), text)


def _set_off(text: str, match: re.Match[str], words: dict[str, str]) -> str:
    word = words[match["face"].translate(_ONE_WIDTH)]
    return word if match.start() == 0 or text[match.start() - 1] in "，,。" else f"，{word}"


@cache
def _misspelled() -> re.Pattern[str]:
    """Match a typo; sorted by first character, of which most texts have few that go on as one."""
    rests: dict[str, list[str]] = {}
    for word in _longest_first(informal()["typos"]):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    return re.compile("|".join(f"{first}(?:{'|'.join(rest)})" for first, rest in rests.items()))


@cache
def _abbreviated() -> re.Pattern[str]:
    return re.compile("|".join(map(_bounded, _longest_first(informal()["abbreviations"]))), re.IGNORECASE)


@cache
def _faces() -> dict[str, str]:
    lists = informal()
    both = [*lists["emoji"].items(), *lists["kaomoji"].items()]
    return {face: word for word, faces in both for face in faces}


@cache
def _begun() -> re.Pattern[str]:
    """Match what a face begins with, which few texts hold."""
    return re.compile(f"[{re.escape(''.join({face[0] for face in _faces()} | {'（', '：'}))}]")


@cache
def _face() -> re.Pattern[str]:
    faces = "|".join(map(_bounded, _longest_first(_faces())))
    return re.compile(rf" ?(?P<face>{faces}){_TONES}(?: ?(?P=face){_TONES})*")


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=len, reverse=True)


def _bounded(word: str) -> str:
    """Match a word, but not within a longer one in Latin letters."""
    before = r"(?<![A-Za-z0-9_\-])" if word[0].isascii() and word[0].isalnum() else ""
    after = r"(?![A-Za-z0-9_\-])" if word[-1].isascii() and word[-1].isalnum() else ""
    either_width = re.escape(word).replace(r"\(", "[(（]").replace(r"\)", "[)）]").replace(":", "[:：]")
    return f"{before}{either_width}{after}"
