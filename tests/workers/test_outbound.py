"""What attackers try to reach through an address that they may name."""

import socket
from typing import Any

import pytest

from workers import outbound
from workers.outbound import UnsafeTarget, check_target, is_public, signature

ALLOWED = ("hooks.example.com", ".team.example.com")
PUBLIC = "93.184.216.34"


def to(*addresses: str) -> Any:
    return lambda _host, _port: list(addresses)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "ftp://hooks.example.com/",
        "file:///etc/passwd",
        "//hooks.example.com/",
        "hooks.example.com",
        "https://",
        "https:///path",
        "https://hooks.example.com:6379/",
        "https://hooks.example.com:99999/",
        "https://hooks.example.com@127.0.0.1/",
        "https://user:pass@hooks.example.com/",
        "https://127.0.0.1/",
        "https://[::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://localhost/",
        "https://hooks.example.com.evil.com/",
        "https://evilhooks.example.com/",
        "https://team.example.com/",
        "https://hooks.example.com\\@evil.com/",
        "https://hooks.example.com /",
        "https://hooks.example.com/\r\nX-Injected: 1",
        "https://hooks.example.com\t.evil.com/",
        "https://hоoks.example.com/",
        "gopher://hooks.example.com/",
        "https://[bad/",
    ],
)
def test_addresses_that_are_not_sent_to(url: str) -> None:
    def never(*_arguments: Any) -> Any:
        raise AssertionError("it was resolved")

    with pytest.raises(UnsafeTarget):
        check_target(url, ALLOWED, never)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
        *("100.64.0.1", "192.0.0.1", "198.18.0.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
        *("::1", "::", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1"),
        *("::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::", "2001:db8::1"),
    ],
)
def test_names_that_lead_inside_are_not_sent_to(address: str) -> None:
    assert not is_public(address)
    with pytest.raises(UnsafeTarget, match="no public address"):
        check_target("https://hooks.example.com/x", ALLOWED, to(address))
    with pytest.raises(UnsafeTarget, match="no public address"):
        check_target("https://hooks.example.com/x", ALLOWED, to(PUBLIC, address))


def test_a_name_that_cannot_be_resolved(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_arguments: Any) -> Any:
        raise socket.gaierror("no such name")

    with pytest.raises(UnsafeTarget, match="cannot be resolved"):
        check_target("https://hooks.example.com/", ALLOWED, fail)
    with pytest.raises(UnsafeTarget, match="nowhere"):
        check_target("https://hooks.example.com/", ALLOWED, to())


def test_nothing_is_allowed_by_default() -> None:
    with pytest.raises(UnsafeTarget, match="allowed"):
        check_target("https://hooks.example.com/", (), to(PUBLIC))


@pytest.mark.parametrize("host", ["hooks.example.com", "HOOKS.example.com", "a.team.example.com"])
def test_an_allowed_host_is_pinned_to_its_address(host: str) -> None:
    target = check_target(f"https://{host}/in?key=1", ALLOWED, to(PUBLIC))
    assert (target.host, target.port, target.path, target.address) == (host.lower(), 443, "/in?key=1", PUBLIC)


def test_the_checked_address_is_the_one_connected_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that is rebound after the check leads nowhere: it is not asked for again."""
    asked: list[Any] = []

    def connect(address: Any, *_rest: Any) -> Any:
        asked.append(address)
        raise ConnectionRefusedError("stopped by the test")

    def rebound(*_arguments: Any) -> Any:
        raise AssertionError("the name was resolved again")

    target = check_target("https://hooks.example.com/", ALLOWED, to(PUBLIC))
    monkeypatch.setattr(outbound.socket, "create_connection", connect)
    monkeypatch.setattr(outbound.socket, "getaddrinfo", rebound)
    with pytest.raises(ConnectionRefusedError):
        outbound.post(target, b"{}", "secret")
    assert asked == [(PUBLIC, 443)]


def test_the_signature_is_that_of_the_body() -> None:
    assert signature(b"{}", "secret") == (
        "sha256=77325902caca812dc259733aacd046b73817372c777b8d95b402647474516e13"
    )
    assert signature(b"{ }", "secret") != signature(b"{}", "secret")
