"""A witness keeps heads of the log: it signs what goes on, and refuses what was rewritten."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from werkzeug.serving import make_server

from service.audit.proof.proof_bundle import log_key
from service.operations.sequencer import Sequencer
from service.records.ledger_append import append_entry
from service.security import checkpoint
from service.security.keyring import make_keyring
from service.security.vault import Vault
from service.standalone import verify, witness
from tests.support.waiting import join
from tests.support.world import SEED, World

TOKEN = "a-token-of-witnesses"


def sequenced(world: World) -> str:
    """The newest head, with everything in it."""
    Sequencer(world.database, world.program.services, world.clock).run()
    client = with_token(world).app.test_client()
    return str(client.get("/ledger/checkpoint", headers=bearer(TOKEN)).text)


def happen(world: World) -> None:
    """Something that the ledger tells."""
    with world.database.transaction() as tx:
        append_entry(tx, "system", "clock_confirmed", by=SEED, now=world.clock.now())


def with_token(world: World) -> World:
    settings = replace(world.program.settings, witness_token=TOKEN)
    return replace(world, program=replace(world.program, settings=settings))


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def log(world: World, tmp_path: Path) -> World:
    """A world with the log's key in a file."""
    note = sequenced(world)
    (tmp_path / "log.key").write_text(log_key(world.program.services, note), "utf-8")
    return world


