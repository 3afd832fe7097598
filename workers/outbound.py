"""Sending to addresses that users name: to allowed hosts, to public addresses, and nowhere else.

The name is resolved once; what is checked is what is connected to, so that a name that changes its
address in between leads nowhere. A redirect is an answer like any other and is not followed.
"""

from __future__ import annotations

import hashlib
import hmac
import http.client
import ipaddress
import socket
import ssl
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

SECONDS = 10
MOST_BYTES = 64 * 1024
SIGNATURE = "X-Fengping-Signature"

Resolve = Callable[[str, int], Collection[str]]


class UnsafeTarget(Exception):
    """The address may not be sent to; the message says why."""


@dataclass(frozen=True)
class Target:
    """A checked address: where to connect, and as whom to ask."""

    host: str
    port: int
    path: str
    address: str


class PinnedConnection(http.client.HTTPSConnection):
    """Speaks TLS for the host's name with the one address that was checked."""

    def __init__(self, target: Target, context: ssl.SSLContext) -> None:
        super().__init__(target.host, target.port, timeout=SECONDS, context=context)
        self._target = target
        self._tls = context

    def connect(self) -> None:
        """Connect to the pinned address; the certificate must be the name's."""
        plain = socket.create_connection((self._target.address, self._target.port), SECONDS)
        self.sock = self._tls.wrap_socket(plain, server_hostname=self._target.host)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name."""
    return [str(found[4][0]) for found in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def check_target(url: str, allowed: Collection[str], lookup: Resolve = resolve) -> Target:
    """Return where to connect to for an address.

    Parameters
    ----------
    allowed
        Hosts, ``hooks.example.com`` or ``.example.com`` for all below it; nothing else is sent to.
    lookup
        Resolves a name.

    Raises
    ------
    UnsafeTarget
        It is no plain https address, its host is not allowed, or one of its addresses is not public.
    """
    parts = check_url(url, allowed)
    host, port = (parts.hostname or "").lower(), parts.port or 443
    try:
        addresses = list(lookup(host, port))
    except OSError as error:
        raise UnsafeTarget(f"{host} cannot be resolved") from error
    hidden = [address for address in addresses if not is_public(address)]
    if hidden or not addresses:
        where = hidden[0] if hidden else "nowhere"
        raise UnsafeTarget(f"{host} leads to {where}, which is no public address")
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(host, port, path, addresses[0])


def check_url(url: str, allowed: Collection[str]) -> SplitResult:
    """Return the parts of an address that may be sent to, as far as can be told without resolving it."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise UnsafeTarget("that is no address") from error
    host = (parts.hostname or "").lower()
    if parts.scheme != "https" or parts.username is not None or parts.password is not None or not host:
        raise UnsafeTarget("an address begins with https:// and holds no user")
    if port not in (None, 443):
        raise UnsafeTarget("only port 443 is sent to")
    if not url.isascii() or any(letter.isspace() or letter == "\\" for letter in url):
        raise UnsafeTarget("an address is plain ASCII without blanks")
    if not any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed):
        raise UnsafeTarget(f"{host} is not one of the allowed hosts")
    return parts


def is_public(address: str) -> bool:
    """Tell whether an address is one of the open internet, also inside an IPv6 address that carries it."""
    found = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(found, ipaddress.IPv6Address):
        inner = found.ipv4_mapped or found.sixtofour or (found.teredo[1] if found.teredo else None)
        if inner is not None:
            return False
        if found in ipaddress.ip_network("64:ff9b::/96"):
            return False
    return found.is_global and not found.is_multicast


def post(target: Target, body: bytes, secret: str, context: ssl.SSLContext | None = None) -> int:
    """Send JSON and return the status; what is answered is thrown away.

    Raises
    ------
    OSError, http.client.HTTPException
        It could not be sent.
    """
    headers = {"Content-Type": "application/json", "User-Agent": "Fengping"}
    return exchange(target, body, headers | {SIGNATURE: signature(body, secret)}, context)[0]


def exchange(
    target: Target, body: bytes, headers: Mapping[str, str], context: ssl.SSLContext | None = None
) -> tuple[int, bytes]:
    """Post and return the status with the first 64 KB of the answer.

    Raises
    ------
    OSError, http.client.HTTPException
        It could not be sent.
    """
    connection = PinnedConnection(target, context or ssl.create_default_context())
    try:
        connection.request("POST", target.path, body, dict(headers))
        answer = connection.getresponse()
        return answer.status, answer.read(MOST_BYTES)
    finally:
        connection.close()


def signature(body: bytes, secret: str) -> str:
    """Return ``sha256=`` and the HMAC by which the receiver knows the sender."""
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
