"""Secrets of second factors are sealed."""

from collections.abc import Callable

import sqlalchemy as sa
from alembic import context, op

from storage.sealing import SECOND_FACTORS, Seal, Unreadable

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.alter_column("users", "totp_secret", new_column_name="totp_sealed")
    _rewrite(lambda seal, secret: seal.close({"secret": secret}))


def downgrade() -> None:
    _rewrite(_opened)
    op.alter_column("users", "totp_sealed", new_column_name="totp_secret")


def _rewrite(change: Callable[[Seal, str], str]) -> None:
    users = sa.table("users", sa.column("id"), sa.column("totp_sealed"))
    found = sa.select(users.c.id, users.c.totp_sealed).where(users.c.totp_sealed.is_not(None))
    rows = op.get_bind().execute(found).all()
    if rows and not context.config.attributes["secret_key"]:
        raise ValueError("users have second factors: revision 0028 needs SECRET_KEY to seal or to open them")
    seal = Seal(context.config.attributes["secret_key"], SECOND_FACTORS)
    for id, kept in rows:
        op.execute(users.update().where(users.c.id == id).values(totp_sealed=change(seal, kept)))


def _opened(seal: Seal, sealed: str) -> str:
    try:
        return seal.open(sealed)["secret"]
    except Unreadable:
        return sealed  # of another key: it still opens nothing, rather than leaving the password alone
