import pytest

from storage.sealing import SECOND_FACTORS, Seal, Unreadable


def test_what_is_sealed_is_read_with_the_same_key_only() -> None:
    seal = Seal("key " * 8)
    closed = seal.close({"address": "https://oapi.dingtalk.com/?access_token=秘密"})
    assert "dingtalk" not in closed
    assert Seal("key " * 8).open(closed) == {"address": "https://oapi.dingtalk.com/?access_token=秘密"}
    with pytest.raises(Unreadable, match="enter it anew"):
        Seal("another " * 8).open(closed)
    with pytest.raises(Unreadable):
        seal.open(closed[:-8] + "AAAAAAA=")


def test_the_same_record_never_looks_the_same() -> None:
    seal = Seal("key " * 8)
    assert seal.close({"a": "1"}) != seal.close({"a": "1"})


def test_what_is_sealed_for_one_purpose_does_not_open_for_another() -> None:
    closed = Seal("key " * 8, SECOND_FACTORS).close({"secret": "a"})
    assert Seal("key " * 8, SECOND_FACTORS).open(closed) == {"secret": "a"}
    with pytest.raises(Unreadable):
        Seal("key " * 8).open(closed)
