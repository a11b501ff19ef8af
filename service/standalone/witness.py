"""Keep heads of the log of another office's Tresteg, and sign them: a witness of its history.

One file, for Python 3.11 or later with the package `cryptography`; run it by cron, once a day.

    witness.py key NAME --out KEYFILE       make the key of this witness, once
    witness.py keep --folder FOLDER --log KEY (--url URL --token FILE | --head FILE [--proof FILE])
                    [--key KEYFILE]         fetch or read a head, verify it, sign it, keep it
    witness.py compare HEAD HEAD            two kept heads: of one history, or not

A head is kept only when its log has signed it and it goes on from the one kept before, which is
shown by a consistency proof. Exit codes: 0 all is well, 1 it is not, 2 a file cannot be used.
`--lang sv`, `en` or `both`, before the verb, is the language of what is said.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import os
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

LOG, COSIGNATURE = b"\x01", b"\x04"
"""Kinds of signatures in C2SP's signed notes: Ed25519, and cosignature/v1."""
HEAD = re.compile(r"([!-~]+)\n(0|[1-9][0-9]{0,14})\n(\S+)\n")
SIGNATURE = re.compile(r"\u2014 ([!-~]+) ([A-Za-z0-9+/=]+)")
NAME = re.compile(r"[A-Za-z0-9._/-]{1,100}")
HASH = re.compile("[0-9a-f]{64}")
NEWEST = "newest.checkpoint"
SECONDS, LARGEST, KEY_BYTES, ID_BYTES = 30, 1 << 20, 33, 4
SENTENCES = """\
wrong | STÄMMER INTE | DOES NOT HOLD
unusable | KAN INTE ANVÄNDAS | CANNOT BE USED
kept | Sparat: huvudet med {size} rader är signerat av {log}. | Kept: the head of {size} lines is signed by {log}.
kept_on | Sparat: huvudet med {size} rader är signerat av {log} och fortsätter det med {before}. | Kept: the head of {size} lines is signed by {log}, and goes on from that of {before}.
nothing_new | Inget nytt: huvudet med {size} rader är redan sparat. | Nothing new: the head of {size} lines is kept already.
same | Huvudena är desamma: {size} rader i {log}. | The heads are the same: {size} lines of {log}.
other_log | Det här är ett huvud av {log}, inte av {wanted}. | This is a head of {log}, not of {wanted}.
signature | Signaturen av {log} stämmer inte: huvudet är inte dess eget. | The signature of {log} does not fit: this head is not its own.
rewritten | Huvudet med {size} rader fortsätter inte det med {before}: loggen har skrivits om, eller så visas olika historier för olika. Spara båda och säg till den som äger den. | The head of {size} lines does not go on from that of {before}: the log was rewritten, or shows different people different histories. Keep both, and tell its owner.
gone_back | Huvudet har {size} rader, och ett med {before} är sparat: loggen har gått bakåt. Kanske har den lästs tillbaka från en kopia; fråga den som äger den. | The head has {size} lines, and one of {before} is kept: the log has gone back. It may have been restored from a copy; ask its owner.
two_logs | Det här är huvuden av två loggar, {log} och {other}. | These are heads of two logs, {log} and {other}.
two_histories | Två historier: båda huvudena räknar {size} rader, och rötterna är olika. Spara båda filerna och säg till den som äger loggen. | Two histories: both heads count {size} lines, and their roots differ. Keep both files, and tell the owner of the log.
two_sizes | Huvudena räknar {size} och {other} rader. Jämför huvuden av samma storlek, eller låt `witness.py keep` be loggen om ett bevis mellan dem. | The heads count {size} and {other} lines. Compare heads of one size, or let `witness.py keep` ask the log for a proof between them.
no_head | {file} är inget signerat huvud. | {file} is no signed head.
no_key | Det här är ingen nyckel: {text} | This is no key: {text}
no_own_key | {file} är ingen nyckel som `witness.py key` har gjort. | {file} is no key that `witness.py key` made.
no_proof | Det här är inget konsistensbevis. | This is no consistency proof.
name | Ett namn har bokstäver, siffror, '.', '_', '/' och '-': example.org/witness | A name has letters, digits, '.', '_', '/' and '-': example.org/witness
address | Adressen börjar med https:// | The address begins with https://
answers | {url} svarar {code}: är koden i --token rätt? | {url} answers {code}: is the token right?
unreachable | {url} nås inte: {why} | {url} cannot be reached: {why}
file | {file}: {why} | {file}: {why}
text | En fil är ingen text: {why} | A file is no text: {why}
"""


Said: TypeAlias = tuple[str, dict[str, object]]


class CannotKeep(Exception):
    """What is said, by its key in `SENTENCES`."""

    def __init__(self, key: str, /, **facts: object) -> None:
        self.key, self.facts = key, facts


class Wrong(CannotKeep):
    """Something does not hold."""


class Unusable(CannotKeep):
    """A file or an answer cannot be used."""


