import hashlib

import pytest

from webapp.auth.tokens import generate_token, hash_token, read_header


def test_tokens_are_long_random_and_recognisable() -> None:
    first, second = generate_token(), generate_token()
    assert first != second
    assert first.startswith("fp_")
    assert len(first) >= 40


def test_only_a_hash_needs_to_be_stored() -> None:
    token = generate_token()
    assert hash_token(token) == hashlib.sha256(token.encode()).hexdigest()
    assert token not in hash_token(token)


@pytest.mark.parametrize("header", ["Bearer fp_abc", "bearer fp_abc", "Bearer  fp_abc "])
def test_a_header_gives_its_token(header: str) -> None:
    assert read_header(header) == "fp_abc"


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer abc", "Basic fp_abc", "fp_abc"])
def test_another_header_gives_none(header: str | None) -> None:
    assert read_header(header) is None
