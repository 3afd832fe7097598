"""What identifies a person or an order in a review: the written form, the proof and what to hide of it.

A form is proved by a check digit (identity cards: GB 11643-1999, ISO 7064 MOD 11-2; bank cards: Luhn's sum,
ISO/IEC 7812-1) or by the words in front of it (微信, QQ, 订单号, 小区 …), so that model numbers, prices and
dates are left alone. A `*` stands for a hidden character: what was masked before is found again as the kind
it hides, so that stored text, which is masked, keeps its kinds when it is read anew.
"""

import datetime
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal["phone", "id_card", "bank_card", "email", "wechat", "qq", "order_id", "address"]
Match = re.Match[str]

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_HIDDEN_ID = re.compile(r"[1-9]\d\d\*{13}\d[\dx]")
_HIDDEN_CARD = re.compile(r"[3-6]\d{3}\*{8,11}\d{4}")
_PHONE = re.compile(r"1[3-9]\d(?:\d{4}|\*{4})\d{4}")

_CONTACT = r"(?:微信|威信|薇信|徽信|v信|(?<![a-z])(?:wechat|weixin|wx|vx)|加(?:我|个|一下)?v(?![a-z])|加我)"
_LINK = r"(?:号码|账号|帐号|号|id|是|为|[:;,，：=\s]){0,4}"
_NO_ACCOUNT = (
    r"(?!iphone|ipad|ios|mac|android|windows|win\d|vivo|oppo|huawei|honor|xiaomi|redmi|wifi|qq(?![a-z])|app(?![a-z])"
    r"|facebook|whatsapp|alipay|wechat|weixin)"
)
_MEASURE = r"(?!\s?(?:元|块|多|万|千|人|个|件|年|公里|km|kb|mb|[.%]))"
_HOUSE = r"(?:号楼|号院|号(?![线码机电])|弄|栋|幢|座|单元|楼|层|室|房|户|组)"
_HOUSE_NUMBER = rf"[\da-z一二三四五六七八九十百*]{{1,5}}(?:-[\da-z*]{{1,5}}){{0,2}}(?={_HOUSE})"
_PLACE = re.compile(
    r"(?<=[\u4e00-\u9fff])(?:省|市|区|县|镇|乡|街道|路|街|大道|巷|弄|胡同|村|苑|园|公寓|大厦|府|庭)"
)
_LIVES = re.compile(r"收货|收件|住在|家住|我住|住址|寄[到往给]")
_ADDRESS_REACH = 40


@dataclass(frozen=True, slots=True)
class Identifier:
    """One written form.

    Attributes
    ----------
    kind : str
    pattern : re.Pattern
        Over text in half-width lower case; the group "value", or else the whole match, is the identifier.
    proved : callable
        Whether a match is one.
    hidden : callable
        Places of the value's characters that a mask stars out.
    """

    kind: Kind
    pattern: re.Pattern[str]
    proved: Callable[[Match], bool]
    hidden: Callable[[str], Iterable[int]]


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


def _bare(match: Match) -> str:
    return re.sub(r"[^\da-z*]", "", match[0])


def _is_id_card(match: Match) -> bool:
    number = _bare(match)
    return _HIDDEN_ID.fullmatch(number) is not None if "*" in number else is_id_card(number)


def _is_bank_card(match: Match) -> bool:
    number = _bare(match)
    return _HIDDEN_CARD.fullmatch(number) is not None if "*" in number else is_bank_card(number)


def _is_phone(match: Match) -> bool:
    return _PHONE.fullmatch(_bare(match)) is not None


def _is_order(match: Match) -> bool:
    number = re.sub(r"[^\da-z*]", "", match["value"])
    return len(number) >= 8 and ("*" not in number or set(number[:-4]) == {"*"})


def _is_account(match: Match) -> bool:
    """An account of letters alone needs more than 微信 in front of it, which many sentences have."""
    asked = re.search(r"加|号|id|是|[:：=]", match[0][: match.start("value") - match.start()])
    return asked is not None or re.search(r"[\d_*]", match["value"]) is not None


def _is_address(match: Match) -> bool:
    """Three units (栋, 单元, 室) make an address, or two after a place, or one after several places.

    Two places are enough where it says that somebody lives there. A floor alone (万达三楼) is a shop's.
    """
    units = set(re.findall(rf"{_HOUSE_NUMBER}({_HOUSE})", match[0])) - {"楼", "层"}
    before = match.string[max(0, match.start() - _ADDRESS_REACH) : match.start()]
    place_name = re.split(r"[^\u4e00-\u9fff\d]", before)[-1]
    places = [place.end() for place in _PLACE.finditer(place_name)]
    if not units or not places or places[-1] != len(place_name):
        return len(units) >= 3
    return len(units) >= 2 or len(places) >= (2 if _LIVES.search(before) else 3)


