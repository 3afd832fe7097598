"""Which column of a file is which field."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

from ingest.errors import WrongColumnsError
from ingest.fields import KINDS, Field

EXTRA = "extra"
IGNORE = ""
_BRACKETS = re.compile(r"[(\[【<].*?[)\]】>]")
_SEPARATORS = re.compile(r"[\s_\-./:*]+")


def fields_of(kind: str) -> tuple[Field, ...]:
    """Return the fields of a kind; an unknown one raises `WrongColumnsError`."""
    try:
        return KINDS[kind]
    except KeyError:
        raise WrongColumnsError("unknown_kind", detail=f"{kind} ({', '.join(KINDS)})") from None


def folded(name: str) -> str:
    """Return a column name without case, spaces, punctuation and bracketed units: 价格（元） is 价格."""
    name = unicodedata.normalize("NFKC", name).lstrip("\ufeff").casefold()
    return _SEPARATORS.sub("", _BRACKETS.sub("", name)) or _SEPARATORS.sub("", name)


def match(columns: Sequence[str], kind: str, mapping: Mapping[str, str] | None = None) -> dict[str, str]:
    """Match columns to fields, by hand where told, by synonym elsewhere.

    Parameters
    ----------
    columns : sequence of str
        The file's header.
    kind : str
    mapping : mapping of column to field, optional
        An empty field ignores the column; ``"extra"`` keeps a numeric column of sales.

    Returns
    -------
    dict of column to field
        In the order of the header; at most one column per field (``extra`` excepted).

    Raises
    ------
    WrongColumnsError
        When the mapping names a column or a field that is not there, or a field twice.
    """
    fields = fields_of(kind)
    by_hand = _checked(columns, fields, kind, mapping or {})
    taken = set(by_hand.values())
    matched = dict(by_hand)
    by_name: dict[str, str] = {}
    for column in columns:
        by_name.setdefault(folded(column), column)
    for field in fields:
        if field.name in taken:
            continue
        found = (by_name.get(folded(name)) for name in field.accepted)
        free = [name for name in found if name is not None and name not in matched]
        if free:
            matched[free[0]] = field.name
    return {column: matched[column] for column in dict.fromkeys(columns) if matched.get(column)}


def missing(matched: Mapping[str, str], kind: str) -> list[str]:
    """Return the required fields that no column stands for."""
    present = set(matched.values())
    return [field.name for field in fields_of(kind) if field.required and field.name not in present]


def require(columns: Sequence[str], matched: Mapping[str, str], kind: str) -> None:
    """Raise `WrongColumnsError`, naming what was found and what would do, when fields are missing."""
    lacking = missing(matched, kind)
    if not lacking:
        return
    accepted = "; ".join(
        f"{field.name}: {', '.join(field.accepted[:6])}" for field in fields_of(kind) if field.name in lacking
    )
    raise WrongColumnsError(
        "missing_columns", missing=", ".join(lacking), found=_listed(columns), accepted=accepted
    )


def _checked(
    columns: Sequence[str], fields: Iterable[Field], kind: str, mapping: Mapping[str, str]
) -> dict[str, str]:
    names = [field.name for field in fields] + ([EXTRA] if kind == "sales" else [])
    unknown = [target for target in mapping.values() if target not in (*names, IGNORE)]
    if unknown:
        raise WrongColumnsError("unknown_field", missing=_listed(unknown), accepted=", ".join(names))
    absent = [column for column in mapping if column not in columns]
    if absent:
        raise WrongColumnsError("unknown_column", missing=_listed(absent), found=_listed(columns))
    for name in names:
        twice = [column for column, target in mapping.items() if target == name != EXTRA]
        if len(twice) > 1:
            raise WrongColumnsError("duplicate_field", missing=name, found=_listed(twice))
    return dict(mapping)


def _listed(names: Iterable[str]) -> str:
    shown = [name[:40] for name in names]
    return ", ".join(shown[:30]) + (" …" if len(shown) > 30 else "") or "—"
