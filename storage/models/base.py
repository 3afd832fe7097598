"""What every table shares: names of constraints and common columns."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from sqlalchemy import BigInteger, DateTime, ForeignKey, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

Id = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
WorkspaceId = Annotated[
    int, mapped_column(BigInteger, ForeignKey("workspaces.id", ondelete="CASCADE"), index=True)
]
Created = Annotated[datetime, mapped_column(server_default=func.now())]
Words = Annotated[str, mapped_column(Text, server_default="")]
WordList = Annotated[list[str], mapped_column(ARRAY(Text), server_default="{}")]
Json = Annotated[dict[str, Any], mapped_column(JSONB, server_default="{}")]


class Base(DeclarativeBase):
    """Root of the tables; `Base.metadata` is what the migrations must produce."""

    metadata = MetaData(naming_convention=NAMES)
    type_annotation_map = {  # noqa: RUF012  (SQLAlchemy reads it from the class)
        datetime: DateTime(timezone=True),
        str: Text,
    }


class Owned:
    """Marks a table whose every row belongs to one workspace; `storage.tenancy` guards them."""

    workspace_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("workspaces.id", ondelete="CASCADE"), index=True
    )


def one_of(column: str, values: tuple[str, ...]) -> str:
    """Write the check that `column` holds one of `values` (constants of ours)."""
    return f"{column} IN ({', '.join(repr(value) for value in values)})"
