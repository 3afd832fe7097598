from io import BytesIO

import pytest

from ingest import CorruptFileError, Refusal
from ingest.json_table import MAX_KEYS, SAMPLE, json_table
from ingest.lines import Lines
from ingest.tables import Table


def table(text: str | bytes) -> Table:
    return json_table(Lines(BytesIO(text if isinstance(text, bytes) else text.encode()), "utf-8"))


def test_keys_are_columns_and_lines_count() -> None:
    found = table('{"a": 1, "b": "x"}\n\n{"b": null, "a": 2, "c": true}\n')
    assert (found.format, found.columns) == ("jsonl", ["a", "b", "c"])
    assert list(found.records) == [(1, [1, "x", None]), (3, [2, None, True])]


def test_what_is_not_an_object_is_refused_by_line() -> None:
    found = list(table('{"a": 1}\n{"a": \n[1]\n7\nnull\n{"a": 2}\n').records)
    assert [item.line if isinstance(item, Refusal) else item[0] for item in found] == [1, 2, 3, 4, 5, 6]
    assert [item.code.partition(":")[0] for item in found if isinstance(item, Refusal)] == [
        "invalid_json"
    ] * 4


def test_deep_nesting_is_refused() -> None:
    found = list(table('{"a": 1}\n{"a":' + "[" * 100_000 + "\n").records)
    assert isinstance(found[1], Refusal)
    assert found[1].code.startswith("invalid_json")


def test_endless_numbers_are_refused() -> None:
    found = list(table('{"a": 1}\n{"a": ' + "9" * 5_000 + "}\n").records)
    assert isinstance(found[1], Refusal)


def test_bad_bytes_are_refused_with_their_offset() -> None:
    found = list(table(b'{"a": 1}\n{"a": "\xff"}\n{"a": "\0"}\n').records)
    assert [item.code for item in found if isinstance(item, Refusal)] == ["undecodable:16", "nul:27"]


def test_objects_without_anything_are_skipped() -> None:
    assert list(table('{"a": 1}\n{}\n{"a": null}\n{"a": " "}\n').records) == [(1, [1])]


def test_keys_after_the_sample_are_left_out() -> None:
    found = table('{"a": 1}\n' * SAMPLE + '{"a": 2, "late": 3}\n')
    assert found.columns == ["a"]
    assert list(found.records)[-1] == (SAMPLE + 1, [2])


def test_the_width_is_bounded() -> None:
    text = "{" + ", ".join(f'"k{n}": {n}' for n in range(MAX_KEYS * 2)) + "}\n"
    assert len(table(text).columns) == MAX_KEYS


@pytest.mark.parametrize("text", ["{}\n{}\n", "{broken\n"])
def test_without_any_key_it_is_no_table(text: str) -> None:
    with pytest.raises(CorruptFileError) as caught:
        table(text)
    assert caught.value.line == 1


def test_keys_that_cannot_be_stored_are_spelled_out() -> None:
    found = table('{"\\ud800": 1, "a\\u0000": 2}\n')
    assert found.columns == ["\\ud800", "a\\0"]
    assert list(found.records) == [(1, [1, 2])]
