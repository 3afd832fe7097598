import pytest

from webapp.workspaces.cuts import cut


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("a b c d", "a bc d", (["b", "c"], ["bc"])),
        ("ab", "a b", (["ab"], ["a", "b"])),
        ("a a", "a a a", ([], ["a"])),
        ("a b", "a b", ([], [])),
        ("", "a", ([], ["a"])),
    ],
)
def test_what_differs_is_marked(before: str, after: str, marked: tuple[list[str], list[str]]) -> None:
    found = cut(before.split(), after.split())
    assert [word for word, _ in found.before] == before.split()
    assert [word for word, _ in found.after] == after.split()
    assert (
        tuple([word for word, differs in side if differs] for side in (found.before, found.after)) == marked
    )
