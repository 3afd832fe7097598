"""Whether an address may be sent to, as far as its spelling tells; each message checks where it leads."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from flask_babel import gettext as _


def address_fault(address: str, allowed: Sequence[str]) -> str:
    """Say why an address cannot be used, nothing where it can.

    Parameters
    ----------
    allowed : sequence of str
        Hosts that may be sent to, ``.example.com`` for all below it.
    """
    try:
        host = (urlsplit(address).hostname or "").lower()
    except ValueError:
        host = ""
    known = any(host == name or (name.startswith(".") and host.endswith(name)) for name in allowed)
    if known and address.startswith("https://") and address.isascii():
        return ""
    if not allowed:
        return _("No address may be used yet: whoever runs this server names the hosts in WEBHOOK_HOSTS.")
    hosts = ", ".join(allowed)
    return _(
        "This address may not be used: it begins with https:// and one of these hosts: %(hosts)s", hosts=hosts
    )
