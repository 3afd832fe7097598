import pytest
from argon2 import PasswordHasher

from webapp.auth.passwords import (
    MIN_LENGTH,
    WeakPassword,
    generate_password,
    hash_password,
    needs_rehash,
    verify_password,
)


def test_the_right_password_matches_and_no_other() -> None:
    hashed = hash_password("correct horse battery")
    assert verify_password(hashed, "correct horse battery")
    assert not verify_password(hashed, "correct horse batterz")
    assert not verify_password(hashed, "")


def test_the_hash_is_argon2id_and_salted() -> None:
    first, second = hash_password("correct horse"), hash_password("correct horse")
    assert first.startswith("$argon2id$")
    assert first != second


def test_nobody_has_no_password() -> None:
    assert not verify_password(None, "anything at all")


def test_a_broken_hash_matches_nothing() -> None:
    assert not verify_password("not a hash", "anything at all")


@pytest.mark.parametrize("password", ["", "a" * (MIN_LENGTH - 1), "a" * 1025])
def test_too_short_or_too_long_is_refused(password: str) -> None:
    with pytest.raises(WeakPassword, match=str(len(password))):
        hash_password(password)


def test_weaker_settings_are_noticed() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash("correct horse")
    assert needs_rehash(weak)
    assert not needs_rehash(hash_password("correct horse"))


def test_generated_passwords_differ_and_are_long_enough() -> None:
    assert generate_password() != generate_password()
    assert len(generate_password()) >= MIN_LENGTH
