"""Traditional characters made simplified, one for one, by OpenCC's tables."""

import re
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from opencc import OpenCC

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003347f]")
"""One character of Chinese script."""


@cache
def _converter() -> "OpenCC":
    import opencc

    return opencc.OpenCC("t2s")


class _SimplifiedForms(dict[int, str]):
    """`str.translate` table filled as characters are met: OpenCC is loaded for the first one."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        self[code] = form = _converter().convert(character) if HAN.match(character) else character
        return form


_SIMPLIFIED = _SimplifiedForms()


def simplified(text: str) -> str:
    """Return `text` in simplified characters, of the same length.

    By character and not by phrase, so that every place stays what it was; the few characters that need their
    neighbours (著 in 看著) keep their form.

    Parameters
    ----------
    text : str
        Any string.

    Examples
    --------
    >>> simplified("質量很好")
    '质量很好'
    """
    return text.translate(_SIMPLIFIED)
