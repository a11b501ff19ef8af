"""The proof bundle: an archive that its reader verifies with `verify.py`, which is in it.

It holds the ledger entries of the cases and of the other streams that were chosen, the facts that
they bind, the signed checkpoint, proofs, the releases that the facts ran on, and a list of what is
left out. Of sealed values it holds open answers (class C0) alone, and those where the order has
them.
"""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from service import standalone
from service.access import Viewer
from service.audit.proof.log_proofs import LogProofs, load_log_proofs
from service.audit.proof.opened_boxes import opened_boxes
from service.audit.proof.viewer import viewer_page
from service.casework.history.chain_checks import load_stream
from service.records.context import Services, release_stream
from service.records.fact_format import fact_content
from service.release.bundle import unpack
from service.security import checkpoint, ledger_lines
from service.security.records import LedgerEntry
from service.standalone.verify import Stop, Verifier, zipped
from service.store.casefile import facts
from service.store.casefile.cases import CaseSummary
from service.store.installation import releases
from service.store.transaction import Tx
from service.text import languages, say

PROGRAMS: Final = Path(standalone.__file__).parent
OWN: Final = "bundle.txt"
"""File of a bundle that lists and signs all others."""
DAILY_HEADS: Final = 400
"""Most older checkpoints that a bundle proves itself consistent with; the newest are taken."""


@dataclass(frozen=True, slots=True)
class ProofOrder:
    """Order for a bundle: the cases, streams and older checkpoints that it is made of."""

    cases: tuple[CaseSummary, ...] = ()
    reads: bool = False
    """Whether the read logs of the cases are in it."""
    answers: bool = False
    """Whether the open answers (class C0) are in it."""
    heads: Mapping[str, str] = field(default_factory=dict)
    """Name to older checkpoint, which the reader holds or which is kept outside the database."""
    streams: tuple[str, ...] = ()
    """Streams of the installation, whole. Of the stream of releases, the part that the cases need
    is in the bundle without being chosen."""

    def wanted(self, release: str) -> list[str]:
        """The streams that are read."""
        found = []
        for case in self.cases:
            found += [f"case/{case.id}", *([f"reads/{case.id}"] if self.reads else ())]
        found += [release] if self.cases else []
        return list(dict.fromkeys([*found, *self.streams]))

    def file_name(self, now: datetime) -> str:
        """What the archive is called: the pseudonym of its one case, or the day."""
        one = len(self.cases) == 1 and not self.streams
        name = self.cases[0].ref if one else f"tresteg-{now:%Y-%m-%d}"
        return f"{name}.proof.zip"


@dataclass(frozen=True, slots=True)
class ProofBundle:
    """A bundle, and what its own verifier says of it."""

    name: str
    content: bytes
    """Empty when the history does not hold: then nothing is handed out."""
    streams: Mapping[str, int]
    verifier: Verifier | None
    waiting: int = 0
    """Entries of the cases that have no place in the log yet, and are left out."""

    @property
    def digest(self) -> str:
        """SHA-256 of the archive, hex."""
        return sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class NotInBundle:
    """Choices of an order, and how many entries are left out: the source of `left-out.txt`.

    `newer` is stream to the number of its entries that have no place in the log yet, `later` the
    number of entries of the releases after the last one that the cases need.
    """

    cases: tuple[CaseSummary, ...]
    reads: bool
    answers: bool
    newer: Mapping[str, int] = field(default_factory=dict)
    later: int = 0


