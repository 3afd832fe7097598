"""A workspace's own aspects: the tree they make, what a change would do, and the built-in tree for pages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from nlp.aspect_changes import AspectChanges
from nlp.lexicons import aspect_tree
from storage import aspects, dictionary
from storage.models import AspectCategory
from workers.context import Context
from workers.leases import Assignment

SAMPLE = 2_000
"""Newest reviews on which a change is tried: the learned reader reads each."""


def changes_of(
    categories: Iterable[AspectCategory], instead: Mapping[str, Any] | None = None
) -> AspectChanges:
    """Return the changes of a workspace as the analyser takes them.

    Parameters
    ----------
    instead
        A category (`name`, `shown`, `words`, `is_off`) in place of what is stored of it.
    """
    names = ("name", "shown", "words", "is_off")
    rows = {one.name: {name: getattr(one, name) for name in names} for one in categories}
    if instead is not None:
        rows[instead["name"]] = dict(instead)
    return AspectChanges(
        words={name: tuple(row["words"]) for name, row in rows.items()},
        names={name: row["shown"] for name, row in rows.items() if row["shown"]},
        off=frozenset(name for name, row in rows.items() if row["is_off"]),
    )


def study(assignment: Assignment) -> dict[str, Any]:
    """Tell what a change of a category would do to the newest reviews, as the job asks.

    Returns
    -------
    dict
        The fields of `nlp.aspect_impact.AspectImpact`.
    """
    from nlp.aspect_impact import aspect_impact

    wish = assignment.job.params["aspects"]
    with assignment.context.sessions() as session:
        stored = aspects.categories(session, assignment.workspace_id)
        texts = dictionary.sample_texts(session, assignment.workspace_id, SAMPLE)
    finder = assignment.context.artifacts.reader().aspect_finder
    before, after = finder.with_changes(changes_of(stored)), finder.with_changes(changes_of(stored, wish))
    return asdict(aspect_impact(texts, before, after))


def keep_tree(context: Context) -> bool:
    """Keep the built-in tree where the pages find it; return whether it had changed."""
    tree: dict[str, dict[str, Any]] = {}
    for branch in aspect_tree()["tree"]:
        name = branch["category"].partition("/")[0]
        known = tree.setdefault(name, {"name": name, "english": branch.get("english", ""), "words": []})
        known["words"] += branch["aspects"]
    with context.sessions.begin() as session:
        return aspects.keep_tree(session, tree.values())
