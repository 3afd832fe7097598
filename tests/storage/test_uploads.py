import pytest
from sqlalchemy import delete
from sqlalchemy.orm import Session

from storage import uploads
from storage.errors import NotFound
from storage.models import Upload, User, Workspace
from tests.storage.factories import make_workspace


def add(session: Session, workspace_id: int, **fields: object) -> Upload:
    plain = {"path": "a/b.csv", "original_name": "评论.csv", "sha256": "f" * 64, "size": 10}
    return uploads.add_upload(session, workspace_id, **{**plain, **fields})


def test_an_upload_belongs_to_its_workspace(session: Session, workspace_id: int, other_id: int) -> None:
    made = add(session, workspace_id, size=2**40)
    session.expire_all()
    found = uploads.get_upload(session, workspace_id, made.id)
    assert (found.path, found.original_name, found.sha256) == ("a/b.csv", "评论.csv", "f" * 64)
    assert (found.size, found.user_id) == (2**40, None)
    with pytest.raises(NotFound, match=str(made.id)):
        uploads.get_upload(session, other_id, made.id)


def test_an_unknown_upload_is_named(session: Session, workspace_id: int) -> None:
    with pytest.raises(NotFound, match="upload 987654321 does not exist"):
        uploads.get_upload(session, workspace_id, 987654321)


def test_the_same_file_sent_twice_is_two_uploads(session: Session, workspace_id: int) -> None:
    first, second = add(session, workspace_id), add(session, workspace_id)
    assert first.id != second.id
    assert uploads.get_upload(session, workspace_id, first.id) is first


def test_an_upload_outlives_its_sender_but_not_its_workspace(session: Session) -> None:
    workspace = make_workspace(session)
    user = User(email=f"sender-{workspace.id}@example.com", password_hash="x")
    session.add(user)
    session.flush()
    made = add(session, workspace.id, user_id=user.id)
    session.execute(delete(User).where(User.id == user.id))
    session.refresh(made)
    assert made.user_id is None
    session.execute(delete(Workspace).where(Workspace.id == workspace.id))
    session.expunge_all()
    with pytest.raises(NotFound):
        uploads.get_upload(session, workspace.id, made.id)