@dataclass(frozen=True)
class Head:
    """A checkpoint: its log, how many lines it counts, their root, and who signed it."""

    log: str
    size: int
    root: bytes
    body: str
    signatures: tuple[tuple[str, bytes, bytes], ...]
    """Name, key id, and signature."""
    note: str


def sha(*parts: bytes) -> bytes:
    """SHA-256 of all parts."""
    return hashlib.sha256(b"".join(parts)).digest()


def decoded(text: str) -> bytes:
    """The bytes of a text in base64; none when it is not written in the one right way."""
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def read_head(text: str, where: str) -> Head:
    """Read a head; nobody asks yet who signed it."""
    body, _, rest = text.rpartition("\n\n")
    found = HEAD.fullmatch(f"{body}\n")
    lines = [SIGNATURE.fullmatch(line) for line in rest.removesuffix("\n").split("\n")]
    if found is None or not rest.endswith("\n") or None in lines:
        raise Unusable("no_head", file=where)
    signed = [(line[1], decoded(line[2])) for line in lines if line is not None]
    parts = tuple((name, key[:ID_BYTES], key[ID_BYTES:]) for name, key in signed)
    return Head(found[1], int(found[2]), decoded(found[3]), f"{body}\n", parts, text)


def key_id(name: str, kind: bytes, key: bytes) -> bytes:
    """What a signature names its key by."""
    return sha(name.encode(), b"\n", kind, key)[:ID_BYTES]


def read_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, kind and bytes of a key as C2SP writes it: name+id+base64."""
    name, _, rest = text.strip().partition("+")
    id_, _, coded = rest.partition("+")
    key = decoded(coded)
    if len(key) != KEY_BYTES or key_id(name, key[:1], key[1:]).hex() != id_:
        raise Unusable("no_key", text=text.strip()[:40])
    return name, key[:1], key[1:]


def require_signed(head: Head, key: tuple[str, bytes, bytes]) -> None:
    """Refuse a head that its log has not signed."""
    name, kind, public = key
    if head.log != name or kind != LOG:
        raise Wrong("other_log", log=head.log, wanted=name)
    id_ = key_id(name, LOG, public)
    own = [signature for who, known, signature in head.signatures if (who, known) == (name, id_)]
    try:
        for signature in own or [b""]:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, head.body.encode())
    except InvalidSignature:
        raise Wrong("signature", log=name) from None


def require_consistent(older: Head, newer: Head, proof: Sequence[object]) -> None:
    """Refuse a head that does not go on from an older one (RFC 9162, 2.1.4.2)."""
    other = Wrong("rewritten", size=newer.size, before=older.size)
    if older.size > newer.size:
        raise Wrong("gone_back", size=newer.size, before=older.size)
    if older.size in (0, newer.size):
        if older.root != (newer.root if older.size else sha()):
            raise other
        return
    if not proof or not all(isinstance(node, str) and HASH.fullmatch(node) for node in proof):
        raise other
    path = [bytes.fromhex(str(node)) for node in proof]
    if not older.size & (older.size - 1):
        path.insert(0, older.root)
    if not _leads(older.size - 1, newer.size - 1, path, (older.root, newer.root)):
        raise other


def _leads(place: int, last: int, path: Sequence[bytes], roots: tuple[bytes, bytes]) -> bool:
    """Whether nodes lead to both roots."""
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = path[0]
    for other in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = sha(b"\1", other, old), sha(b"\1", other, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = sha(b"\1", new, other)
        place, last = place >> 1, last >> 1
    return last == 0 and (old, new) == roots


def cosigned(head: Head, name: str, key: Ed25519PrivateKey, moment: int) -> str:
    """The head with this witness's signature and its moment (cosignature/v1)."""
    message = f"cosignature/v1\ntime {moment}\n{head.body}"
    public = key.public_key().public_bytes_raw()
    stamp = moment.to_bytes(8)
    signed = key_id(name, COSIGNATURE, public) + stamp + key.sign(message.encode())
    return f"{head.note}\u2014 {name} {base64.b64encode(signed).decode()}\n"


def make_key(name: str, out: Path) -> str:
    """Make the key of a witness; gives its public half, for who checks it."""
    if not NAME.fullmatch(name):
        raise Unusable("name")
    key = Ed25519PrivateKey.generate()
    public = key.public_key().public_bytes_raw()
    known = f"{name}+{key_id(name, COSIGNATURE, public).hex()}+"
    known += base64.b64encode(COSIGNATURE + public).decode()
    secret = base64.b64encode(key.private_bytes_raw()).decode()
    handle = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(f"{known}\n{secret}\n")
    return known


def own_key(file: Path) -> tuple[str, Ed25519PrivateKey]:
    """Name and key of this witness."""
    known, _, secret = file.read_text("utf-8").strip().partition("\n")
    name, kind, public = read_key(known)
    raw = decoded(secret)
    if kind != COSIGNATURE or len(raw) != len(public):
        raise Unusable("no_own_key", file=file)
    return name, Ed25519PrivateKey.from_private_bytes(raw)