@pytest.fixture
def address(log: World) -> Iterator[str]:
    """Where the site can be reached."""
    server = make_server("127.0.0.1", 0, with_token(log).app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    join(thread)


def keep(folder: Path, *words: str | Path) -> int:
    fixed = ("keep", "--folder", folder / "kept", "--log", folder / "log.key")
    return witness.main([str(word) for word in (*fixed, *words)])


def test_heads_and_proofs_are_for_witnesses_alone(log: World) -> None:
    for site, given in ((log, TOKEN), (with_token(log), "another"), (with_token(log), "")):
        client = site.app.test_client()
        for page in ("checkpoint", "consistency?from=1&to=2"):
            assert client.get(f"/ledger/{page}", headers=bearer(given)).status_code == 404
    client = with_token(log).app.test_client()
    for sizes in ("from=0&to=1", "from=2&to=1", "from=1&to=999999", "from=x", "from=1&to=-1"):
        asked = client.get(f"/ledger/consistency?{sizes}", headers=bearer(TOKEN))
        assert asked.status_code == 404, sizes
    proof = client.get("/ledger/consistency?from=1&to=2", headers=bearer(TOKEN)).get_json()
    assert (proof["from"], proof["to"], len(proof["path"])) == (1, 2, 1)


def test_a_witness_follows_the_log_and_signs_what_it_keeps(
    log: World, address: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert witness.main(["key", "example.org/witness", "--out", str(tmp_path / "own.key")]) == 0
    (tmp_path / "token").write_text(TOKEN, "utf-8")
    asked = ("--url", address, "--token", tmp_path / "token", "--key", tmp_path / "own.key")
    assert keep(tmp_path, *asked) == 0
    assert keep(tmp_path, *asked) == 0
    assert "Nothing new" in capsys.readouterr().out
    happen(log)
    head = sequenced(log)
    assert keep(tmp_path, *asked) == 0
    assert "goes on from that of" in capsys.readouterr().out
    kept = (tmp_path / "kept" / "newest.checkpoint").read_text("utf-8")
    assert kept.startswith(head)
    assert checkpoint.verify(kept, log.program.services.vault.verifying_key()).size > 0
    name, signed = kept.splitlines()[-1].split(" ")[1:]
    known = capsys.readouterr().out + (tmp_path / "own.key").read_text("utf-8")
    public = witness.read_key(known.splitlines()[0])[2]
    raw = witness.decoded(signed)
    moment = int.from_bytes(raw[4:12])
    message = f"cosignature/v1\ntime {moment}\n" + head.rpartition("\n\n")[0] + "\n"
    Ed25519PublicKey.from_public_bytes(public).verify(raw[12:], message.encode())
    assert (name, raw[:4]) == ("example.org/witness", witness.key_id(name, b"\4", public))


def test_a_witness_refuses_what_does_not_go_on(
    log: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = (tmp_path / "first.txt", sequenced(log))
    happen(log)
    second = (tmp_path / "second.txt", sequenced(log))
    vault, parsed = log.program.services.vault, checkpoint.parse(second[1])
    rewritten = (
        tmp_path / "rewritten.txt",
        checkpoint.sign(replace(parsed, root=bytes(32)), vault),
    )
    thief = Vault(make_keyring(demo=True))
    stolen = (tmp_path / "stolen.txt", checkpoint.sign(parsed, thief))
    for file, text in (first, second, rewritten, stolen):
        file.write_text(text, "utf-8")
    client = with_token(log).app.test_client()
    sizes = f"from={first[1].splitlines()[1]}&to={parsed.size}"
    proof = client.get(f"/ledger/consistency?{sizes}", headers=bearer(TOKEN)).text
    (tmp_path / "proof.json").write_text(proof, "utf-8")
    forged = json.loads(proof) | {"path": []}
    (tmp_path / "forged.json").write_text(json.dumps(forged), "utf-8")
    assert keep(tmp_path, "--head", first[0]) == 0
    assert keep(tmp_path, "--head", second[0], "--proof", tmp_path / "forged.json") == 1
    assert keep(tmp_path, "--head", rewritten[0], "--proof", tmp_path / "proof.json") == 1
    assert keep(tmp_path, "--head", stolen[0]) == 1
    assert keep(tmp_path, "--head", second[0], "--proof", tmp_path / "proof.json") == 0
    assert keep(tmp_path, "--head", first[0]) == 1
    assert "the log has gone back" in capsys.readouterr().out
    both = ["compare", str(second[0]), str(rewritten[0])]
    assert witness.main(both) == 1
    assert "Two histories" in capsys.readouterr().out
    assert witness.main(["compare", str(second[0]), str(second[0])]) == 0
    assert witness.main(["compare", str(first[0]), str(second[0])]) == 2


def test_what_a_witness_cannot_use_is_a_sentence(
    log: World, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert log is not None
    (tmp_path / "bad.txt").write_bytes(b"\xff\x00 nothing")
    assert keep(tmp_path, "--head", tmp_path / "bad.txt") == 2
    assert keep(tmp_path, "--head", tmp_path / "none.txt") == 2
    assert keep(tmp_path, "--url", "ftp://x", "--token", tmp_path / "log.key") == 2
    assert keep(tmp_path, "--url", "http://127.0.0.1:1", "--token", tmp_path / "log.key") == 2
    assert witness.main(["key", "a name", "--out", str(tmp_path / "k")]) == 2
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 2 * 5
    assert all(line.startswith("KAN INTE ANVÄNDAS: ") for line in told[::2])
    assert all(line.startswith("CANNOT BE USED: ") for line in told[1::2])
    assert verify.main([str(tmp_path / "bad.txt")]) == 2


@pytest.mark.parametrize(("lang", "said"), [("sv", "STÄMMER INTE: "), ("en", "DOES NOT HOLD: ")])
def test_a_witness_speaks_the_language_that_is_asked_for(
    log: World, tmp_path: Path, capsys: pytest.CaptureFixture[str], lang: str, said: str
) -> None:
    head = sequenced(log)
    for name, text in (("own.txt", head), ("other.txt", head.replace("\n", "x\n", 1))):
        (tmp_path / name).write_text(text, "utf-8")
    files = [str(tmp_path / name) for name in ("own.txt", "other.txt")]
    assert witness.main(["--lang", lang, "compare", *files]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(said)


def test_every_sentence_of_a_witness_has_both_languages() -> None:
    rows = [line.split(" | ") for line in witness.SENTENCES.splitlines()]
    source = Path(witness.__file__).read_text("utf-8").partition('"""\n\n\nSaid')[2]
    facts = re.compile(r"\{(\w+)\}")
    for key, swedish, english in rows:
        assert set(facts.findall(swedish)) == set(facts.findall(english)), key
        assert f'"{key}"' in source, key
    assert len(Path(witness.__file__).read_text("utf-8").splitlines()) < 400
