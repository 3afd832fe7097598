import pytest
from sqlalchemy.orm import Session

from storage import aspects
from storage.errors import Conflict

TREE = [
    {"name": "物流", "english": "delivery", "words": ["快递", "发货"]},
    {"name": "包装", "english": "packaging", "words": ["盒子"]},
]


@pytest.fixture(autouse=True)
def tree(session: Session) -> None:
    aspects.keep_tree(session, TREE)


def test_the_tree_is_kept_once_and_replaced_when_it_changes(session: Session, workspace_id: int) -> None:
    assert not aspects.keep_tree(session, TREE)
    assert aspects.keep_tree(session, TREE[1:])
    assert [branch.name for branch in aspects.branches(session, workspace_id)] == ["包装"]


def test_a_workspace_has_the_tree_with_its_changes(
    session: Session, workspace_id: int, other_id: int
) -> None:
    aspects.put_category(session, workspace_id, "烟机", words=["油烟", "油烟", "拢烟罩"])
    aspects.put_category(session, workspace_id, "物流", shown="配送", is_off=True)
    found = aspects.branches(session, workspace_id)
    assert [(one.name, one.shown, one.is_own) for one in found] == [
        ("物流", "配送", False),
        ("包装", "包装", False),
        ("烟机", "烟机", True),
    ]
    assert found[0].change is not None
    assert (found[0].change.is_off, found[2].change and found[2].change.words) == (True, ["油烟", "拢烟罩"])
    assert [one.change for one in aspects.branches(session, other_id)] == [None, None]


def test_a_change_takes_the_place_of_the_one_before_and_none_resets(
    session: Session, workspace_id: int
) -> None:
    aspects.put_category(session, workspace_id, "物流", words=["闪送"])
    aspects.put_category(session, workspace_id, "物流", shown="配送")
    [change] = aspects.categories(session, workspace_id)
    assert (change.shown, change.words) == ("配送", [])
    assert aspects.put_category(session, workspace_id, "物流") is None
    assert aspects.categories(session, workspace_id) == []


def test_names_that_others_have_are_refused(session: Session, workspace_id: int) -> None:
    aspects.put_category(session, workspace_id, "物流", shown="配送")
    for name, shown in (("包装", "物流"), ("包装", "配送"), ("配送", "")):
        with pytest.raises(Conflict):
            aspects.put_category(session, workspace_id, name, shown=shown, words=["油烟"])


@pytest.mark.parametrize(
    ("name", "shown", "words"),
    [
        ("", "", ["油烟"]),
        ("a/b", "", ["油烟"]),
        ("烟机", "长" * 21, []),
        ("烟机", "", ["烟"]),
        ("烟机", "", ["xx"] * 201),
    ],
)  # fmt: skip
def test_what_no_tree_can_hold_is_refused(
    session: Session, workspace_id: int, name: str, shown: str, words: list[str]
) -> None:
    with pytest.raises(ValueError, match=r"aspect tree|takes 200 words"):
        aspects.put_category(session, workspace_id, name, shown=shown, words=words)


def test_there_is_an_end_to_it(session: Session, workspace_id: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aspects, "MOST_CATEGORIES", 1)
    aspects.put_category(session, workspace_id, "烟机", words=["油烟"])
    with pytest.raises(Conflict, match="at most 1"):
        aspects.put_category(session, workspace_id, "灶具", words=["灶台"])


def test_built_in_categories_have_an_english_name(session: Session) -> None:
    aspects.keep_tree(session, [*TREE, {"name": "气味", "english": "", "words": ["味道"]}])
    assert aspects.english_names(session) == {"物流": "delivery", "包装": "packaging"}
