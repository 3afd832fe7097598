"""Views that a reader keeps: their own alone, and shown where they apply."""

import re

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage.models import SavedView, Workspace
from storage.saved_views import MOST
from tests.webapp.conftest import LogIn
from tests.webapp.pages.factories import make_product

VIEW = {"name": "茶具，少的在前", "category": "茶具", "sort": "units", "order": "asc"}


def chosen(html: str) -> list[str]:
    return re.findall(r'aria-current="true">([^<]+)<', html)


def fill(session: Session, workspace: Workspace) -> None:
    for number, category in enumerate(("茶具", "厨具")):
        make_product(session, workspace.id, f"P{number}", category=category)
    session.commit()


def test_a_view_is_kept_chosen_and_removed(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    fill(session, workspace)
    viewer = log_in("viewer")
    kept = viewer.post("/views", data=VIEW)
    html = viewer.get(kept.headers["Location"]).text
    assert chosen(html) == [VIEW["name"]]
    assert "P0" in html
    assert "P1" not in html
    assert chosen(viewer.get("/").text) == ["全部商品"]
    [removal] = re.findall(r'action="(/views/\d+/remove)"', html)
    viewer.post(removal)
    assert VIEW["name"] not in viewer.get("/").text


def test_a_name_given_again_is_the_same_view(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    viewer = log_in("viewer")
    for sort in ("units", "title"):
        viewer.post("/views", data=VIEW | {"sort": sort})
    [view] = session.query(SavedView).all()
    assert view.wish == {"category": "茶具", "sort": "title", "order": "asc"}


def test_others_neither_see_nor_remove_it(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    fill(session, workspace)
    log_in("viewer").post("/views", data=VIEW)
    [view] = session.query(SavedView).all()
    owner = log_in("owner")
    assert VIEW["name"] not in owner.get("/").text
    assert owner.post(f"/views/{view.id}/remove").status_code == 404


def test_names_and_numbers_are_bounded(log_in: LogIn) -> None:
    viewer: FlaskClient = log_in("viewer")
    for name in ("", "长" * 31):
        assert viewer.post("/views", data=VIEW | {"name": name}).status_code == 400
    statuses = [viewer.post("/views", data=VIEW | {"name": f"{n}"}).status_code for n in range(MOST + 1)]
    assert statuses == [302] * MOST + [409]
