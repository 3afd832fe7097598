import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from ingest import EmptyFileError, WrongColumnsError
from settings import Settings
from storage import sales
from storage.models import Job, Upload, User, Workspace
from tests.webapp.outbox import Outbox
from webapp import imports, uploads
from webapp.enqueue import IMPORT_CHUNK, attach
from webapp.imports import ImportRefused, start_import, start_stored_import

REVIEWS = "商品ID,评论时间,评论内容\nA1,2026-06-01 10:00,物流很快\n".encode()
SALES = b"product_id,date,units,discount,weather\nA1,2026-06-01,3,0.1,21.5\n"


@pytest.fixture
def store(
    app: Flask, session: Session, settings: Settings, workspace: Workspace, user: User, outbox: Outbox
) -> Iterator[Callable[..., Upload]]:
    attach(session, outbox)

    def keep(data: bytes, name: str = "a.csv") -> Upload:
        return uploads.store(session, settings, workspace.id, user.id, io.BytesIO(data), name)

    with app.test_request_context("/"):
        yield keep


def test_a_stored_file_becomes_a_job_of_its_sender(
    store: Callable[..., Upload], session: Session, settings: Settings, user: User, outbox: Outbox
) -> None:
    upload = store(REVIEWS)
    job = start_stored_import(session, settings, upload, "reviews", {"评论内容": "text"}, "utf-8")
    assert outbox.sent == []
    session.commit()
    assert [task for task, *_ in outbox.sent] == [IMPORT_CHUNK]
    assert (job.user_id, job.upload_id, job.workspace_id) == (user.id, upload.id, upload.workspace_id)
    assert job.params == {"mapping": {"评论内容": "text"}, "encoding": "utf-8", "columns": {}}


def test_a_refused_stored_file_stays_for_another_try(
    store: Callable[..., Upload], session: Session, settings: Settings
) -> None:
    upload = store(REVIEWS)
    with pytest.raises(WrongColumnsError, match="units"):
        start_stored_import(session, settings, upload, "sales")
    assert uploads.path_of(settings, upload).read_bytes() == REVIEWS
    assert start_stored_import(session, settings, upload, "reviews").kind == "import_reviews"


def test_a_refused_stream_leaves_no_file(
    store: Callable[..., Upload], session: Session, settings: Settings, workspace: Workspace
) -> None:
    with pytest.raises(EmptyFileError):
        start_import(session, settings, workspace.id, None, "reviews", io.BytesIO(b""), "a.csv")
    assert [path for path in settings.uploads_dir.rglob("*") if path.is_file()] == []
    assert session.scalars(select(Job)).all() == []


def test_an_unknown_kind_is_refused(
    store: Callable[..., Upload], session: Session, settings: Settings
) -> None:
    with pytest.raises(WrongColumnsError, match="gossip"):
        start_stored_import(session, settings, store(REVIEWS), "gossip")


def test_a_preview_shows_what_would_go_in(store: Callable[..., Upload], settings: Settings) -> None:
    seen = imports.preview(settings, store(REVIEWS.decode().encode("gb18030")), "reviews")
    assert seen.encoding == "gb18030"
    assert seen.rows[0].values["text"] == "物流很快"


class TestRoles:
    def columns(self, session: Session, settings: Settings, upload: Upload, **roles: str) -> dict[str, str]:
        return start_stored_import(session, settings, upload, "sales", roles=roles).params["columns"]

    def test_past_unless_declared(
        self, store: Callable[..., Upload], session: Session, settings: Settings
    ) -> None:
        assert self.columns(session, settings, store(SALES)) == {"discount": "past", "weather": "past"}
        declared = self.columns(session, settings, store(SALES), discount="future")
        assert declared == {"discount": "future", "weather": "past"}

    def test_what_an_earlier_file_declared_holds(
        self, store: Callable[..., Upload], session: Session, settings: Settings, workspace: Workspace
    ) -> None:
        sales.declare_columns(session, workspace.id, {"discount": "future"})
        assert self.columns(session, settings, store(SALES))["discount"] == "future"
        assert self.columns(session, settings, store(SALES), discount="past")["discount"] == "past"

    def test_our_own_columns_may_be_named_with_the_role_they_have(
        self, store: Callable[..., Upload], session: Session, settings: Settings
    ) -> None:
        assert "views" not in self.columns(session, settings, store(SALES), views="past", promo="future")
        with pytest.raises(ImportRefused, match="views"):
            self.columns(session, settings, store(SALES), views="future")

    @pytest.mark.parametrize("roles", [{"units": "past"}, {"nothing": "past"}, {"weather": "static"}])
    def test_what_fits_no_column_is_refused(
        self, store: Callable[..., Upload], session: Session, settings: Settings, roles: dict[str, str]
    ) -> None:
        with pytest.raises(ImportRefused):
            self.columns(session, settings, store(SALES), **roles)
