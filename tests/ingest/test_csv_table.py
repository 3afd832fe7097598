import csv
from io import BytesIO

import pytest

from ingest import CorruptFileError, EmptyFileError, Refusal
from ingest.csv_table import MAX_LINES, csv_table
from ingest.lines import Lines
from ingest.tables import Record, Table


def table(text: str | bytes, encoding: str = "utf-8") -> Table:
    data = text if isinstance(text, bytes) else text.encode(encoding)
    return csv_table(Lines(BytesIO(data), encoding))


def records(text: str | bytes, encoding: str = "utf-8") -> list[Record]:
    return list(table(text, encoding).records)


def codes(text: str | bytes) -> list[tuple[int, str]]:
    """Return line and code of refusals, line and first cell of rows."""
    return [
        (item.line, item.code) if isinstance(item, Refusal) else (item[0], item[1][0])
        for item in records(text)
    ]


def test_header_and_rows() -> None:
    found = table("a,b\n1,2\n3,4\n")
    assert (found.format, found.columns, found.encoding) == ("csv", ["a", "b"], "utf-8")
    assert list(found.records) == [(2, ["1", "2"]), (3, ["3", "4"])]


@pytest.mark.parametrize("delimiter", [",", "\t", ";"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    text = f"a{delimiter}b,c{delimiter}d\n" if delimiter != "," else "a,b;c,d\n"
    assert len(table(text.replace("b,c", '"b,,,,c"')).columns) == 3


def test_excels_own_hint_tells_the_delimiter() -> None:
    found = table("sep=|\na|b\n1|2\n")
    assert found.columns == ["a", "b"]
    assert list(found.records) == [(3, ["1", "2"])]


def test_one_column_needs_no_delimiter() -> None:
    assert records("a\n1\n2") == [(2, ["1"]), (3, ["2"])]


def test_lines_are_those_of_the_file() -> None:
    text = '\n\na,b\n1,"two\nlines, ""quoted"""\n\n3,4\r\n,\n5,6'
    assert records(text) == [(4, ["1", 'two\nlines, "quoted"']), (7, ["3", "4"]), (9, ["5", "6"])]


def test_a_header_of_two_lines() -> None:
    found = table('"a\nx",b\n1,2\n')
    assert found.columns == ["a\nx", "b"]
    assert list(found.records) == [(3, ["1", "2"])]


def test_too_few_and_too_many_fields() -> None:
    assert codes("a,b,c\n1,2\n1,2,3\n1,2,3,4\n1,2,3,,\n") == [
        (2, "too_few_fields:2 / 3"),
        (3, "1"),
        (4, "too_many_fields:4 / 3"),
        (5, "1"),
    ]


def test_a_refused_line_is_shown() -> None:
    assert records("a,b\n1\n") == [Refusal(2, "", "1", "too_few_fields:1 / 2")]


def test_a_quote_never_closed_costs_its_line_only() -> None:
    text = 'a,b\n1,"oops\n' + "".join(f"{n},x\n" for n in range(2, 50))
    found = codes(text)
    assert found[0] == (2, "unclosed_quote")
    assert found[1:] == [(n + 1, str(n)) for n in range(2, 50)]


def test_a_quote_closed_by_a_later_one_costs_its_line_only() -> None:
    assert codes('a,b,c\n1,"oops,x\n2,y,z\n3,"fine",z\n4,u,v\n') == [
        (2, "unclosed_quote"),
        (3, "2"),
        (4, "3"),
        (5, "4"),
    ]


def test_a_quote_never_closed_in_a_large_file() -> None:
    rows = 20_000
    text = 'a,b\n1,"oops\n' + "".join(f"{n},some text\n" for n in range(rows))
    assert len(text) > csv.field_size_limit()
    found = codes(text)
    assert found[0] == (2, "unclosed_quote")
    assert len(found) == rows + 1


def test_many_quotes_never_closed() -> None:
    found = codes("a,b\n" + '1,"oops,x,y\n2,fine\n' * 5_000)
    assert sum(code == "2" for _, code in found) >= 2_500
    assert [line for line, _ in found] == sorted({line for line, _ in found})


def test_quotes_that_reopen_on_every_line_end_the_reading() -> None:
    found = table("a,b\n" + 'x","y\n' * 50_000).records
    with pytest.raises(CorruptFileError, match="unclosed quotes"):
        list(found)


def test_a_record_of_many_lines_is_a_quote_never_closed() -> None:
    text = '1,"' + "line\n" * (MAX_LINES + 5) + '"\n2,fine\n'
    assert codes("a,b\n" + text)[0] == (2, "unclosed_quote")
    assert codes("a,b\n" + '1,"' + "line\n" * (MAX_LINES - 1) + '"\n2,fine\n')[0] == (2, "1")


def test_a_field_too_long_for_the_parser() -> None:
    found = codes(f"a,b\n1,{'x' * 200_000}\n2,y\n")
    assert found == [(2, f"text_too_long:>{csv.field_size_limit()}"), (3, "2")]


def test_a_carriage_return_inside_a_line() -> None:
    found = codes("a,b\n1,x\ry\n2,z\n")
    assert found[0][1].startswith("malformed:")
    assert found[1:] == [(3, "2")]


def test_bad_bytes_refuse_their_row_with_the_offset() -> None:
    data = b"a,b\n1,\xff\n2,ok\n3,\0\n" + b'4,"x\n\xfe"\n5,ok\n'
    assert codes(data) == [
        (2, "undecodable:6"),
        (3, "2"),
        (4, "nul:15"),
        (5, "undecodable:22"),
        (7, "5"),
    ]
    assert data[22] == 0xFE


def test_a_broken_header_is_an_error_with_its_place() -> None:
    with pytest.raises(CorruptFileError) as caught:
        table(b"a,\xff\n1,2\n")
    assert (caught.value.code, caught.value.line) == ("bad_header", 1)
    with pytest.raises(CorruptFileError):
        table(b"a,b\0\n1,2\n")


def test_no_header_at_all() -> None:
    with pytest.raises(EmptyFileError):
        table(" \n\n")


def test_old_style_line_ends() -> None:
    assert records("a,b\r1,2\r3,4") == [(2, ["1", "2"]), (3, ["3", "4"])]


def test_a_file_that_ends_in_a_quoted_field() -> None:
    assert records('a,b\n1,"x\ny"') == [(2, ["1", "x\ny"])]
