"""Say in which language a text is written, from the scripts it uses."""

import re
from typing import Literal

Language = Literal["zh", "en", "other"]

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003134f]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d\u1100-\u11ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f]+(?:'[A-Za-z]+)?")
_OTHER_WORD = re.compile(r"[\u0370-\u10ff\u1200-\u1cff\ua4d0-\uabff]+")


def language_of(text: str) -> Language:
    """Return the language whose script carries most of `text`.

    A Han character counts as one word, as does a run of Latin letters, so that brand names do not make a
    Chinese review English. Latin script is taken for English: telling its languages apart is not attempted.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    {"zh", "en", "other"}
        "other" for further scripts and for text without letters.

    Examples
    --------
    >>> language_of("iPhone 很好用"), language_of("works fine"), language_of("とても良い"), language_of("123")
    ('zh', 'en', 'other', 'other')
    """
    han = len(_HAN.findall(text))
    foreign = len(_KANA_OR_HANGUL.findall(text)) + len(_OTHER_WORD.findall(text))
    latin = len(_LATIN_WORD.findall(text))
    if max(han, latin) == 0 or foreign > (han + latin) / 4:
        return "other"
    return "zh" if han >= latin else "en"
