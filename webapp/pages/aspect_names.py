"""What readers call an aspect: a built-in one has an English name, a shop's own is as the shop named it."""

from flask import g

from storage import aspects
from webapp.auth.access import current_workspace
from webapp.database import session
from webapp.language import language


def aspect(name: str) -> str:
    """Name an aspect within a sentence."""
    return name if language() == "zh" else _english().get(name, name)


def aspect_label(name: str) -> str:
    """Name an aspect where a line begins."""
    said = aspect(name)
    return said if said == name else said[:1].upper() + said[1:]


def choices() -> list[str]:
    """Return the aspects that reviews of the workspace are searched for, as they stand in reviews."""
    found = aspects.branches(session, current_workspace.id)
    return [one.shown for one in found if not (one.change and one.change.is_off)]


def meant(said: str) -> str:
    """Return the aspect as it stands in reviews that a reader names, in either language.

    >>> meant("")
    ''
    """
    if not said or said in choices():
        return said
    found = (name for name, english in _english().items() if english.casefold() == said.casefold())
    return next(found, said)


def _english() -> dict[str, str]:
    if "english_aspects" not in g:
        g.english_aspects = aspects.english_names(session)
    found: dict[str, str] = g.english_aspects
    return found
