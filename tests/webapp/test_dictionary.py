from collections.abc import Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.errors import NotFound
from storage.models import AuditEntry, DictionaryWord, Workspace
from webapp import dictionary


@pytest.fixture(autouse=True)
def at_the_command_line(app: Flask) -> Iterator[None]:
    with app.app_context():
        yield


def put(session: Session, workspace: Workspace, **kinds: str) -> list[DictionaryWord]:
    words = [{"word": word, "kind": kind} for word, kind in kinds.items()]
    return dictionary.put_words(session, workspace.id, words, None)


@pytest.mark.parametrize(
    ("given", "kept"),
    [(" ＴＹＰＥ－Ｃ口 ", "TYPE-C口"), ("冰丝", "冰丝"), ("丝", None), ("两 个", None), ("x" * 21, None)],
)
def test_a_word_is_half_width_and_of_letters_that_the_segmenter_takes(given: str, kept: str | None) -> None:
    assert dictionary.cleaned(given) == kept


def test_what_words_were_before_is_noted(session: Session, workspace: Workspace) -> None:
    put(session, workspace, 冰丝="keep")
    put(session, workspace, 冰丝="split", 凉感="keep")
    query = select(AuditEntry).where(AuditEntry.workspace_id == workspace.id).order_by(AuditEntry.place)
    first, second = session.scalars(query)
    assert (first.before, first.after) == ({}, {"冰丝": "keep"})
    assert (second.before, second.after) == ({"冰丝": "keep"}, {"冰丝": "split", "凉感": "keep"})


def test_words_are_taken_away_whatever_their_case_and_only_ones_own(
    session: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    [word, _] = put(session, workspace, **{"Type-C口": "keep", "凉感": "keep"})
    assert dictionary.remove_words(session, stranger_workspace.id, ["凉感"]) == []
    with pytest.raises(NotFound):
        dictionary.remove_word(session, stranger_workspace.id, word.id)
    gone = dictionary.remove_words(session, workspace.id, ["TYPE-c口", "没有"])
    assert [one.word for one in gone] == ["Type-C口"]
