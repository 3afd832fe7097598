from webapp.api.kept import Bodies


def test_the_body_not_asked_for_longest_goes_first() -> None:
    bodies = Bodies(most=10)
    bodies.keep("a", b"12345")
    bodies.keep("b", b"12345")
    assert bodies.get("a") == b"12345"
    bodies.keep("c", b"1")
    assert (bodies.get("b"), bodies.get("a"), bodies.size) == (None, b"12345", 6)
    bodies.keep("a", b"1")
    assert bodies.size == 2


def test_a_body_larger_than_all_is_not_kept() -> None:
    bodies = Bodies(most=3)
    bodies.keep("a", b"12345")
    assert (bodies.get("a"), bodies.size) == (None, 0)
