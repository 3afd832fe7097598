from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from sqlalchemy import Engine, inspect, text
from sqlalchemy.orm import Session

from storage.bulk import stage, storable
from storage.models import Product, Review, Sale


def read(session: Session, table: str) -> list[dict[str, Any]]:
    found = session.execute(text(f"SELECT * FROM pg_temp.{table} ORDER BY ordinal"))
    return [dict(row) for row in found.mappings()]


def test_rows_keep_their_place_and_what_they_lack_is_null(session: Session) -> None:
    rows = ({"external_id": name, "unknown": 1} for name in ("B2", "A1", "B2"))
    name = stage(session, Product, ["external_id", "title"], rows)
    assert read(session, name) == [
        {"external_id": "B2", "title": None, "ordinal": 1},
        {"external_id": "A1", "title": None, "ordinal": 2},
        {"external_id": "B2", "title": None, "ordinal": 3},
    ]


def test_values_come_back_as_they_were(session: Session) -> None:
    row = {
        "price": Decimal("89.9000"),
        "launched_at": date(2026, 1, 2),
        "analysis": {"language": "zh", "词": [1, None, {"a": "b\\N"}]},
        "created_at": datetime(2026, 6, 1, 4, tzinfo=UTC),
    }
    [found] = read(session, stage(session, Product, list(row), [row]))
    assert found == {**row, "ordinal": 1}


def test_lists_go_into_arrays(session: Session) -> None:
    words = {"keywords": ['a,"b"', "{}", "快"], "pii": []}
    [found] = read(session, stage(session, Review, ["keywords", "pii"], [words]))
    assert (found["keywords"], found["pii"]) == (words["keywords"], [])


@pytest.mark.parametrize("words", ["", "\\N", "\\.", "a\tb\nc\r\nd", 'a,"b";\\t', "NULL", "👍🏽 很好"])
def test_no_text_is_taken_for_a_sign_of_the_format(session: Session, words: str) -> None:
    [found] = read(session, stage(session, Product, ["title"], [{"title": words}]))
    assert found["title"] == words


def test_no_rows_leave_an_empty_table(session: Session) -> None:
    assert read(session, stage(session, Sale, ["day", "units"], [])) == []


def test_staging_again_starts_afresh_with_other_columns(session: Session) -> None:
    stage(session, Sale, ["day", "units"], [{"day": date(2026, 6, 1), "units": 1.0}])
    name = stage(session, Sale, ["units"], [{"units": 2.5}])
    assert read(session, name) == [{"units": 2.5, "ordinal": 1}]


def test_a_value_of_the_wrong_type_is_refused(session: Session) -> None:
    with pytest.raises(psycopg.DataError, match="many"), session.begin_nested():
        stage(session, Sale, ["units"], [{"units": "many"}])
    assert read(session, stage(session, Sale, ["units"], [{"units": 1}]))[0]["units"] == 1.0


def test_two_imports_at_once_do_not_see_each_others_rows(engine: Engine) -> None:
    with Session(engine) as one, Session(engine) as other:
        first = stage(one, Product, ["title"], [{"title": "one"}])
        second = stage(other, Product, ["title"], [{"title": "other"}])
        assert [row["title"] for row in read(one, first)] == ["one"]
        assert [row["title"] for row in read(other, second)] == ["other"]


def test_the_table_is_gone_after_the_commit(engine: Engine) -> None:
    with engine.connect() as connection, Session(connection) as session:
        name = stage(session, Product, ["title"], [{"title": "a"}])
        assert name in inspect(connection).get_temp_table_names()
        session.commit()
        assert name not in inspect(connection).get_temp_table_names()


@pytest.mark.parametrize(
    ("words", "kept"),
    [
        ("", ""),
        ("plain\t\n", "plain\t\n"),
        ("\x00a\x00\x00b", "ab"),
        ("\x00", ""),
        ("很\ud83d好\udc4d", "很好"),
        ("\x00好\ud800", "好"),
        ("👍", "👍"),
    ],
)
def test_only_what_the_database_cannot_hold_is_dropped(words: str, kept: str) -> None:
    assert storable(words) == kept
