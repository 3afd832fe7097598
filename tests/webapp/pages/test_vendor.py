"""What the browser is given comes from the npm registry, pinned, and is never committed."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGE = json.loads((ROOT / "package.json").read_text())
LOCK = json.loads((ROOT / "package-lock.json").read_text())
FILES = json.loads((ROOT / "webapp/pages/vendor.json").read_text())


def test_versions_are_exact() -> None:
    for name, version in PACKAGE["dependencies"].items():
        assert re.fullmatch(r"\d+\.\d+\.\d+", version), name
        assert LOCK["packages"][f"node_modules/{name}"]["version"] == version


def test_the_lock_names_no_registry_and_checks_every_package() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"resolved"' not in text
    assert "http" not in text.replace("https://opencollective", "")
    assert all(entry.get("integrity") for name, entry in LOCK["packages"].items() if name)


def test_every_script_of_a_page_is_copied() -> None:
    copied = {f"vendor/{source.split('/')[0]}/{Path(source).name}" for source in FILES}
    used = set()
    for template in (ROOT / "webapp/templates").rglob("*.html"):
        used |= set(re.findall(r"vendor/[\w./-]+", template.read_text()))
    assert used
    assert used <= copied


def test_each_library_brings_its_licence() -> None:
    packages = {source.split("/")[0] for source in FILES}
    assert packages == set(PACKAGE["dependencies"])
    assert {source.split("/")[0] for source in FILES if source.endswith("/LICENSE")} == packages
