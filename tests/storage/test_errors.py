from uuid import UUID

import pytest

from storage import errors
from storage.errors import BadCursor, Conflict, LeaseLost, NoData, NotFound, StorageError, Taken

ID = UUID("0" * 31 + "7")


@pytest.mark.parametrize("key", [7, "A1", ID])
def test_what_is_missing_is_named(key: object) -> None:
    error = NotFound("job", key)
    assert (error.what, error.key) == ("job", key)
    # Unlike a KeyError's, the message is not quoted.
    assert str(error) == f"job {key} does not exist in this workspace"


@pytest.mark.parametrize(
    ("kind", "plain"), [(NotFound, LookupError), (BadCursor, ValueError), (Taken, ValueError)]
)
def test_callers_that_know_no_storage_can_catch_it(kind: type, plain: type) -> None:
    assert issubclass(kind, plain)


@pytest.mark.parametrize("kind", [Conflict, NoData, LeaseLost])
def test_what_depends_on_the_moment_is_no_wrong_value(kind: type) -> None:
    assert not issubclass(kind, ValueError | LookupError)


def test_everything_has_one_root() -> None:
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    assert len(kinds) > 1
    assert all(issubclass(kind, StorageError) for kind in kinds)
