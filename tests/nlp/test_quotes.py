from nlp.clauses import Clause
from nlp.quotes import quotes


def clause(review: int, text: str) -> Clause:
    return Clause(review, text, 0, len(text))


def test_quotes_are_distinct_and_of_different_reviews() -> None:
    given = [
        clause(1, "安装师傅很专业"),
        clause(2, "安装师傅很专业的"),
        clause(1, "物流速度特别快"),
        clause(3, "师傅打孔收费太贵"),
    ]
    assert quotes(given) == [
        {"review_id": 1, "text": "安装师傅很专业"},
        {"review_id": 3, "text": "师傅打孔收费太贵"},
    ]


def test_at_most_so_many_are_taken_from_the_front() -> None:
    given = [clause(number, text) for number, text in enumerate(["制冷很快啊", "外观真漂亮", "客服没人理"])]
    assert [quote["review_id"] for quote in quotes(given, most=2)] == [0, 1]


def test_what_is_too_short_or_too_long_is_passed_over() -> None:
    assert quotes([clause(1, "挺好的啊"), clause(2, "好" * 41)]) == []
    assert len(quotes([clause(1, "真挺好的啊"), clause(2, "很" * 40)])) == 2
