import pytest

from ingest import (
    CorruptFileError,
    EmptyFileError,
    IngestError,
    TooLargeError,
    UnsupportedFileError,
    WrongColumnsError,
)


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (EmptyFileError, "empty_file"),
        (CorruptFileError, "corrupt"),
        (TooLargeError, "too_large"),
        (UnsupportedFileError, "unsupported"),
        (WrongColumnsError, "missing_columns"),
    ],
)
def test_each_error_has_a_code_of_its_own(kind: type[IngestError], code: str) -> None:
    error = kind()
    assert isinstance(error, IngestError)
    assert error.code == code


def test_an_error_names_line_and_column_in_both_languages() -> None:
    error = CorruptFileError("line_too_long", line=7, column="评论", limit="8")
    assert error.reason("zh").startswith("第 7 行，「评论」列：")
    assert error.reason("en").startswith("line 7, column '评论': ")


def test_its_text_is_the_english_reason() -> None:
    error = TooLargeError(limit="2,000")
    assert str(error) == error.reason("en")
    assert "2,000" in str(error)
