"""Whatever somebody changes in a bundle, both verifiers notice it, and say the same."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from random import Random

import pytest

from tests.standalone.forger import Forger
from tests.support.proven import Holder, Proven, SecondVerifier, first_code
from tests.support.scale import SEED, figure

PARTS = 4
KINDS = {
    *("flip", "delete_bytes", "insert_bytes", "truncate", "swap_files", "double_file"),
    *("delete_line", "insert_line", "swap_lines", "double_line", "cut_end", "swap_streams"),
    *("own_key", "fork", "old_bundle", "foreign_head", "bad_consistency", "other_proof"),
    *("extra_node", "missing_node", "random_node", "wrong_index", "wrong_size", "wrong_root"),
}
"""What must be among them: changed bytes and lines, forged proofs, a history that was signed again,
and an old one, beside a head that a witness holds."""


def test_both_verifiers_prove_what_was_not_changed(proven: Proven, second: SecondVerifier) -> None:
    whole = proven.holder
    for holder in (
        whole,
        Holder(whole.bundle),
        replace(whole, proof=b"", head=proven.older.split(b"\n\n")[0] + b"\n\n" + b""),
        replace(whole, head=proven.newer, proof=proven.to_newer),
        replace(whole, head=proven.files["checkpoint.txt"], proof=b""),
    ):
        assert first_code(holder) == second.code(holder)
    assert first_code(whole) == 0
    assert first_code(replace(whole, head=proven.newer, proof=proven.to_newer)) == 0


@pytest.mark.slow
@pytest.mark.parametrize("part", range(PARTS))
def test_both_verifiers_notice_every_tamper(
    proven: Proven, second: SecondVerifier, part: int
) -> None:
    """Each part tries every kind of tamper once, and then by lot."""
    lot, many = f"tamper {part}", figure("tampers") // PARTS
    forger, seed = Forger(proven, Random(lot)), f"{SEED}{lot}"  # noqa: S311 - a lot that can be drawn again
    missed, tried = Counter[tuple[str, int, int]](), Counter[str]()
    for name, holder in forger.tampers(many):
        codes = (first_code(holder), second.code(holder))
        tried[name] += 1
        if 0 in codes or codes[0] != codes[1]:
            missed[name, *codes] += 1
    assert missed == {}, seed
    assert sum(tried.values()) == many
    assert tried.keys() >= KINDS
