import pytest

from reports.cells import inert


@pytest.mark.parametrize("text", ["=1+1", " =1", "@SUM(A1)", "＝1", "-2"])
def test_text_that_could_run_is_made_text(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_numbers_and_plain_text_stay() -> None:
    assert (inert(-2.5), inert("好"), inert(None)) == (-2.5, "好", None)