def _inner(head: int | None, tail: int) -> Callable[[str], Iterable[int]]:
    """All letters and digits but the first `head` and the last `tail`; a negative `head` is counted back."""

    def places(value: str) -> list[int]:
        known = [place for place, character in enumerate(value) if character.isalnum() or character == "*"]
        return known[head : len(known) - tail]

    return places


def _whole(value: str) -> range:
    return range(len(value))


def _local_part(value: str) -> list[int]:
    area = value.replace(")", "-").index("-")
    return [place for place in _inner(None, 4)(value) if place > area]


def _name_of_mailbox(value: str) -> range:
    length = value.index("@")
    return range(1 if length > 1 else 0, length)


def _numbers_of_house(value: str) -> list[int]:
    found = re.finditer(rf"{_HOUSE_NUMBER}|[\d*]{{3,4}}$", value)
    return [place for match in found for place in range(match.start(), match.end()) if value[place] != "-"]


def _always(match: Match) -> bool:
    return True


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.ASCII)


_ACCOUNT = r"(?P<value>[a-z][a-z\d_\-]{5,19}|[1-9]\d{5,10}|\*{6,20})(?![a-z\d_*@])"
_NUMBER = r"(?P<value>[1-9](?:[ \-]?\d){4,10}|\*{5,21})(?![\d*@])"
_ORDER = r"(?P<value>[a-z]{0,4}[\d*][\d*\-]{6,34}\d)(?![\d*])"

IDENTIFIERS: tuple[Identifier, ...] = (
    Identifier(
        "email",
        _compiled(
            r"(?<![a-z0-9._%+\-*])(?:[a-z0-9._%+\-]{1,64}|[a-z0-9._%+\-]?\*{1,64})"
            r"@[a-z0-9\-]{1,63}(?:\.[a-z0-9\-]{1,63}){0,7}\.[a-z]{2,24}(?![a-z0-9])"
        ),
        _always,
        _name_of_mailbox,
    ),
    Identifier(
        "id_card",
        _compiled(r"(?<![a-z\d*])[1-9][\d*]{5}([ \-]?)[\d*]{8}\1[\d*]{3}[\dx](?![a-z\d*])"),
        _is_id_card,
        _inner(3, 2),
    ),
    Identifier(
        "order_id",
        _compiled(
            rf"(?:(?:订单(?:编?号码?)?|单号码?|流水号)(?:是|为)?[:：#\s]{{0,3}}|order\s?(?:no\.?|number|id)?\s?[:#]?\s?){_ORDER}"
        ),
        _is_order,
        _inner(None, 4),
    ),
    Identifier(
        "bank_card",
        _compiled(r"(?<![\d*])[3-6]\d{3}([ \-]?)[\d*]{4}\1[\d*]{4}\1[\d*]{4}(?:\1[\d*]{1,3})?(?![\d*])"),
        _is_bank_card,
        _inner(4, 4),
    ),
    Identifier(
        "phone",
        _compiled(
            r"(?<![\d*])(?:(?:\+|00)?86[ \-]{0,2})?1[3-9]\d[ \-.]{0,3}(?:\d{4}|\*{4})"
            r"[ \-.]{0,3}\d{4}(?![\d*])"
        ),
        _always,
        _inner(-8, 4),
    ),
    Identifier(
        "phone",
        _compiled(r"(?<![\d*])1([ \-.,，、])[3-9](?:\1[\d*]){9}(?!\1?[\d*])"),
        _is_phone,
        _inner(-8, 4),
    ),
    Identifier(
        "phone",
        _compiled(
            r"(?<![\d*\-])\(?0(?:10|2\d|[3-9]\d\d)[)\-][ ]?(?:[2-8]\d{2,3}|\*{3,4})[ \-]?\d{4}(?![\d*\-])"
        ),
        _always,
        _local_part,
    ),
    Identifier(
        "wechat",
        _compiled(rf"(?:加我?)?{_CONTACT}{_LINK}{_NO_ACCOUNT}{_ACCOUNT}{_MEASURE}"),
        _is_account,
        _whole,
    ),
    Identifier(
        "qq",
        _compiled(rf"(?:(?<![a-z])q{{1,2}}(?![a-z])|扣扣|企鹅|秋秋)群?{_LINK}{_NUMBER}{_MEASURE}"),
        _always,
        _whole,
    ),
    Identifier(
        "address",
        _compiled(
            rf"{_HOUSE_NUMBER}{_HOUSE}(?:[ ,，]?{_HOUSE_NUMBER}{_HOUSE}){{0,5}}"
            r"(?:(?<=[栋幢座元楼])[\d*]{3,4}(?![\d*元块天年月]))?"
        ),
        _is_address,
        _numbers_of_house,
    ),
)
"""In order of proof: where two claim the same characters, the first one has them."""
