import re

from sqlalchemy.orm import Session

from storage import audit
from storage.models import Workspace
from tests.webapp.conftest import LogIn

WHO = audit.Actor("command line (root)")


def test_entries_are_ones_own_the_newest_first_and_page_by_page(
    log_in: LogIn, session: Session, workspace: Workspace, stranger_workspace: Workspace
) -> None:
    audit.record(session, stranger_workspace.id, WHO, "alert_rule.add", "the neighbour's")
    for number in range(60):
        audit.record(session, workspace.id, WHO, "alert_rule.add", f"rule-{number:02d}")
    session.commit()
    owner, address, seen = log_in("owner"), "/settings/audit", list[str]()
    for _ in range(2):
        page = owner.get(address).text
        assert "neighbour" not in page
        seen += re.findall(r"rule-\d\d", page)
        address = "/settings/audit?" + "".join(re.findall(r'audit\?(cursor=[^"&]+)', page)[:1])
    assert list(dict.fromkeys(seen)) == [f"rule-{number:02d}" for number in reversed(range(60))]


def test_a_cursor_of_nowhere_is_refused(log_in: LogIn) -> None:
    assert log_in("owner").get("/settings/audit?cursor=x").status_code == 400
