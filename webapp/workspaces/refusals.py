"""Why a message was not taken, in the reader's language.

Workers write it in English before anyone reads it. What is said by this program is known here by its words
and translated; what a vendor or a mail server said stays as it is.
"""

import re

from flask_babel import gettext


def N_(sentence: str) -> str:
    """Mark a sentence for `pybabel extract`; it is translated when it is shown."""
    return sentence


SENTENCES = (
    N_("%(host)s cannot be resolved"),
    N_("%(host)s leads to nowhere, which is no public address"),
    N_("%(host)s leads to %(where)s, which is no public address"),
    N_("%(host)s is not one of the allowed hosts"),
    N_("that is no address"),
    N_("an address begins with https:// and holds no user"),
    N_("only port 443 is sent to"),
    N_("an address is plain ASCII without blanks"),
    N_("answered %(status)s"),
    N_("answered without a code"),
    N_("refused with %(code)s: %(words)s"),
    N_("SMTP_URL is not set"),
    N_("not an e-mail address"),
    N_("this was encrypted with another SECRET_KEY; enter it anew"),
    N_("timed out"),
    N_("SMTPAuthenticationError"),
    N_("SMTPRecipientsRefused"),
    N_("SMTPNotSupportedError"),
    N_("SMTPServerDisconnected"),
)


def reason(written: str) -> str:
    """Translate why a message was not taken; words that are not this program's stay as they are.

    Parameters
    ----------
    written : str
        What the worker wrote.
    """
    for sentence in SENTENCES:
        if found := re.fullmatch(_pattern(sentence), written, re.DOTALL):
            return gettext(sentence, **found.groupdict())
    return written


def _pattern(sentence: str) -> str:
    """Return the expression of a sentence: its parts have no blanks, but for the words of others."""
    parts = re.sub(r"%\\\((\w+)\\\)s", r"(?P<\1>\\S+)", re.escape(sentence))
    return parts.replace(r"(?P<words>\S+)", "(?P<words>.*)")
