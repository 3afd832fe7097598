"""Say in which language a text is written, from its scripts and, for Latin letters, its small words."""

import re
from typing import Literal

from nlp.han import HAN, simplified
from nlp.normalise import WEB_ADDRESS

Language = Literal["zh", "zh-Hant", "en", "other"]

_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9d\u1100-\u11ff\uac00-\ud7af]")
_LATIN_WORD = re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]+(?:'[A-Za-z]+)?")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u10ff\u1200-\u1cff\ua4d0-\uabff]+")
_ENGLISH_WORDS = """
a about after all also am an and are as at be because been but buy by can do does for from get good great
had has have he i if in is it its just like me more my nice no not of on one or out product quality so some
than that the their them then there they this to too up very was we were what when which will with would you
"""
_OTHER_WORDS = """
aber auch auf avec bagus bien bom bueno buono che chất com como con da das de del della dem den der des det
di die du e ein eine el em en est et etwas für gut ich il ini ist je la las le les lo los mais mas mit muito
muy ne nicht não och oder pas per pero por pour prodotto producto produit produto que qui rất sehr sem sono
su sua sur tidak très um una und une uma va van voor và war wie y yang zu è
"""
_ENGLISH, _NOT_ENGLISH = frozenset(_ENGLISH_WORDS.split()), frozenset(_OTHER_WORDS.split())


def language_of(text: str) -> Language:
    """Return the language that most of `text` is written in.

    A Han character counts as one word, as does a run of Latin letters, so that brand names do not make a
    Chinese review English. Of a Chinese text one character in eight must be traditional for "zh-Hant": a
    simplified text has few (乾隆), a traditional one about one in three.

    Parameters
    ----------
    text : str
        Any text.

    Returns
    -------
    {"zh", "zh-Hant", "en", "other"}
        BCP 47 tags; "other" for further languages and for text without letters. Latin words without any sign
        of another language count as English.

    Examples
    --------
    >>> language_of("iPhone 很好用"), language_of("質量很好"), language_of("works fine")
    ('zh', 'zh-Hant', 'en')
    """
    text = WEB_ADDRESS.sub(" ", text)
    han = HAN.findall(text)
    foreign = len(_KANA_OR_HANGUL.findall(text)) + len(_OTHER_SCRIPT.findall(text))
    latin = _LATIN_WORD.findall(text)
    if not (han or latin) or foreign > (len(han) + len(latin)) / 4:
        return "other"
    if len(han) < len(latin):
        return "en" if _is_english(latin) else "other"
    written = "".join(han)
    traditional = sum(one != other for one, other in zip(written, simplified(written), strict=True))
    return "zh-Hant" if traditional * 8 >= len(han) else "zh"


def _is_english(words: list[str]) -> bool:
    lower = [word.lower() for word in words]
    foreign = sum(word in _NOT_ENGLISH or not word.isascii() for word in lower)
    return foreign <= sum(word in _ENGLISH for word in lower) / 2
