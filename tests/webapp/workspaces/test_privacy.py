from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.models import AuditEntry, Review, Workspace
from tests.webapp import factories
from tests.webapp.conftest import LogIn

SECRET = "别人的秘密物流很慢"


def test_a_shopper_is_erased_with_a_receipt_in_the_audit_log(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    owner = log_in("owner")
    factories.review(session, factories.product(session, workspace), text=SECRET, user_key="buyer-1")
    wish = {"kind": "shopper", "name": "buyer-1"}
    owner.post("/settings/privacy/erase", data=wish)
    assert session.scalar(select(func.count()).select_from(Review)) == 1, "not unless they are sure"
    page = owner.post("/settings/privacy/erase", data=wish | {"sure": "yes"}).text
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.shopper"))
    assert entry.hash in page
    assert "<dt>Reviews</dt><dd>1</dd>" in page or "<dt>评论</dt><dd>1</dd>" in page
    assert entry.after is not None
    assert entry.after["rows"]["reviews"] == 1
    assert "buyer-1" not in entry.target
    assert session.scalar(select(func.count()).select_from(Review)) == 0


def test_nothing_found_of_a_shopper_is_said_instead_of_an_empty_receipt(
    log_in: LogIn, session: Session, workspace: Workspace
) -> None:
    owner = log_in("owner")
    wish = {"kind": "shopper", "name": "nobody", "sure": "yes"}
    page = owner.post("/settings/privacy/erase?lang=zh", data=wish).text
    assert "没有找到" in page
    [entry] = session.scalars(select(AuditEntry).where(AuditEntry.action == "erase.shopper"))
    assert entry.hash not in page


def test_retention_is_set_and_checked(log_in: LogIn, session: Session, workspace: Workspace) -> None:
    owner = log_in("owner")
    owner.post("/settings/privacy/retention", data={"reviews": "730", "uploads": ""})
    session.refresh(workspace)
    assert workspace.retention == {"reviews": 730}
    for wrong in ("0", "x", "-5"):
        owner.post("/settings/privacy/retention", data={"reviews": wrong})
    session.refresh(workspace)
    assert workspace.retention == {"reviews": 730}
