import time
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlp.language import Language, language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("质量很好", "zh"),
        ("iPhone 15 Pro 很好用", "zh"),
        ("質量很好", "zh-Hant"),
        ("物流好慢，讓人失望", "zh-Hant"),
        ("清朝乾隆年间的款式，很好看", "zh"),
        ("見 http://a.cn/abc/def/ghi", "zh-Hant"),
        ("The quality is good", "en"),
        ("It doesn't work 好", "en"),
        ("ok", "en"),
        ("works fine, would buy again", "en"),
        ("The cafe was nice, très chic", "en"),
        ("muy bueno", "other"),
        ("Sehr gut, schnelle Lieferung", "other"),
        ("Chất lượng rất tốt", "other"),
        ("とても良いです", "other"),
        ("정말 좋아요", "other"),
        ("отличный товар", "other"),
        ("منتج جيد", "other"),
        ("", "other"),
        ("123 !!! 👍", "other"),
        ("好评！Спасибо", "other"),
        ("这个东西很不错！Спасибо", "zh"),
    ],
)
def test_language_of_script(text: str, language: str) -> None:
    assert language_of(text) == language


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_has_one_of_four_languages(text: str) -> None:
    assert language_of(text) in get_args(Language)


@pytest.mark.parametrize("piece", ["好", "質", "a", "a ", "é", "'", "http://", "я"])
def test_time_is_linear(piece: str) -> None:
    start = time.process_time()
    language_of((piece * 100_000)[:100_000])
    assert time.process_time() - start < 2
