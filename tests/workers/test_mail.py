import smtplib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from settings import Settings
from tests.workers.standins import Mailbox
from workers.context import Context
from workers.mail import Attachment, NoServer, send_mail, written

LI = ["li@example.com"]


def made(*given: Any) -> EmailMessage:
    return written("风评 <fp@example.com>", *given)


def test_a_mail_goes_to_all_with_its_files(mailing: Context, mailbox: Mailbox, mail: Any) -> None:
    files = [Attachment("周报.xlsx", "application/vnd.ms-excel", b"PK")]
    mail(mailing.settings, [*LI, "wang@example.com"], "题", "文", files=files)
    people, found = mailbox.read()
    assert people == ["li@example.com", "wang@example.com"]
    assert found["To"] == "li@example.com, wang@example.com"
    [file] = found.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == ("周报.xlsx", "application/vnd.ms-excel")
    assert file.get_content() == b"PK"


def test_no_mail_goes_out_in_the_clear(mailing: Context, mailbox: Mailbox, mail: Any) -> None:
    mailbox.starttls = False
    with pytest.raises(smtplib.SMTPException, match="STARTTLS"):
        mail(mailing.settings, LI, "题", "文")
    assert mailbox.mails == []


def test_a_server_that_nobody_vouches_for_is_not_trusted(mailing: Context, mailbox: Mailbox) -> None:
    with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED"):
        send_mail(mailing.settings, LI, "题", "文")
    assert mailbox.mails == []


def test_without_a_server_nothing_is_sent(settings: Settings) -> None:
    with pytest.raises(NoServer, match="SMTP_URL"):
        send_mail(replace(settings, smtp_url=""), LI, "题", "文")


def test_a_mail_is_dated_and_named_by_the_senders_domain() -> None:
    mail = made(LI, "题", "文")
    assert abs(mail["Date"].datetime - datetime.now(UTC)) < timedelta(minutes=5)
    assert mail["Message-ID"].endswith("@example.com>")
    assert made(LI, "题", "文")["Message-ID"] != mail["Message-ID"]


@pytest.mark.parametrize(
    ("people", "subject"),
    [
        (["li"], "题"),
        ([*LI, "(x[.@example.com"], "题"),
        (["li@example.com\r\nBcc: x@example.com"], "题"),
        (LI, "题\r\nBcc: x"),
    ],
)
def test_no_further_header_is_smuggled_in(people: list[str], subject: str) -> None:
    with pytest.raises(ValueError, match=r"not an e-mail address|linefeed"):
        made(people, subject, "文")
