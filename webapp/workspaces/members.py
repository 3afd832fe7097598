"""Who belongs to the workspace, who is invited, and what viewers may read; for owners."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from storage import accounts, sign_ins
from storage.errors import NotFound
from storage.models import ROLES, Membership
from webapp.auth.access import current_workspace, principal, role_required
from webapp.auth.audit import note
from webapp.auth.mailing import mail_link
from webapp.auth.tokens import generate_word, hash_token
from webapp.database import session
from webapp.language import language
from webapp.problems import Problem


def add_routes(settings: Blueprint) -> None:
    """Put the pages at /settings/members."""
    settings.add_url_rule("/members", "members", members)
    settings.add_url_rule("/members/invite", "invite", invite, methods=["POST"])
    settings.add_url_rule("/members/<int:user_id>", "change_member", change_member, methods=["POST"])
    settings.add_url_rule("/invitations/<int:invitation_id>/withdraw", "withdraw", withdraw, methods=["POST"])
    settings.add_url_rule("/texts", "texts", texts, methods=["POST"])


@role_required("owner")
def members() -> ResponseReturnValue:
    """Show members and open invitations."""
    return _page()


@role_required("owner")
def invite() -> ResponseReturnValue:
    """Invite an address; the link is mailed where there is a server for it, and shown once."""
    email, role = request.form.get("email", "").strip().lower(), _role()
    if not accounts.is_address(email):
        flash(_("That is not an e-mail address."), "error")
        return redirect(url_for("settings.members"))
    who, word = principal(), generate_word()
    made_by = who.user_id if who else None
    made = sign_ins.invite(session, current_workspace.id, email, role, hash_token(word), made_by)
    mailed = mail_link(made, f"/join/{word}", language())
    note(session, current_workspace.id, "invitation.create", email, after={"role": role})
    session.commit()
    return _page(link=url_for("links.join", word=word, _external=True), invited=email, mailed=mailed)


@role_required("owner")
def withdraw(invitation_id: int) -> ResponseReturnValue:
    """Take an invitation back."""
    gone = sign_ins.withdraw_invitation(session, current_workspace.id, invitation_id)
    note(session, current_workspace.id, "invitation.withdraw", gone.email, before={"role": gone.role})
    session.commit()
    return redirect(url_for("settings.members"))


@role_required("owner")
def change_member(user_id: int) -> ResponseReturnValue:
    """Give a member another role, or take them out; a workspace keeps an owner."""
    member = accounts.get_membership(session, current_workspace.id, user_id)
    if member is None:
        raise NotFound("member", user_id)
    role = None if request.form.get("role") == "none" else _role()
    if member.role == "owner" and role != "owner" and _owners() == 1:
        flash(_("A workspace needs an owner. Make somebody else one first."), "error")
        return redirect(url_for("settings.members"))
    _change(member, role)
    session.commit()
    return redirect(url_for("settings.members"))


@role_required("owner")
def texts() -> ResponseReturnValue:
    """Say whether viewers may read what shoppers wrote."""
    wanted, workspace = request.form.get("viewers_read_texts") == "yes", current_workspace
    before = {"viewers_read_texts": workspace.viewers_read_texts}
    workspace.viewers_read_texts = wanted
    note(session, workspace.id, "settings.texts", before=before, after={"viewers_read_texts": wanted})
    session.commit()
    flash(_("Saved."))
    return redirect(url_for("settings.members"))


def _page(**more: Any) -> str:
    return render_template(
        "workspaces/members.html",
        section="settings.security",
        members=accounts.members(session, current_workspace.id),
        invitations=sign_ins.open_invitations(session, current_workspace.id),
        roles=ROLES,
        **more,
    )


def _change(member: Membership, role: str | None) -> None:
    before, email = {"role": member.role}, member.user.email
    if role is None:
        accounts.remove_member(session, member.workspace_id, member.user_id)
        note(session, member.workspace_id, "member.remove", email, before=before)
    else:
        accounts.set_membership(session, member.workspace_id, member.user_id, role)
        note(session, member.workspace_id, "member.set", email, before=before, after={"role": role})


def _owners() -> int:
    return sum(member.role == "owner" for member in accounts.members(session, current_workspace.id))


def _role() -> str:
    role = request.form.get("role", "")
    if role not in ROLES:
        raise Problem(400, _("%(role)s is no role.", role=role))
    return role