def make_bundle(
    tx: Tx, services: Services, order: ProofOrder, *, viewer: Viewer, now: datetime
) -> ProofBundle:
    """Make a bundle, and verify it as its reader will.

    Of the heads the first and the last are compared, and all are proven in it.

    Args:
        now: aware; written as the day on which it was made.
    """
    release = release_stream(services)
    name = order.file_name(now)
    wanted = order.wanted(release)
    log = load_log_proofs(tx, wanted)
    if log is None:
        return ProofBundle(name, b"", {}, None)
    streams = {stream: load_stream(tx, stream) for stream in wanted}
    placed = {
        stream: [line for line in lines if (stream, line.seq) in log.places]
        for stream, lines in streams.items()
    }
    newer = {stream: len(lines) - len(placed[stream]) for stream, lines in streams.items()}
    stored = {case.id: facts.of_case(tx, case.id) for case in order.cases}
    ids = list(dict.fromkeys(fact.release_id for found in stored.values() for fact in found))
    later = 0
    if release not in order.streams and release in placed:
        later = _cut_releases(placed, release, ids)
        newer[release] = 0
    files = _evidence(services, order, log, placed, stored) | dict(_releases(tx, ids))
    if order.answers:
        files["boxes.jsonl"] = _rows(_boxes(tx, services, order, viewer, placed, now))
    what = NotInBundle(
        order.cases, reads=order.reads, answers=order.answers, newer=newer, later=later
    )
    files["left-out.txt"] = left_out_text(what).encode()
    made = _Signer(services, log, {s: lines[-1].seq for s, lines in placed.items() if lines}, now)
    found = verified(made.bundle(files), _compared(order.heads))
    page = viewer_page(tx, services, order.cases, placed, log.places, found, viewer.lang)
    content = b"" if found.faults else zipped(made.bundle(_programs(page) | files))
    waiting = sum(newer[f"case/{case.id}"] for case in order.cases)
    return ProofBundle(name, content, made.streams, found, waiting)


def _boxes(
    tx: Tx,
    services: Services,
    order: ProofOrder,
    viewer: Viewer,
    placed: Mapping[str, Sequence[LedgerEntry]],
    now: datetime,
) -> Iterator[bytes]:
    """The open answers of every case."""
    for case in order.cases:
        yield from opened_boxes(tx, services, viewer, case, placed[f"case/{case.id}"], now)


def _evidence(
    services: Services,
    order: ProofOrder,
    log: LogProofs,
    placed: Mapping[str, Sequence[LedgerEntry]],
    stored: Mapping[str, Sequence[facts.Fact]],
) -> dict[str, bytes]:
    """Files that prove the entries: checkpoint, key of the log, entries, proofs, facts, heads."""
    bound = (row for id_, found in stored.items() for row in _facts(placed[f"case/{id_}"], found))
    return {
        "checkpoint.txt": log.note.encode(),
        "keys.txt": log_key(services, log.note).encode(),
        "lines.jsonl": _rows(_texts(placed)),
        "proofs.jsonl": _rows(_proofs(log, placed)),
        "facts.jsonl": _rows(bound),
        "heads.jsonl": _rows(_heads(log, [*order.heads.values()])),
    }


def _programs(page: bytes) -> dict[str, bytes]:
    """Files that a reader uses: the instructions, the page and the verifier."""
    return {
        "README.txt": (PROGRAMS / "proof_read_me.txt").read_bytes(),
        "viewer.html": page,
        "verify.py": (PROGRAMS / "verify.py").read_bytes(),
    }


def left_out_text(what: NotInBundle) -> str:
    """Text of `left-out.txt`: one part for each language."""
    parts = ([say("proof.left_out", lang), *_lines(what, lang)] for lang in languages())
    return "\n\n".join("\n- ".join(lines) for lines in parts) + "\n"


def _lines(what: NotInBundle, lang: str) -> Iterator[str]:
    for stream, n in what.newer.items():
        if n:
            yield say("proof.out_newer", lang, stream=stream, n=n)
    if what.later:
        yield say("proof.out_later", lang, n=what.later)
    if what.cases and not what.reads:
        yield say("proof.out_reads", lang)
    if what.cases and not what.answers:
        yield say("proof.out_answers", lang)
    if what.cases:
        yield say("proof.left_answers", lang)
        yield say("proof.left_files", lang)
    yield say("proof.left_names", lang)
    yield say("proof.out_streams", lang)


def _compared(heads: Mapping[str, str]) -> dict[str, bytes]:
    """The first and the last head."""
    ends = [*heads.items()]
    return {name: note.encode() for name, note in dict([*ends[:1], *ends[-1:]]).items()}


def verified(files: Mapping[str, bytes], heads: Mapping[str, bytes]) -> Verifier:
    """Run the verifier that is in the bundle on the files of a bundle that was just made."""
    found = Verifier(files)
    try:
        found.verify(head=heads)
    except Stop as stop:
        found.faults.append(stop.said)
    return found


