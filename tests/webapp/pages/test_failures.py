import csv
import io

from storage.models import Refusal
from webapp.pages.failures import explain, failures_csv


def refusal(value: str, code: str = "missing_value") -> Refusal:
    return Refusal(line=7, column="评分", value=value, code=code)


def test_a_reason_is_given_in_the_readers_language() -> None:
    zh, en = explain(refusal("x"), "zh"), explain(refusal("x"), "en")
    assert (zh.line, zh.column, zh.value) == (7, "评分", "x")
    assert zh.reason == "必填项为空"
    assert en.reason == "a required value is missing"


def test_the_file_opens_in_spreadsheets(english: None) -> None:
    text = "".join(failures_csv([refusal('a "quoted", value')], "en"))
    assert text.startswith("\ufeffLine,")
    rows = list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))
    assert rows[1] == ["7", "评分", 'a "quoted", value', "a required value is missing"]


def test_no_value_runs_as_a_formula(english: None) -> None:
    for value in ("=cmd()", "+1", "-1", "@x", "\tx"):
        line = list(failures_csv([refusal(value)], "en"))[1]
        assert next(csv.reader([line]))[2] == f"'{value}"
