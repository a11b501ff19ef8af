"""What a bundle leaves out is said in every language, with the reason."""

from __future__ import annotations

from service.audit.proof.proof_bundle import NotInBundle, left_out_text
from service.store.casefile import cases
from tests.support.proven import Proven


def test_each_thing_that_is_left_out_has_its_reason(proven: Proven) -> None:
    with proven.world.database.transaction(write=False) as tx:
        case = cases.get(tx, proven.case)
    assert case is not None
    what = NotInBundle(
        (case,), reads=False, answers=False, newer={"case/x": 2, "system": 0}, later=1
    )
    text = left_out_text(what)
    swedish, english = text.strip().split("\n\n")
    for part in (swedish, english):
        assert len(part.splitlines()) == 1 + 8
    assert "2 lines of case/x: they are so new" in english
    assert "system" not in english
    assert "1 later line about the releases" in english


def test_what_was_taken_is_not_among_it() -> None:
    text = left_out_text(NotInBundle((), reads=True, answers=True))
    assert "class C0" not in text
    assert "Who has looked" not in text
    assert "Names of persons" in text or "names of persons" in text.lower()
