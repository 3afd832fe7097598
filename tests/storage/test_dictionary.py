import pytest
from sqlalchemy.orm import Session

from storage import dictionary
from storage.errors import BadCursor, Conflict, NotFound


def words_of(session: Session, workspace_id: int) -> list[tuple[str, str, int | None]]:
    found = dictionary.workspace_words(session, workspace_id)
    return [(word.word, word.kind, word.weight) for word in found]


def test_words_are_kept_per_workspace(session: Session, workspace_id: int, other_id: int) -> None:
    put = dictionary.put_words(
        session,
        workspace_id,
        [{"word": "冰丝凉感"}, {"word": "不错", "kind": "split"}, {"word": "T恤", "weight": 9}],
    )
    assert [word.word for word in put] == ["冰丝凉感", "不错", "T恤"]
    assert words_of(session, workspace_id) == [
        ("冰丝凉感", "keep", None),
        ("不错", "split", None),
        ("T恤", "keep", 9),
    ]
    assert words_of(session, other_id) == []
    dictionary.put_words(session, other_id, [{"word": "冰丝凉感", "weight": 3}])
    assert words_of(session, workspace_id)[0] == ("冰丝凉感", "keep", None)
    assert dictionary.put_words(session, workspace_id, []) == []


def test_a_word_that_is_there_is_changed_whatever_its_case(session: Session, workspace_id: int) -> None:
    [first] = dictionary.put_words(session, workspace_id, [{"word": "Type-C口", "weight": 5}])
    [second] = dictionary.put_words(
        session, workspace_id, [{"word": "type-c口"}, {"word": "TYPE-C口", "kind": "split"}]
    )
    assert second.id == first.id
    assert words_of(session, workspace_id) == [("TYPE-C口", "split", None)]


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"word": "好"}, "'好'"),
        ({"word": "冰丝 凉感"}, "'冰丝 凉感'"),
        ({"word": "冰" * 21}, "'冰冰"),
        ({"word": "\ud800x"}, r"\ud800x"),
        ({"word": "冰丝", "weight": 0}, "(weight 0)"),
        ({"word": "冰丝", "weight": dictionary.HEAVIEST + 1}, "weight 10000001"),
    ],
)
def test_what_is_no_word_is_named_and_nothing_goes_in(
    session: Session, workspace_id: int, entry: dict[str, object], named: str
) -> None:
    with pytest.raises(ValueError, match="not for a dictionary") as refused:
        dictionary.put_words(session, workspace_id, [{"word": "冰丝凉感"}, entry])
    assert named in str(refused.value)
    assert words_of(session, workspace_id) == []


def test_a_dictionary_is_bounded(
    session: Session, workspace_id: int, other_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dictionary, "MOST_WORDS", 2)
    dictionary.put_words(session, other_id, [{"word": "一一"}])
    dictionary.put_words(session, workspace_id, [{"word": "一一"}, {"word": "二二"}])
    dictionary.put_words(session, workspace_id, [{"word": "一一", "weight": 7}])
    with pytest.raises(Conflict, match="holds 2 words, this one would have 3"):
        dictionary.put_words(session, workspace_id, [{"word": "三三"}])


def test_pages_newest_first(session: Session, workspace_id: int, other_id: int) -> None:
    dictionary.put_words(session, workspace_id, [{"word": word} for word in ("一一", "二二", "三三")])
    dictionary.put_words(session, other_id, [{"word": "四四"}])
    first = dictionary.list_words(session, workspace_id, limit=2)
    assert [word.word for word in first.items] == ["三三", "二二"]
    second = dictionary.list_words(session, workspace_id, cursor=first.next, limit=2)
    assert ([word.word for word in second.items], second.next) == (["一一"], None)
    with pytest.raises(BadCursor):
        dictionary.list_words(session, workspace_id, cursor="nonsense")


def test_a_word_is_removed_by_its_own_workspace_only(
    session: Session, workspace_id: int, other_id: int
) -> None:
    [word] = dictionary.put_words(session, workspace_id, [{"word": "冰丝凉感"}])
    for workspace, id in ((other_id, word.id), (workspace_id, word.id + 1)):
        with pytest.raises(NotFound, match=str(id)):
            dictionary.remove_word(session, workspace, id)
    assert dictionary.remove_word(session, workspace_id, word.id).word == "冰丝凉感"
    assert words_of(session, workspace_id) == []
    with pytest.raises(NotFound):
        dictionary.remove_word(session, workspace_id, word.id)
