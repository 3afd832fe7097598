from collections.abc import Callable

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from storage import audit
from storage.models import Workspace

Bearer = Callable[..., dict[str, str]]
URL = "/api/v1/audit"


def record(session: Session, workspace: Workspace, *actions: str) -> None:
    for number, action in enumerate(actions):
        audit.record(session, workspace.id, audit.Actor("li@example.com"), action, after={"n": number})
    session.commit()


def test_entries_come_newest_first_and_page_by_page(
    client: FlaskClient, bearer: Bearer, session: Session, workspace: Workspace
) -> None:
    owner = bearer("owner")
    record(session, workspace, "login", "token.create", "logout")
    first = client.get(f"{URL}?limit=2", headers=owner).json
    assert [(item["place"], item["action"]) for item in first["items"]] == [
        (3, "logout"),
        (2, "token.create"),
    ]
    rest = client.get(f"{URL}?limit=2&cursor={first['next']}", headers=owner).json
    assert ([item["action"] for item in rest["items"]], rest["next"]) == (["login"], None)
    assert first["items"][1]["previous"] == rest["items"][0]["hash"]


def test_only_those_that_begin_as_asked(
    client: FlaskClient, bearer: Bearer, session: Session, workspace: Workspace
) -> None:
    owner = bearer("owner")
    record(session, workspace, "login", "login.refused", "token.create")
    asked = [
        client.get(f"{URL}?action={action}", headers=owner).json["items"] for action in ("login", "tok", "%")
    ]
    assert [len(items) for items in asked] == [2, 1, 0]
    assert client.get(f"{URL}?action={'x' * 51}", headers=owner).status_code == 400


def test_a_neighbours_log_is_not_shown(
    client: FlaskClient, bearer: Bearer, session: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    record(session, workspace, "login")
    assert client.get(URL, headers=bearer("owner", of=stranger_workspace)).json == {"items": [], "next": None}
