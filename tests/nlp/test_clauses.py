from hypothesis import given
from hypothesis import strategies as st

from nlp.clauses import LONGEST, SHORTEST, Clause, clauses, sample


def said(text: str) -> list[str]:
    return [clause.text for clause in clauses([(1, text)])]


def test_a_review_is_cut_where_something_new_is_said() -> None:
    assert said("物流很快的，包装也不错！就是有点贵") == ["物流很快的", "包装也不错", "就是有点贵"]


def test_what_is_too_short_says_nothing_by_itself() -> None:
    assert said("好，很好，12345，制冷很快") == ["制冷很快"]


def test_a_heading_that_a_form_put_there_is_left_out() -> None:
    text = "静音效果：晚上睡觉没声音"
    assert list(clauses([(7, text)])) == [Clause(7, "晚上睡觉没声音", 5, len(text))]


def test_a_decimal_point_does_not_end_a_clause() -> None:
    assert said("空调是1.5匹的很合适") == ["空调是1.5匹的很合适"]


def test_personal_data_is_starred_out_and_spans_stay_right() -> None:
    text = "有事打我电话13812345678就行"
    [clause] = clauses([(1, text)])
    assert "13812345678" not in clause.text
    assert text[clause.start : clause.end] == text


@given(st.text(alphabet="好快慢质量，。：!\n a1.*", max_size=300))
def test_spans_point_at_what_is_said(text: str) -> None:
    for clause in clauses([(1, text)]):
        assert text[clause.start : clause.end] == clause.text
        assert SHORTEST <= len(clause.text) <= LONGEST


@given(st.lists(st.text(max_size=5)), st.integers(0, 10))
def test_a_sample_does_not_depend_on_order_or_copies(texts: list[str], most: int) -> None:
    found = sample(texts, most)
    assert found == sample(list(reversed(texts)) * 2, most)
    assert len(found) == min(most, len(set(texts)))
