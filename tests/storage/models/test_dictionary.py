from sqlalchemy.orm import Session

from storage.models import DictionaryWord, User, Workspace
from tests.storage.models.rows import count, put, refusal, remove


def test_a_word_has_a_known_kind_and_stands_once_in_its_workspace(
    session: Session, workspace_id: int, other_id: int
) -> None:
    row = put(session, DictionaryWord, workspace_id=workspace_id, word="Type-C口")
    assert (row.kind, row.weight, row.user_id) == ("keep", None, None)
    word = {"workspace_id": workspace_id, "word": "冰丝凉感"}
    assert refusal(session, DictionaryWord, **word, kind="maybe") == "ck_dictionary_words_kind"
    again = {"workspace_id": workspace_id, "word": "TYPE-c口"}
    assert refusal(session, DictionaryWord, **again) == "uq_dictionary_words_word"
    assert refusal(session, DictionaryWord, **(again | {"workspace_id": other_id})) is None


def test_words_outlive_who_put_them_in_and_go_with_their_workspace(
    session: Session, workspace_id: int
) -> None:
    user = put(session, User, email="li@example.com", password_hash="x")
    row = put(session, DictionaryWord, workspace_id=workspace_id, word="冰丝凉感", user_id=user.id)
    remove(session, user)
    assert session.get_one(DictionaryWord, row.id).user_id is None
    remove(session, session.get_one(Workspace, workspace_id))
    assert count(session, DictionaryWord) == 0
