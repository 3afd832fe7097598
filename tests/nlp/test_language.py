import pytest

from nlp.language import language_of


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("质量很好", "zh"),
        ("iPhone 15 Pro 很好用", "zh"),
        ("質量很好", "zh"),
        ("The quality is good", "en"),
        ("It doesn't work 好", "en"),
        ("ok", "en"),
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
