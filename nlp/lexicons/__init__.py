"""Word lists written for this project, and the functions that read them."""

import json
from functools import cache
from importlib.resources import files
from typing import Any


@cache
def stop_words() -> frozenset[str]:
    """Return the words that segmentation leaves out, in lower case."""
    lines = files(__name__).joinpath("stop_words.txt").read_text("utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


@cache
def modifiers() -> dict[str, frozenset[str]]:
    """Return the words that turn, weigh or void an opinion, by kind.

    The kinds are "negations", "degrees", "fillers" (may stand between these and the opinion), "excess"
    (degrees that make 大, 薄 … a fault) and "irrealis" (what they introduce is wished or asked).
    """
    return {kind: frozenset(words) for kind, words in _read("modifiers.json").items()}


@cache
def informal() -> dict[str, Any]:
    """Return the lists of informal.json.

    "typos" and "abbreviations" give the right words, as long as the wrong ones; "emoji" and "kaomoji" give
    for a word the signs that say it, as `nlp.normalise.normalise` leaves them.
    """
    return _read("informal.json")


@cache
def aspect_tree() -> dict[str, Any]:
    """Return the e-commerce aspect tree and its opinion words, as written in aspects.json."""
    return _read("aspects.json")


@cache
def aspect_categories() -> dict[str, str]:
    """Return the category of the tree by its own name and by the names that labelled files use for it."""
    own = {branch["category"].partition("/")[0] for branch in aspect_tree()["tree"]}
    return {**_read("aspect_categories.json"), **{name: name for name in own}}


def _read(name: str) -> dict[str, Any]:
    tree: dict[str, Any] = json.loads(files(__name__).joinpath(name).read_text("utf-8"))
    return tree


@cache
def attributes() -> dict[str, Any]:
    """Return the brands, materials and units of attributes.json."""
    return _read("attributes.json")


@cache
def categories() -> dict[str, Any]:
    """Return the tree of product categories of categories.json, with the words of each."""
    return _read("categories.json")


@cache
def selling_points() -> dict[str, list[str]]:
    """Return the words of selling_points.json: "benefits" and "noise"."""
    return _read("selling_points.json")
