import time
import unicodedata
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.normalise import LONGEST_RUN, fold, half_width, normalise

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=300)
MARKUP = st.lists(
    st.sampled_from(
        ["<", ">", "b", "br", "/", "&", "amp;", "lt;", "#60;", "w", "www", ".", "http", "://", "\u200b"]
    )
    | st.sampled_from(["质亮", "很", "質", " ", "yyds", "ﾞ", "ｶ", "\uf900", "\u0301", "e", "&#8203;", "！"]),
    max_size=24,
).map("".join)
REVIEWISH = st.text(st.sampled_from("质量好不很，。！ ａＡ1１\n\x00\u200b<b>&;lt#x/"), max_size=200)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (" \n\t\r\n ", ""),
        ("ＡＢＣ　１２３％", "ABC 123%"),
        ("质量，很好！（真的）～", "质量，很好！（真的）～"),
        ("质\x00量\x07好", "质量好"),
        ("第一行\n第二行\u2028第三行", "第一行 第二行 第三行"),
        ("零\u200b宽\ufeff字\u202e符", "零宽字符"),
        ("\ud800好\udfff", "好"),
        ("质量<b>很</b>好<br/>不错<img src='a.png' alt=\"x\">", "质量很好 不错"),
        ("&lt;3&nbsp;A&amp;B&#22909;&#x597d;", "<3 A&B好好"),
        ("AT&T &unknown; a<3 且 b>2", "AT&T &unknown; a<3 且 b>2"),
        ("见http://a.cn/x?y=1，www.b.com/好", "见 ， 好"),
        ("好好好好好好！！！！！", "好好好！！！"),
        ("花了10000000元", "花了10000000元"),
        ("10²㎡ ½ ①……", "10²㎡ ½ ①……"),
        ("ﬁne ⼈ 𝐀", "fine 人 A"),
        ("´¨", "´¨"),
        ("ｶﾞ", "ガ"),
        ("質量很好，訂單已收", "质量很好，订单已收"),
        ("质亮很差，yyds", "质量很差，永远的神"),
        ("<<b>b>好&amp;amp;lt;", "好<"),
    ],
)
def test_written_form(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_huge_character_references_are_left_alone() -> None:
    # html.unescape would hand thousands of digits to int(), which refuses them.
    assert normalise("&#" + "9" * 10_000 + ";").startswith("&#999")


@given(ANY_TEXT | REVIEWISH)
def test_nothing_unreadable_is_left(text: str) -> None:
    plain = normalise(text)
    assert not any(unicodedata.category(character) in ("Cc", "Cs", "Co") for character in plain)
    assert plain == plain.strip()
    assert "  " not in plain
    plain.encode()


@given(ANY_TEXT | REVIEWISH)
def test_no_character_but_a_digit_runs_on(text: str) -> None:
    plain = normalise(text)
    runs = [len(list(run)) for character, run in groupby(plain) if not character.isdecimal()]
    assert max(runs, default=0) <= LONGEST_RUN


@given(ANY_TEXT | REVIEWISH | MARKUP)
def test_what_is_normal_stays_as_it_is(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)


@given(ANY_TEXT | REVIEWISH)
def test_folding_keeps_every_place(text: str) -> None:
    assert len(fold(text)) == len(half_width(text)) == len(text)


def test_folding_blanks_markup_and_addresses() -> None:
    assert fold("<b>好</b>ＡＢ") == "   好    ab"
    assert fold("看http://a.cn/b 好") == "看" + " " * 13 + " 好"
    assert half_width("<b>Ａ\x00") == "<b>a "


@pytest.mark.parametrize(
    "piece",
    [
        "好",
        "a",
        "1",
        "<",
        "<b ",
        "</",
        "&amp;",
        "&#1",
        "http://",
        "www.",
        "<!--",
        " ",
        "\u0301",
        "ﷺ",
        "啊呀",
        "a@b.",
        "amp;",
        "&amp;amp;",
        "<<b>",
        "質",
        "快第",
    ],
)
def test_time_is_linear(piece: str) -> None:
    text = (piece * 100_000)[:100_000]
    start = time.process_time()
    normalise(text)
    fold(text)
    assert time.process_time() - start < 2
