import hashlib
import io
from dataclasses import replace

import pytest
from sqlalchemy.orm import Session

from settings import Settings
from storage.models import Workspace
from webapp import uploads
from webapp.uploads import UploadTooLarge, path_of, store


class Pieces(io.RawIOBase):
    """A stream that says how much was ever asked of it at once."""

    def __init__(self, total: int) -> None:
        self.left, self.most = total, 0

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "the whole file was asked for"
        self.most = max(self.most, size)
        piece = b"x" * min(size, self.left)
        self.left -= len(piece)
        return piece


def files_in(settings: Settings) -> list[str]:
    return [path.name for path in settings.uploads_dir.rglob("*") if path.is_file()]


def test_bytes_are_kept_as_they_came(session: Session, settings: Settings, workspace: Workspace) -> None:
    data = "评论内容,评分\r\n很好,5\r\n".encode("gb18030") + b"\x00\xff"
    upload = store(session, settings, workspace.id, None, io.BytesIO(data), "评论.csv")
    assert path_of(settings, upload).read_bytes() == data
    assert (upload.size, upload.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert upload.original_name == "评论.csv"


def test_a_large_file_is_never_whole_in_memory(
    session: Session, settings: Settings, workspace: Workspace
) -> None:
    stream = Pieces(5 * uploads.PIECE + 3)
    upload = store(session, settings, workspace.id, None, stream, "big.csv")
    assert upload.size == 5 * uploads.PIECE + 3
    assert stream.most == uploads.PIECE


def test_too_large_a_file_leaves_nothing(session: Session, settings: Settings, workspace: Workspace) -> None:
    small = replace(settings, max_upload_bytes=10)
    with pytest.raises(UploadTooLarge, match="10"):
        store(session, small, workspace.id, None, io.BytesIO(b"x" * 11), "a.csv")
    assert files_in(settings) == []


def test_exactly_the_limit_goes_in(session: Session, settings: Settings, workspace: Workspace) -> None:
    small = replace(settings, max_upload_bytes=10)
    assert store(session, small, workspace.id, None, io.BytesIO(b"x" * 10), "a.csv").size == 10


def test_a_workspace_that_is_not_there_leaves_no_file(session: Session, settings: Settings) -> None:
    with pytest.raises(Exception, match="workspace"):
        store(session, settings, 10**9, None, io.BytesIO(b"x"), "a.csv")
    assert files_in(settings) == []


@pytest.mark.parametrize(
    ("name", "kept", "suffix"),
    [
        ("../../etc/passwd", "passwd", ""),
        ("C:\\Users\\li\\评价.XLSX", "评价.XLSX", ".xlsx"),
        ("reviews.csv.gz", "reviews.csv.gz", ".csv.gz"),
        ("", "upload", ""),
        ("x" * 300 + ".csv", "x" * 200, ".csv"),
    ],
)
def test_a_foreign_name_stays_off_our_disk(
    session: Session, settings: Settings, workspace: Workspace, name: str, kept: str, suffix: str
) -> None:
    upload = store(session, settings, workspace.id, None, io.BytesIO(b"x"), name)
    path = path_of(settings, upload)
    assert upload.original_name == kept
    assert path.name.endswith(suffix)
    assert path.resolve().is_relative_to((settings.uploads_dir / str(workspace.id)).resolve())


def test_a_file_whose_row_is_rolled_back_goes_too(
    session: Session, settings: Settings, workspace: Workspace
) -> None:
    store(session, settings, workspace.id, None, io.BytesIO(b"kept"), "a.csv")
    session.commit()
    store(session, settings, workspace.id, None, io.BytesIO(b"lost"), "b.csv")
    assert len(files_in(settings)) == 2
    session.rollback()
    assert len(files_in(settings)) == 1
    session.rollback()
    assert len(files_in(settings)) == 1