def log_key(services: Services, note: str) -> str:
    """The key of the log as C2SP writes it: name, id and key."""
    name = checkpoint.parse(note).origin
    key = services.vault.verifying_key()
    text = b64encode(checkpoint.ED25519 + key).decode()
    return f"{name}+{checkpoint.key_id(name, key).hex()}+{text}\n"


@dataclass(frozen=True)
class _Signer:
    """Names and signs the files of one bundle."""

    services: Services
    log: LogProofs
    streams: Mapping[str, int]
    now: datetime

    def bundle(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """The files, the signed list of them first.

        Its first line tells it from a checkpoint, which the same key signs.
        """
        head = checkpoint.parse(self.log.note)
        made = self.now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        lines = [
            "tresteg proof bundle 1",
            f"log {head.origin}",
            f"made {made}",
            f"checkpoint {head.size} {b64encode(head.root).decode()}",
            *(f"stream {stream} {last}" for stream, last in self.streams.items()),
            *(f"file {len(c)} {sha256(c).hexdigest()} {name}" for name, c in files.items()),
        ]
        body = "".join(f"{line}\n" for line in lines)
        return {OWN: _signed_text(self.services, head.origin, body).encode(), **files}


def _signed_text(services: Services, origin: str, body: str) -> str:
    """A signed note of C2SP whose text is no checkpoint."""
    id_ = checkpoint.key_id(origin, services.vault.verifying_key())
    signed = b64encode(id_ + services.vault.sign(body.encode())).decode()
    return f"{body}\n{checkpoint.SIGNER}{origin} {signed}\n"


def _rows(rows: Iterator[bytes]) -> bytes:
    return b"".join(row + b"\n" for row in rows)


def _texts(placed: Mapping[str, Sequence[LedgerEntry]]) -> Iterator[bytes]:
    """Entries as they were hashed."""
    for lines in placed.values():
        prev = ""
        for line in lines:
            yield ledger_lines.text(line, prev)
            prev = line.hash


def _proofs(log: LogProofs, placed: Mapping[str, Sequence[LedgerEntry]]) -> Iterator[bytes]:
    for stream, lines in placed.items():
        for line in lines:
            index = log.places[stream, line.seq]
            path = tuple(node.hex() for node in log.tree.inclusion_proof(index))
            yield ledger_lines.canonical({"index": index, "path": path})


def _facts(lines: Sequence[LedgerEntry], stored: Sequence[facts.Fact]) -> Iterator[bytes]:
    by_rev = {fact.rev: fact for fact in stored}
    for line in lines:
        fact = by_rev.get(json.loads(line.body).get("rev", 0))
        if line.open is not None and fact is not None:
            content = fact_content(fact)
            yield ledger_lines.canonical({"stream": line.stream, "seq": line.seq, "fact": content})


def _heads(log: LogProofs, notes: Sequence[str]) -> Iterator[bytes]:
    for size, proof in list(log.consistency(notes).items())[-DAILY_HEADS:]:
        yield ledger_lines.canonical({"size": size, "path": tuple(node.hex() for node in proof)})


def _cut_releases(placed: dict[str, list[LedgerEntry]], release: str, ids: Sequence[str]) -> int:
    """Cut the history of releases where the cases need no more of it; gives how many entries
    follow.
    """
    whole = placed[release]
    placed[release] = _until_published(whole, ids)
    return len(whole) - len(placed[release])


def _until_published(lines: Sequence[LedgerEntry], ids: Sequence[str]) -> list[LedgerEntry]:
    """The history of releases up to the last one that a fact ran on."""
    last = max(
        (
            nth
            for nth, line in enumerate(lines, 1)
            if line.kind == "published" and json.loads(line.body).get("release") in ids
        ),
        default=0,
    )
    return list(lines[:last])


def _releases(tx: Tx, ids: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for id_ in ids:
        row = releases.get(tx, id_)
        for name, content in sorted(unpack(row.files).files.items()) if row is not None else ():
            yield f"releases/{id_}/{name}", content
