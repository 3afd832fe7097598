"""What an entry of the audit log says was so before and after, in the reader's words."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask_babel import gettext as _

from webapp.pages import alert_words, names
from webapp.pages.aspect_names import aspect_label
from webapp.pages.format import grouped, size

Said = tuple[str, str]
SHORT = 8
HASHES = ("sha256", "snapshot")


def told(action: str, values: Mapping[str, Any] | None) -> list[Said]:
    """Return what each value is called and what it is; what has no word is shown as it was written."""
    if action.startswith("dictionary."):
        return [(word, names.word_kind(str(kind))) for word, kind in (values or {}).items()]
    return [(_name(action, key), _value(action, key, value)) for key, value in _flat(values or {})]


def target(action: str, written: str) -> str:
    """Name what was acted on: the issue of an alert in words, everything else as it was written."""
    kind, _space, rest = written.partition(" ")
    aspect, _space, product = rest.rpartition(" ")
    if action != "alert.state" or not product.isdigit():
        return written
    of = _("product %(id)s", id=product)
    return f"{alert_words.kind(kind, aspect)} · {of}"


def _flat(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield values; those of an inner mapping, such as the scope of a rule, beside the others."""
    for key, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield key, value


def _name(action: str, key: str) -> str:
    if action.startswith("alert_rule.") and key == "kind":
        return _("Looks for")
    return _of_people().get(key) or _of_work().get(key) or _of_rules().get(key) or names.table(key)


def _of_people() -> dict[str, str]:
    return {
        "role": _("Role"),
        "days": _("Valid for days"),
        "scopes": _("Parts of the API"),
        "sessions_ended": _("Sessions ended"),
        "codes": _("Recovery codes"),
        "viewers_read_texts": _("Viewers read reviews"),
        "customers": _("Names on orders"),
        "uploads": _("Uploaded files"),
        "jobs": _("Ended jobs"),
        "address": _("Address"),
    }


def _of_work() -> dict[str, str]:
    return {
        "kind": _("Kind"),
        "state": _("State"),
        "label": _("Sentiment"),
        "analyzer": _("Analyser version"),
        "file": _("File"),
        "sha256": _("Checksum"),
        "snapshot": _("Snapshot"),
        "bytes": _("Size"),
        "rows": _("Rows"),
        "undo": _("Job"),
        "format": _("Format"),
        "overview": _("All products"),
        "product": _("Product"),
        "destination": _("Destination"),
        "horizon": _("Days ahead"),
        "models": _("Models"),
        **{code: names.driver(code) for code in ("price", "discount", "promo", "holiday")},
    }


def _of_rules() -> dict[str, str]:
    return {
        "name": _("Name"),
        "aspect": _("Aspect"),
        "sensitivity": _("Sensitivity"),
        "category": _("Category"),
        "brand": _("Brand"),
        "shop": _("Shop"),
        "product_ids": _("Products"),
        "destination_ids": _("Destinations"),
        "throttle_hours": _("Hours between messages"),
        "quiet_from": _("Quiet from hour"),
        "quiet_to": _("Quiet to hour"),
        "is_on": _("on"),
        "shown": _("Called"),
        "words": _("Words of your own"),
        "off": _("left out"),
    }


def _value(action: str, key: str, value: Any) -> str:
    if value is None or value in ("", []):
        return _of_nothing(action, key)
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, list):
        return ", ".join(_value(action, key, one) for one in value)
    if isinstance(value, int | float):
        return size(int(value)) if key == "bytes" else _count(action, value)
    return _word(action, key, str(value))


def _of_nothing(action: str, key: str) -> str:
    """Say what it means that a weekly report names no product or nobody who is told."""
    meant = {"product": _("All products"), "destination": _("nobody")} if action.startswith("weekly.") else {}
    return meant.get(key, "—")


def _count(action: str, value: float) -> str:
    shown = grouped(value, 0 if value == int(value) else 2)
    return _("for %(days)s days", days=shown) if action == "settings.retention" else shown


def _word(action: str, key: str, code: str) -> str:
    if key == "kind":
        part = action.partition(".")[0]
        word = {"alert_rule": alert_words.kind, "destination": alert_words.channel}.get(part, names.job_kind)
        return word(code)
    words = {
        "role": names.role,
        "state": alert_words.state,
        "label": names.sentiment,
        "aspect": aspect_label,
        "models": names.model,
    }
    if key in words:
        return words[key](code)
    return code[:SHORT] if key in HASHES else code
