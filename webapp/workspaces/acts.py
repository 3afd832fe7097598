"""Names of what the audit log holds: who acted, and what was done."""

from flask_babel import gettext as _


def act(code: str) -> str:
    """Name an action of the log; one that has no name is shown by its code."""
    return (_entering() | _people() | _settings() | _work()).get(code, code)


def actor(written: str) -> str:
    """Name who acted: a person by their address, the program and its parts in the reader's language."""
    for start, end in (("command line (", ")"), ("token ", "")):
        if written.startswith(start) and written.endswith(end):
            name = written[len(start) : len(written) - len(end)]
            return _("Command line (%(name)s)", name=name) if end else _("Token %(name)s", name=name)
    programs = {
        "stranger": _("Not logged in"),
        "unknown": _("Unknown"),
        "retention": _("Retention (automatic)"),
    }
    return programs.get(written, written)


def _entering() -> dict[str, str]:
    return {
        "login": _("Logged in"),
        "login.refused": _("Login refused"),
        "logout": _("Logged out"),
        "logout.everywhere": _("Logged out everywhere"),
        "password.change": _("Password changed"),
        "password.link": _("Link for a new password made"),
        "password.reset": _("Password set by a link"),
        "second_factor.on": _("Second factor turned on"),
        "second_factor.off": _("Second factor turned off"),
        "second_factor.codes": _("Recovery codes made anew"),
        "second_factor.recovery": _("Logged in with a recovery code"),
    }


def _people() -> dict[str, str]:
    return {
        "workspace.create": _("Workspace created"),
        "member.set": _("Role of a member set"),
        "member.remove": _("Member removed"),
        "invitation.create": _("Invitation made"),
        "invitation.withdraw": _("Invitation withdrawn"),
        "invitation.accept": _("Invitation accepted"),
        "token.create": _("Token created"),
        "token.revoke": _("Token revoked"),
        "share.create": _("Link to a report created"),
        "share.revoke": _("Link to a report revoked"),
        "erase.product": _("Product deleted"),
        "erase.shopper": _("Shopper deleted"),
        "retention": _("Deleted after the retention time"),
    }


def _settings() -> dict[str, str]:
    return {
        "settings.texts": _("Reading of reviews by viewers changed"),
        "settings.retention": _("Retention changed"),
        "destination.add": _("Destination added"),
        "destination.remove": _("Destination removed"),
        "webhook.add": _("Webhook added"),
        "webhook.remove": _("Webhook removed"),
        "aspects.put": _("Aspects of a category changed"),
        "aspects.reset": _("Aspects of a category reset"),
        "dictionary.put": _("Words added to the dictionary"),
        "dictionary.remove": _("Word removed from the dictionary"),
        "alert_rule.add": _("Alert rule added"),
        "alert_rule.change": _("Alert rule changed"),
        "alert_rule.remove": _("Alert rule removed"),
        "weekly.start": _("Weekly report started"),
        "weekly.stop": _("Weekly report stopped"),
    }


def _work() -> dict[str, str]:
    return {
        "upload.keep": _("File uploaded"),
        "job.start": _("Job started"),
        "job.cancel": _("Job canceled"),
        "job.retry": _("Job retried"),
        "import.undo": _("Import taken back"),
        "export.start": _("Download made"),
        "forecast.start": _("Forecast started"),
        "review.relabel": _("Review labelled by hand"),
        "review.undo": _("Label by hand taken back"),
        "alert.state": _("State of an alert changed"),
    }