def fetch(url: str, token: str) -> str:
    """What the log answers."""
    if not url.startswith(("https://", "http://127.0.0.1", "http://localhost")):
        raise Unusable("address")
    asked = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - looked at above
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310 - same
            return str(answer.read(LARGEST).decode())
    except urllib.error.HTTPError as e:
        raise Unusable("answers", url=url, code=e.code) from e
    except (OSError, ValueError) as e:
        raise Unusable("unreachable", url=url, why=type(e).__name__) from e


def keep(given: argparse.Namespace) -> Said:
    """Fetch or read a head, and keep it when it goes on from the one before."""
    key, folder = read_key(given.log.read_text("utf-8")), given.folder
    if given.url:
        address, token = given.url.rstrip("/"), given.token.read_text("utf-8").strip()
        head = read_head(fetch(f"{address}/ledger/checkpoint", token), address)
    else:
        head = read_head(given.head.read_text("utf-8"), given.head.name)
    require_signed(head, key)
    before = None
    if (folder / NEWEST).exists():
        before = read_head((folder / NEWEST).read_text("utf-8"), NEWEST)
        proof: Sequence[object] = []
        if given.url and 0 < before.size < head.size:
            asked = f"{address}/ledger/consistency?from={before.size}&to={head.size}"
            proof = path_of(fetch(asked, token))
        elif given.proof:
            proof = path_of(given.proof.read_text("utf-8"))
        require_consistent(before, head, proof)
        if before.size == head.size:
            return "nothing_new", {"size": head.size}
    moment = int(time.time())
    text = cosigned(head, *own_key(given.key), moment) if given.key else head.note
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    day = folder / f"{time.strftime('%Y-%m-%d', time.gmtime(moment))}.checkpoint"
    for file in (day, folder / NEWEST) if not day.exists() else (folder / NEWEST,):
        new = file.with_suffix(".new")
        new.write_text(text, "utf-8")
        new.replace(file)
    said: dict[str, object] = {"size": head.size, "log": head.log}
    if before is None:
        return "kept", said
    return "kept_on", {**said, "before": before.size}


def path_of(text: str) -> Sequence[object]:
    """The nodes of a consistency proof."""
    try:
        path = json.loads(text)["path"]
    except (ValueError, KeyError, TypeError):
        raise Unusable("no_proof") from None
    if not isinstance(path, list):
        raise Unusable("no_proof")
    return path


def compare(one: Path, other: Path) -> Said:
    """Compare two kept heads."""
    first, second = (read_head(file.read_text("utf-8"), file.name) for file in (one, other))
    if first.log != second.log:
        raise Wrong("two_logs", log=first.log, other=second.log)
    if first.size != second.size:
        raise Unusable("two_sizes", size=first.size, other=second.size)
    if first.root != second.root:
        raise Wrong("two_histories", size=first.size)
    return "same", {"size": first.size, "log": first.log}


def tell(lang: str, title: str, said: Said) -> None:
    """Say a sentence, after a title where there is one."""
    table = {key: texts for key, *texts in (one.split(" | ") for one in SENTENCES.splitlines())}
    for nth in (0, 1) if lang == "both" else (("sv", "en").index(lang),):
        text = table[said[0]][nth].format(**said[1])
        line = f"{table[title][nth]}: {text}" if title else text
        print("".join(sign if sign.isprintable() else "?" for sign in line))


def read_arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    """What the command line asks."""
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--lang", choices=("sv", "en", "both"), default="both")
    verbs = parser.add_subparsers(dest="verb", required=True)
    making = verbs.add_parser("key")
    making.add_argument("name")
    making.add_argument("--out", type=Path, required=True)
    keeping = verbs.add_parser("keep")
    keeping.add_argument("--url", default="")
    for name in ("folder", "log", "token", "head", "proof", "key"):
        keeping.add_argument(f"--{name}", type=Path, required=name in ("folder", "log"))
    comparing = verbs.add_parser("compare")
    comparing.add_argument("heads", type=Path, nargs=2)
    given = parser.parse_args(arguments)
    if given.verb == "keep" and bool(given.url and given.token) == bool(given.head):
        parser.error("give --url with --token, or --head")
    return given


def main(arguments: Sequence[str] | None = None) -> int:
    """Do what the command line asks; gives the exit code."""
    given = read_arguments(arguments)
    try:
        if given.verb == "key":
            print(make_key(given.name, given.out))
        else:
            tell(given.lang, "", keep(given) if given.verb == "keep" else compare(*given.heads))
    except Wrong as e:
        tell(given.lang, "wrong", (e.key, e.facts))
        return 1
    except Unusable as e:
        tell(given.lang, "unusable", (e.key, e.facts))
        return 2
    except UnicodeDecodeError as e:
        tell(given.lang, "unusable", ("text", {"why": e.reason}))
        return 2
    except OSError as e:
        why = e.strerror or type(e).__name__
        tell(given.lang, "unusable", ("file", {"file": e.filename or "?", "why": why}))
        return 2
    return 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without å, ä, ö
    sys.exit(main())
