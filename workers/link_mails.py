"""Invitations and password links go out by mail; their words stand in no log."""

from __future__ import annotations

import logging
import smtplib
from collections.abc import Callable

from storage import link_mails
from storage.link_mails import PURPOSE, Link
from storage.models import Invitation
from storage.sealing import Seal, Unreadable
from workers.alert_words import plain
from workers.context import Context
from workers.mail import NoServer, send_mail

log = logging.getLogger(__name__)

MOST = 50

Mail = Callable[..., None]

ROLES = {
    "owner": {"zh": "所有者", "en": "owner"},
    "analyst": {"zh": "分析员", "en": "analyst"},
    "viewer": {"zh": "查看者", "en": "viewer"},
}
INVITED = {
    "zh": ("风评：邀请您加入 {workspace}", "您被邀请加入风评工作区“{workspace}”，角色：{role}。"),
    "en": (
        "Fengping: you are invited to {workspace}",
        "You are invited to {workspace} as {role}.",
    ),
}
RESET = {
    "zh": ("风评：设置新密码", "请用下面的链接为 {email} 设置新密码。"),
    "en": ("Fengping: choose a new password", "Choose a new password for {email} by the link below."),
}
OPENS = {
    "zh": "链接只能打开一次，{until} 前有效：",
    "en": "The link opens once, until {until}:",
}
STRANGE = {
    "zh": "如果您没有预料到这封邮件，请忽略它；不要把链接转给别人。",
    "en": "If you did not expect this mail, ignore it; do not pass the link on.",
}


def deliver(context: Context, mail: Mail = send_mail) -> int:
    """Mail the links that are due, at most fifty; return how many were tried.

    After a failure the rest waits for the next round: a server that is away is not asked fifty times.
    """
    for tried in range(MOST):
        with context.sessions.begin() as session:
            link = link_mails.take_due(session)
            if link is None:
                return tried
            session.expunge_all()
        error = _mail(context, link, mail)
        with context.sessions.begin() as session:
            link_mails.settle(session, link, error)
        if error:
            return tried + 1
    return MOST


def _mail(context: Context, link: Link, mail: Mail) -> str:
    """Send one; return why it was not taken. Of errors only the kind is told: they may quote the mail."""
    try:
        known = Seal(context.settings.secret_key, PURPOSE).open(link.letter)
        subject, text = written(context, link, known["link"], known["language"])
        mail(context.settings, [_address(link)], subject, text)
    except (Unreadable, NoServer, smtplib.SMTPException, OSError, ValueError) as error:
        log.warning("a link was not mailed: %s", type(error).__name__)
        return type(error).__name__
    return ""


def written(context: Context, link: Link, address: str, language: str) -> tuple[str, str]:
    """Return subject and text of a mail."""
    if isinstance(link, Invitation):
        words = INVITED[language]
        given = {"workspace": plain(link.workspace.name), "role": ROLES[link.role][language]}
    else:
        words, given = RESET[language], {"email": link.user.email}
    until = link.expires_at.astimezone(context.settings.zone)
    opens = OPENS[language].format(until=f"{until:%Y-%m-%d %H:%M}")
    subject, first = (line.format(**given) for line in words)
    return subject, f"{first}\n\n{opens}\n{address}\n\n{STRANGE[language]}\n"


def _address(link: Link) -> str:
    return link.email if isinstance(link, Invitation) else link.user.email
