"""Why a message was not taken, in the reader's language.

Workers write it in English before anyone reads it. What is said by this program is known here by its words
and translated; what a vendor or a mail server said stays as it is.
"""

import re

from flask_babel import lazy_gettext as _

SENTENCES = (
    (r"(?P<host>\S+) cannot be resolved", _("%(host)s cannot be resolved")),
    (
        r"(?P<host>\S+) leads to nowhere, which is no public address",
        _("%(host)s leads to nowhere, which is no public address"),
    ),
    (
        r"(?P<host>\S+) leads to (?P<where>\S+), which is no public address",
        _("%(host)s leads to %(where)s, which is no public address"),
    ),
    (r"(?P<host>\S+) is not one of the allowed hosts", _("%(host)s is not one of the allowed hosts")),
    (r"that is no address", _("that is no address")),
    (
        r"an address begins with https:// and holds no user",
        _("an address begins with https:// and holds no user"),
    ),
    (r"only port 443 is sent to", _("only port 443 is sent to")),
    (r"an address is plain ASCII without blanks", _("an address is plain ASCII without blanks")),
    (r"answered (?P<status>\d+)", _("answered %(status)s")),
    (r"answered without a code", _("answered without a code")),
    (r"refused with (?P<code>[^:]*): (?P<words>.*)", _("refused with %(code)s: %(words)s")),
    (r"SMTP_URL is not set", _("SMTP_URL is not set")),
    (r"not an e-mail address", _("not an e-mail address")),
    (
        r"this was encrypted with another SECRET_KEY; enter it anew",
        _("this was encrypted with another SECRET_KEY; enter it anew"),
    ),
    (r"timed out", _("timed out")),
    (r"SMTPAuthenticationError", _("SMTPAuthenticationError")),
    (r"SMTPRecipientsRefused", _("SMTPRecipientsRefused")),
    (r"SMTPNotSupportedError", _("SMTPNotSupportedError")),
    (r"SMTPServerDisconnected", _("SMTPServerDisconnected")),
)


def reason(written: str) -> str:
    """Translate why a message was not taken; words that are not this program's stay as they are.

    Parameters
    ----------
    written : str
        What the worker wrote.
    """
    for pattern, sentence in SENTENCES:
        if found := re.fullmatch(pattern, written, re.DOTALL):
            return str(sentence) % found.groupdict()
    return written
