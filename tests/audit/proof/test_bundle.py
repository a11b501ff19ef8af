"""What a bundle holds, and that an erased case proves the same."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest

from service.audit.proof.proof_bundle import PROGRAMS, ProofOrder, make_bundle
from service.standalone import verify
from service.standalone.verify import SENTENCES, Verifier
from service.store.casefile import cases
from service.store.installation import keys
from tests.support.proven import Proven


def test_a_bundle_holds_what_its_reader_needs_and_nothing_sealed(proven: Proven) -> None:
    files = proven.files
    assert next(iter(files)) == "bundle.txt"
    assert files["verify.py"] == (PROGRAMS / "verify.py").read_bytes()
    assert {name for name in files if "/" not in name} == {
        *("bundle.txt", "README.txt", "viewer.html", "verify.py", "checkpoint.txt", "keys.txt"),
        *("lines.jsonl", "proofs.jsonl", "facts.jsonl", "heads.jsonl", "boxes.jsonl"),
        "left-out.txt",
    }
    whole = b"".join(files.values())
    assert b"mottagningen" not in whole
    assert b"vardagar" not in whole
    assert len([name for name in files if name.startswith("releases/")]) > 3
    assert list(proven.made.streams) == [
        *(f"case/{proven.case}", f"reads/{proven.case}", "release/return_case"),
    ]


def test_a_bundle_made_twice_is_the_same(proven: Proven) -> None:
    with proven.world.database.transaction(write=False) as tx:
        found = cases.get(tx, proven.case)
        assert found is not None
        one, other = (
            make_bundle(
                tx,
                proven.world.program.services,
                ProofOrder((found,), reads=True),
                viewer=proven.world.viewer("sara"),
                now=proven.world.clock.now(),
            )
            for _ in range(2)
        )
    assert one.content == other.content
    assert one.digest == other.digest


def test_a_bundle_of_many_says_what_it_leaves_out(proven: Proven) -> None:
    world = proven.world
    with world.database.transaction(write=False) as tx:
        every = tuple(cases.listed(tx, after="", limit=9))
        services, now = world.program.services, world.clock.now()
        viewer = replace(world.viewer("sara"), lang="en", roles=frozenset({"auditor"}))
        whole = ProofOrder(every, answers=True, streams=("release/return_case", "system"))
        made = make_bundle(tx, services, whole, viewer=viewer, now=now)
        part = make_bundle(tx, services, ProofOrder(every[:1]), viewer=viewer, now=now)
    assert made.verifier is not None
    assert made.verifier.faults == []
    assert ("left_out", {"n": True}) in made.verifier.not_proven
    assert [*made.streams] == [f"case/{one.id}" for one in every] + [
        *("release/return_case", "system")
    ]
    files = verify.unzipped(made.content)
    page = files["viewer.html"].decode()
    assert "Proof of several histories" in page
    assert all(one.ref in page for one in every)
    said = files["left-out.txt"].decode().splitlines()
    assert "- Who has looked at the cases: it was not chosen." in said
    assert "- Vilka som har läst ärendena: det valdes inte." in said
    assert not any("class C0" in line for line in said), "they were chosen"
    assert any(
        "class C0" in line
        for line in verify.unzipped(part.content)["left-out.txt"].decode().splitlines()
    )
    changed = verify.unzipped(made.content) | {"left-out.txt": b"nothing\n"}
    found = Verifier(changed)
    found.verify()
    assert [key for key, _ in found.faults] == ["changed"]


class RolledBack(Exception):
    """Ends a transaction without a commit."""


def test_every_proof_holds_after_the_case_lost_its_keys(proven: Proven) -> None:
    world = proven.world
    with suppress(RolledBack), world.database.transaction() as tx:
        found = cases.get(tx, proven.case)
        assert found is not None
        keys.drop(tx, f"case:{proven.case}", stream=f"case/{proven.case}")
        order = ProofOrder((found,), reads=True, answers=True)
        viewer = replace(world.viewer("sara"), roles=frozenset({"auditor"}))
        made = make_bundle(tx, world.program.services, order, viewer=viewer, now=world.clock.now())
        assert made.verifier is not None
        assert made.verifier.faults == []
        assert [key for key, _ in made.verifier.proven] == ["lines", "chain", "facts", "release"]
        raise RolledBack


def test_the_verifier_is_one_short_file_of_two_libraries() -> None:
    text = (PROGRAMS / "verify.py").read_text("utf-8")
    assert len(text.splitlines()) < 420
    imported = {
        line.split()[1].partition(".")[0]
        for line in text.splitlines()
        if line.startswith(("import ", "from "))
    }
    assert imported - {"cryptography", "__future__"} == {
        *("argparse", "base64", "collections", "hashlib", "hmac", "json", "pathlib", "re"),
        *("struct", "sys", "typing", "zlib"),
    }
    rows = [line.split(" | ") for line in SENTENCES.splitlines()]
    assert {len(row) for row in rows} == {3}
    for key, swedish, english in rows:
        named = [sorted(re.findall(r"\{(\w+)\}", text)) for text in (swedish, english)]
        assert named[0] == named[1], key


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "as Tresteg writes it"),
        (b"PK\3\4", "as Tresteg writes it"),
        (b"\xff" * 99, "as Tresteg writes it"),
    ],
)
def test_what_is_no_archive_is_a_sentence(
    content: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "x.zip").write_bytes(content)
    assert verify.main([str(tmp_path / "x.zip"), "--lang", "en"]) == 2
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    ("first", "said"),
    [
        (b"tresteg proof bundle 2", "has format 2"),
        (b"another bundle 1", "no proof bundle of Tresteg"),
        (b"tresteg proof bundle x", "no proof bundle of Tresteg"),
    ],
)
def test_a_newer_or_foreign_bundle_is_a_sentence(
    proven: Proven, first: bytes, said: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rest = proven.files["bundle.txt"].partition(b"\n")[2]
    changed = verify.zipped(proven.files | {"bundle.txt": first + b"\n" + rest})
    (tmp_path / "x.zip").write_bytes(changed)
    assert verify.main([str(tmp_path / "x.zip"), "--lang", "en"]) == 2
    assert said in capsys.readouterr().out


def test_a_head_from_the_future_says_what_is_needed(
    proven: Proven, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "b.zip").write_bytes(proven.made.content)
    (tmp_path / "head.txt").write_bytes(proven.newer)
    (tmp_path / "proof.json").write_bytes(proven.to_newer)
    asked = [str(tmp_path / "b.zip"), "--head", str(tmp_path / "head.txt"), "--lang", "en"]
    assert verify.main(asked) == 2
    assert "a consistency proof is needed" in capsys.readouterr().out
    assert verify.main([*asked, "--proof", str(tmp_path / "proof.json")]) == 0
    assert "of the same log" in capsys.readouterr().out
    (tmp_path / "head.txt").write_bytes(b"nothing\n")
    assert verify.main(asked) == 2
    assert "no signed head" in capsys.readouterr().out


def test_opened_values_are_compared_beside_the_bundle_too(proven: Proven) -> None:
    row = json.loads(proven.files["boxes.jsonl"].splitlines()[0])
    found = Verifier(proven.files)
    found.verify(boxes={"own": verify.JSON.encode(row).encode() + b"\n"})
    assert found.faults == []
    column = next(iter(row["open"]))
    row["open"][column]["content"] += " "
    found = Verifier(proven.files)
    found.verify(boxes={"own": verify.JSON.encode(row).encode() + b"\n"})
    assert [key for key, _ in found.faults] == ["box"]
