import pytest

from reports.cells import inert, said


@pytest.mark.parametrize("text", ["=1+1", " =1", "@SUM(A1)", "＝1", "-2"])
def test_text_that_could_run_is_made_text(text: str) -> None:
    assert inert(text) == f"'{text}"


def test_numbers_and_plain_text_stay() -> None:
    assert (inert(-2.5), inert("好"), inert(None)) == (-2.5, "好", None)


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        *((1933.0, "number", "1,933"), (22.554, "number", "22.55"), (-0.0832, "number", "−0.083")),
        *((5.8e-16, "number", "5.8e−16"), (0, "number", "0"), (0.034, "share", "3.4%")),
        *((7, "count", "7"), (None, "count", "—"), ("双11", "text", "双11")),
    ],
)
def test_numbers_have_the_digits_that_a_reader_needs(cell: str | float | None, kind: str, text: str) -> None:
    assert said(cell, kind) == text
