"""Having links that open once mailed by the workers."""

from flask import current_app, has_request_context, request

from settings import Settings
from storage import link_mails
from storage.link_mails import Link


def mail_link(link: Link, path: str, language: str) -> bool:
    """Have a link mailed once the transaction commits.

    Returns
    -------
    False where the settings name no mail server, or, on the command line, no `PUBLIC_URL` to lead to.
    """
    settings: Settings = current_app.extensions["settings"]
    root = settings.public_url or (request.url_root.rstrip("/") if has_request_context() else "")
    if not settings.smtp_url or not root:
        return False
    link_mails.put(link, settings.secret_key, f"{root}{path}", language)
    return True
