"""Find and mask personal data in reviews: mobile numbers, identity cards, bank cards and e-mail addresses.

Identity cards are proved by their check digit (GB 11643-1999, ISO 7064 MOD 11-2) and date of birth, bank
cards by Luhn's sum (ISO/IEC 7812-1), so that order numbers are rarely taken for them.
"""

import datetime
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from nlp.normalise import half_width

Kind = Literal["phone", "id_card", "bank_card", "email"]

_EMAIL = re.compile(
    r"(?<![a-z0-9._%+\-])[a-z0-9._%+\-]{1,64}@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,7}\.[a-z]{2,24}(?![a-z0-9])",
    re.ASCII,
)
_ID_CARD = re.compile(r"(?<![a-z0-9])[1-9]\d{16}[\dx](?![a-z0-9])", re.ASCII)
_BANK_CARD = re.compile(r"(?<!\d)[3-6]\d{15,18}(?!\d)", re.ASCII)
_SPACED_CARD = re.compile(r"(?<!\d)[3-6]\d{3}([ \-])\d{4}\1\d{4}\1\d{4}(?:\1\d{3})?(?!\d)", re.ASCII)
_PHONE = re.compile(r"(?<!\d)(?:\+?86[ \-]?)?1[3-9]\d[ \-]?\d{4}[ \-]?\d{4}(?!\d)", re.ASCII)
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, slots=True, order=True)
class PersonalData:
    """Personal data at `text[start:end]`."""

    start: int
    end: int
    kind: Kind


def is_id_card(number: str) -> bool:
    """Tell whether 18 characters are an identity number: a real date of birth, a right check digit."""
    try:
        datetime.date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        return False
    remainder = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True)) % 11
    return "10x98765432"[remainder] == number[17].lower()


def is_bank_card(number: str) -> bool:
    """Tell whether a card number, spaces and hyphens allowed, has a right Luhn sum."""
    digits = [int(character) for character in reversed(number) if character.isdigit()]
    doubled = (digit * 2 - 9 if digit > 4 else digit * 2 for digit in digits[1::2])
    return len(set(digits)) > 1 and (sum(digits[::2]) + sum(doubled)) % 10 == 0


_PATTERNS: tuple[tuple[Kind, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, lambda found: True),
    ("id_card", _ID_CARD, is_id_card),
    ("bank_card", _BANK_CARD, is_bank_card),
    ("bank_card", _SPACED_CARD, is_bank_card),
    ("phone", _PHONE, lambda found: True),
)


def _candidates(text: str) -> Iterator[PersonalData]:
    for kind, pattern, proved in _PATTERNS:
        for match in pattern.finditer(text):
            if proved(match[0]):
                yield PersonalData(match.start(), match.end(), kind)


def find(text: str) -> list[PersonalData]:
    """Return the personal data in `text`, in order, not overlapping.

    Parameters
    ----------
    text : str
        Original text; full-width digits are understood.

    Returns
    -------
    list of PersonalData
        Where two kinds claim the same characters, the stricter proof wins.
    """
    found: list[PersonalData] = []
    taken = bytearray(len(text))
    for item in _candidates(half_width(text)):
        if not any(taken[item.start : item.end]):
            taken[item.start : item.end] = b"\1" * (item.end - item.start)
            found.append(item)
    return sorted(found)


def _hidden(value: str, kind: Kind) -> str:
    if kind == "email":
        name_length = half_width(value).index("@")
        shown = 1 if name_length > 1 else 0
        return value[:shown] + "*" * (name_length - shown) + value[name_length:]
    digits = [place for place, character in enumerate(value) if character.isalnum()]
    hidden = {"phone": slice(-8, -4), "id_card": slice(3, -2), "bank_card": slice(4, -4)}[kind]
    starred = set(digits[hidden])
    return "".join("*" if place in starred else character for place, character in enumerate(value))


def mask(text: str) -> str:
    """Return `text` with personal data starred out: the same length, so that spans stay right.

    Examples
    --------
    >>> mask("加我13812345678")
    '加我138****5678'
    """
    parts, last = [], 0
    for item in find(text):
        parts += [text[last : item.start], _hidden(text[item.start : item.end], item.kind)]
        last = item.end
    return "".join(parts) + text[last:]
