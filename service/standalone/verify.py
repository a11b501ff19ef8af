"""Verify a proof bundle of Tresteg, without a network: `python verify.py BUNDLE`.

BUNDLE is the .proof.zip, or the folder that it was unpacked into. One file, for Python 3.11 or
later with the package `cryptography`. It says what is proven and what is not; the exit code is 0
when it is proven, 1 when it is not, 2 when a file cannot be used. Other files that it can be given:
  --key FILE    the log's key as you know it           --boxes FILE  opened values
  --head FILE   a checkpoint that somebody has kept    --proof FILE  from that head to the bundle
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import struct
import sys
import zlib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeAlias

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

Row: TypeAlias = dict[str, Any]
Said: TypeAlias = tuple[str, Row]
Note: TypeAlias = tuple[re.Match[str], list[tuple[str, bytes]]]
FORMAT, HELD, WRONG, UNUSABLE = b"tresteg proof bundle ", ("head", "proof", "boxes"), 1, 2
NUMBER, HASH = "(0|[1-9][0-9]{0,14})", re.compile("[0-9a-f]{64}")
MANIFEST = re.compile(
    rf"tresteg proof bundle 1\nlog ([!-~]+)\nmade ([0-9TZ:-]+)\ncheckpoint {NUMBER} (\S+)\n"
    rf"((?:stream [!-~]+ {NUMBER}\n)*)((?:file {NUMBER} [0-9a-f]{{64}} [^\x00-\x1f\x7f\\]+\n)*)"
)
CHECKPOINT = re.compile(rf"([!-~]+)\n{NUMBER}\n(\S+)\n")
SIGNATURE = re.compile(r"\u2014 ([!-~]+) ([A-Za-z0-9+/=]+)")
NEEDED = ("checkpoint.txt", "keys.txt", "lines.jsonl", "proofs.jsonl", "facts.jsonl", "heads.jsonl")
JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)
SENTENCES = """\
proven | BEVISAT | PROVEN
not_proven | INTE BEVISAT | NOT PROVEN
faults | STÄMMER INTE | DOES NOT HOLD
unusable | KAN INTE ANVÄNDAS | CANNOT BE USED
lines | Rader: {n}, i {streams} strömmar. Var och en står på sin plats i loggen {log}, under det signerade huvudet med {size} rader. | Lines: {n}, in {streams} streams. Each stands at its place in the log {log}, under the signed head of {size} lines.
chain | Från {first} till {last} är varje ström obruten: ingen rad är ändrad, borttagen, inskjuten eller flyttad. | From {first} to {last} every stream is unbroken: no line was changed, removed, slipped in or moved.
facts | Händelser: {n}, var och en den som dess rad binder. | Facts: {n}, each the one that its line binds.
release | Händelserna gick på utgåva {id}, utgiven {at}; filerna i paketet är den, byte för byte. | The facts ran on release {id}, published on {at}; the files in the bundle are it, byte for byte.
boxes | Öppnade värden: {n}, vart och ett det som förseglades när raden skrevs. | Opened values: {n}, each the one that was sealed when the line was written.
erased | {stream} rad {seq}, {at}: det som {to} skrev raderades enligt regeln {rule} ({classes}). Ingenting i paketet öppnar det. | {stream} line {seq}, {at}: what {to} wrote was erased under the rule {rule} ({classes}). Nothing in the bundle opens it.
head_fits | Huvudet i {file} ({size} rader) är av samma logg: historien som det signerar är den som paketet visar. | The head in {file} ({size} lines) is of the same log: the history that it signs is the one that the bundle shows.
key_known | Signaturen är av nyckeln som du angav, {key}. | The signature is of the key that you named, {key}.
always | Att allt som hände skrevs ned, att det som skrevs var sant, och att klockan gick rätt. | That everything that happened was written down, that what was written was true, and that the clock was right.
last | Att ingen rad följer i de här strömmarna: den som gjorde paketet {n} säger det, och har signerat det. | That no line follows in these streams: whoever made the bundle on {n} says so, and has signed it.
key_unknown | Vem som signerade: nyckeln {key} kom med paketet. Jämför den med den som myndigheten har lämnat ut, eller ange den med --key. | Who signed: the key {key} came with the bundle. Compare it with the one that the authority gave out, or name it with --key.
no_head | Att det inte finns en annan historia bredvid den här: det visar bara ett huvud som någon annan har sparat. | That there is no other history than this one: only a head that somebody else has kept shows that.
sealed | Vad de förseglade värdena innehåller (händelser: {n}), utom det som sägs vara öppnat. | What the sealed values hold (facts: {n}), but for what is said to be opened.
unpublished | Att utgåva {id} gavs ut: den raden är inte med. | That release {id} was published: that line is not in the bundle.
left_out | Det som inte är med: left-out.txt säger vad, och varför. | What is left out: left-out.txt says what, and why.
lost | Vad som stod i {n} rader som gick förlorade vid en återläsning. | What {n} lines held that were lost in a restore.
file | {file} kan inte läsas. | {file} cannot be read.
zip | Filen är inget bevispaket så som Tresteg skriver det. Kanske är den inte hel. Har någon packat om den: packa upp den och ange mappen. | The file is no proof bundle as Tresteg writes it. Perhaps it is not whole. If somebody packed it again: unpack it and name the folder.
foreign | Det här är inget bevispaket från Tresteg. | This is no proof bundle of Tresteg.
newer | Paketet har format {version}; det här programmet kan format 1. Använd ett nyare verify.py. | The bundle has format {version}; this program knows format 1. Use a newer verify.py.
no_checkpoint | {file} är inget signerat huvud av loggen {log}. | {file} is no signed head of the log {log}.
no_key | {file} är ingen nyckel. | {file} is no key.
no_consistency | Huvudet i {file} har {size} rader och paketet {own}. För att jämföra dem behövs ett konsistensbevis (--proof), eller ett paket som görs med det huvudet. | The head in {file} has {size} lines and the bundle {own}. To compare them a consistency proof is needed (--proof), or a bundle made with that head.
other_key | Paketet är signerat med {key}, inte med en nyckel som du angav. | The bundle is signed with {key}, not with a key that you named.
signature | Signaturen i {file} stämmer inte. | The signature in {file} does not fit.
changed | {file} är inte filen som signerades. | {file} is not the file that was signed.
missing | {file} saknas. | {file} is missing.
form | {file}, rad {row}, har inte den form som Tresteg skriver. | {file}, row {row}, does not have the form that Tresteg writes.
prev | {stream} rad {seq} följer inte på raden före; rad {expected} väntades. | {stream} line {seq} does not follow the line before; line {expected} was expected.
place | {stream} rad {seq} står inte på plats {index} under huvudet. | {stream} line {seq} does not stand at place {index} under the head.
short | {stream} ska ha {expected} rader i paketet och har {n}. | {stream} should have {expected} lines in the bundle and has {n}.
fact | {stream} rad {seq}: händelsen som raden binder är en annan, eller saknas. | {stream} line {seq}: the fact that the line binds is another, or is missing.
files | Utgåva {id}: filerna i paketet är inte de som händelserna gick på. | Release {id}: the files in the bundle are not those that the facts ran on.
box | {stream} rad {seq}: det öppnade värdet är inte det som förseglades. | {stream} line {seq}: the opened value is not the one that was sealed.
head | Huvudet i {file} ({size} rader) hör till en annan historia än paketet. Loggen har skrivits om, eller så visas två olika. | The head in {file} ({size} lines) is of another history than the bundle. The log was rewritten, or two are shown.
"""


class Stop(Exception):
    def __init__(self, code: int, key: str, /, **facts: object) -> None:
        self.code, self.said = code, (key, facts)


def is_plain(value: object, depth: int = 0) -> bool:
    if isinstance(value, dict | list):
        inner = value.values() if isinstance(value, dict) else value
        return depth < 2**6 and all(is_plain(one, depth + 1) for one in inner)
    return abs(value) < 2**53 if isinstance(value, int) else value is None or type(value) is str


def rows(name: str, content: bytes, **kinds: type) -> Iterator[tuple[int, bytes, Row]]:
    """Number, text and content of each row, in canonical JSON, with these values in it."""
    for number, text in enumerate(content.removesuffix(b"\n").split(b"\n") if content else (), 1):
        try:
            row = json.loads(text)
            fits = is_plain(row) and JSON.encode(row).encode() == text and content.endswith(b"\n")
            fits = fits and all(type(row[key]) is kind for key, kind in kinds.items())
        except (ValueError, RecursionError, KeyError, TypeError):
            fits = False
        if not fits:
            raise Stop(WRONG, "form", file=name, row=number)
        yield number, text, row


def sha(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()


def climb(place: int, last: int, path: Sequence[Any]) -> tuple[bytes, bytes] | None:
    """From a node up to the roots of both trees (RFC 9162, 2.1.3.2 and 2.1.4.2)."""
    if not 0 <= place <= last or not path or not all(HASH.fullmatch(f"{node}") for node in path):
        return None
    old = new = bytes.fromhex(path[0])
    for other in map(bytes.fromhex, path[1:]):
        if last == 0:
            return None
        if place & 1 or place == last:
            old, new = sha(b"\1", other, old), sha(b"\1", other, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = sha(b"\1", new, other)
        place, last = place >> 1, last >> 1
    return None if last else (old, new)


def consistent(first: int, root: bytes, second: int, after: bytes, proof: Sequence[Any]) -> bool:
    """Whether the tree of the first size is the beginning of the second."""
    path = list(proof) if first & (first - 1) else [root.hex(), *proof]
    shift = (first ^ (first - 1)).bit_length() - 1
    return bool(proof) and climb((first - 1) >> shift, (second - 1) >> shift, path) == (root, after)


def decoded(text: str) -> bytes:
    try:
        found = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError:
        return b""
    return found if base64.b64encode(found).decode() == text else b""


def note(content: bytes, form: re.Pattern[str], otherwise: Stop) -> Note:
    body, _, rest = content.decode(errors="replace").rpartition("\n\n")
    matched, end = form.fullmatch(f"{body}\n"), rest[-1:]
    lines = [SIGNATURE.fullmatch(line) for line in rest[:-1].split("\n")]
    signatures = [(line[1], decoded(line[2])) for line in lines if line is not None]
    if matched is None or end != "\n" or not all(lines) or not all(s[4:] for _, s in signatures):
        raise otherwise
    return matched, signatures


def require_signed(file: str, found: Note, log: str, key: bytes) -> None:
    id_ = sha(log.encode(), b"\n\1", key)[:4]
    own = [signed[4:] for name, signed in found[1] if (name, signed[:4]) == (log, id_)]
    try:
        for signature in own or [b""]:
            Ed25519PublicKey.from_public_bytes(key).verify(signature, found[0][0].encode())
    except InvalidSignature:
        raise Stop(WRONG, "signature", file=file) from None


def key_of(name: str, content: bytes) -> tuple[str, bytes]:
    """Log and key, as C2SP writes them: name+id+base64."""
    log, _, rest = content.decode(errors="replace").removesuffix("\n").partition("+")
    key = decoded(rest.partition("+")[2])
    if key[:1] + key[33:] != b"\1" or sha(log.encode(), b"\n", key)[:4].hex() != rest[:8]:
        raise Stop(UNUSABLE, "no_key", file=name)
    return log, key[1:]


class Verifier:
    """Verifies one bundle; afterwards `proven`, `not_proven` and `faults` say what was found."""

    def __init__(self, files: Mapping[str, bytes], *, whole: bool = True) -> None:
        self.files, self.whole, self.lost = files, whole, 0
        self.proven, self.not_proven, self.faults = list[Said](), list[Said](), list[Said]()
        self.lines: dict[tuple[str, int], Row] = {}
        first, foreign = files.get("bundle.txt", b"").partition(b"\n")[0], Stop(UNUSABLE, "foreign")
        version = first.removeprefix(FORMAT).decode(errors="replace")
        if not first.startswith(FORMAT) or not re.fullmatch(NUMBER, version):
            raise foreign
        if int(version) > 1:
            raise Stop(UNUSABLE, "newer", version=version)
        self.note = note(files["bundle.txt"], MANIFEST, foreign)
        self.log, self.made, size, root, streams, _, named, _ = self.note[0].groups()
        self.head = int(size), decoded(root)
        ends = [line.split(" ") for line in streams.splitlines()]
        sums = [line.split(" ", 3) for line in named.splitlines()]
        self.streams = {stream: int(last) for _, stream, last in ends}
        self.named = {name: (int(size), digest) for _, size, digest, name in sums}
        steps = {step for name in self.named for step in name.split("/")}
        twice = (len(self.streams), len(self.named)) != (len(ends), len(sums))
        if twice or steps & {"", ".", ".."}:
            raise foreign

    def verify(self, keys: Collection[bytes] = (), **held: Mapping[str, bytes]) -> None:
        self.log_key = key_of("keys.txt", self.files.get("keys.txt", b""))
        try:
            self.check_signed(keys)
            self.check_lines()
            self.check_facts()
            own = {name: self.files[name] for name in self.named if name == "boxes.jsonl"}
            for name, content in {**own, **held.get("boxes", {})}.items():
                self.check_boxes(name, content)
            self.check_heads(held.get("head", {}), held.get("proof", {}))
        except Stop as stop:
            if stop.code == UNUSABLE:
                raise
            self.faults.append(stop.said)
        known: Said = ("key_known" if keys else "key_unknown", {"key": self.log_key[1].hex()})
        (self.proven if keys else self.not_proven).append(known)
        sealed = sum("seal" in line for line in self.lines.values())
        more: Row = {"sealed": sealed, "lost": self.lost, "no_head": not held.get("head")}
        more |= {"left_out": "left-out.txt" in self.named, "last": self.made[:10], "always": True}
        self.not_proven += [(key, {"n": n}) for key, n in more.items() if n]

    def check_signed(self, keys: Collection[bytes]) -> None:
        if keys and self.log_key[1] not in keys:
            raise Stop(WRONG, "other_key", key=self.log_key[1].hex())
        require_signed("bundle.txt", self.note, self.log, self.log_key[1])
        for name in sorted({*NEEDED, *self.named} - (self.named.keys() & self.files.keys())):
            raise Stop(WRONG, "missing", file=name)
        for name in sorted(self.files.keys() - {"bundle.txt"}):
            sums = (len(self.files[name]), sha(self.files[name]).hex())
            if sums != self.named.get(name, sums if not self.whole else None):
                raise Stop(WRONG, "changed", file=name)
        changed = Stop(WRONG, "changed", file="checkpoint.txt")
        found = note(self.files["checkpoint.txt"], CHECKPOINT, changed)
        if (found[0][1], int(found[0][2]), decoded(found[0][3])) != (self.log, *self.head):
            raise changed
        require_signed("checkpoint.txt", found, self.log, self.log_key[1])

    def check_lines(self) -> None:
        kinds = {"stream": str, "seq": int, "prev": str, "at": str}
        lines = [*rows("lines.jsonl", self.files["lines.jsonl"], **kinds)]
        proofs = [*rows("proofs.jsonl", self.files["proofs.jsonl"], index=int, path=list)]
        if len(lines) != len(proofs):
            raise Stop(WRONG, "form", file="proofs.jsonl", row=min(len(lines), len(proofs)) + 1)
        ends, places = dict.fromkeys(self.streams, (0, "", -1)), set[int]()
        for (number, text, line), (_, _, proof) in zip(lines, proofs, strict=True):
            stream, seq, index, leaf = line["stream"], line["seq"], proof["index"], sha(b"\0", text)
            if stream not in ends:
                raise Stop(WRONG, "form", file="lines.jsonl", row=number)
            (before, prev, place), due = ends[stream], ends[stream][0] + 1
            said = {"stream": stream, "seq": seq, "index": index, "expected": due}
            gap = line.get("kind") == "restore_gap" and line.get("missing") == [due, seq - 1]
            if (seq != due and not (gap and seq > due)) or line["prev"] != prev:
                self.faults.append(("prev", said))
            roots = climb(index, self.head[0] - 1, [leaf.hex(), *proof["path"]])
            if roots is None or roots[1] != self.head[1] or index in places or index <= place:
                self.faults.append(("place", said))
            places.add(index)
            self.lost += max(seq - before - 1, 0)
            self.lines[stream, seq], ends[stream] = line, (seq, leaf.hex(), index)
        for stream, expected in self.streams.items():
            said = {"stream": stream, "expected": expected, "n": ends[stream][0]}
            self.faults += [] if ends[stream][0] == expected else [("short", said)]
        days = sorted(line["at"][:10] for _, _, line in lines) or ["–"]
        self.prove("lines", n=len(lines), streams=len(ends), log=self.log, size=self.head[0])
        self.prove("chain", first=days[0], last=days[-1])

    def check_facts(self) -> None:
        bound = {at: line["open"] for at, line in self.lines.items() if "open" in line}
        facts, releases, content = len(bound), set[str](), self.files["facts.jsonl"]
        for _, _, row in rows("facts.jsonl", content, stream=str, seq=int, fact=dict):
            if (
                bound.pop((row["stream"], row["seq"]), None)
                != sha(JSON.encode(row["fact"]).encode()).hex()
            ):
                self.faults.append(("fact", {"stream": row["stream"], "seq": row["seq"]}))
            releases.add(str(row["fact"].get("release_id")))
        self.faults += [("fact", {"stream": stream, "seq": seq}) for stream, seq in bound]
        self.prove("facts", n=facts)
        self.prove_erased()
        kept = [line for line in self.lines.values() if line.get("kind") == "published"]
        published = {str(line.get("release")): line["at"][:10] for line in kept}
        for id_ in sorted(releases):
            folder, whole = f"releases/{id_}/", hashlib.sha256()
            for name in sorted(name for name in self.named if name.startswith(folder)):
                whole.update(f"{name[len(folder) :]}\0{len(self.files[name])}\0".encode())
                whole.update(self.files[name])
            said = {"id": id_[:12], "at": published.get(id_, "–")}
            self.faults += [] if whole.hexdigest() == id_ else [("files", said)]
            self.prove("release", **said)
            self.not_proven += [] if id_ in published else [("unpublished", said)]

    def prove_erased(self) -> None:
        for (stream, seq), line in self.lines.items():
            if line.get("kind") == "erased":
                classes = ", ".join(map(str, line.get("classes", ())))
                said = {"to": line.get("to") or "–", "rule": line.get("rule") or "–"}
                at = line["at"][:10]
                self.prove("erased", stream=stream, seq=seq, at=at, classes=classes, **said)

    def check_boxes(self, file: str, content: bytes) -> None:
        n, kinds = 0, {"stream": str, "seq": int, "commitments": dict, "open": dict}
        for number, _, row in rows(file, content, **kinds):
            line, committed = self.lines.get((row["stream"], row["seq"]), {}), row["commitments"]
            seal = sha(JSON.encode(committed).encode()).hex() if row["open"] else ""
            fits = line.get("seal") == seal
            for column, box in row["open"].items():
                try:
                    key, plain = bytes.fromhex(box["key"]), box["content"].encode()
                except (TypeError, KeyError, ValueError, AttributeError):
                    raise Stop(WRONG, "form", file=file, row=number) from None
                made = hmac.new(key, plain, "sha256").hexdigest()
                fits, n = fits and committed.get(column) == made and box["key"] == key.hex(), n + 1
            self.faults += [] if fits else [("box", {"stream": row["stream"], "seq": row["seq"]})]
        self.prove("boxes", n=n)

    def check_heads(self, heads: Mapping[str, bytes], given: Mapping[str, bytes]) -> None:
        proofs = dict[tuple[int, int], list[Any]]()
        for _, _, row in rows("heads.jsonl", self.files["heads.jsonl"], size=int, path=list):
            proofs[row["size"], self.head[0]] = row["path"]
        for name, text in given.items():
            content = text.rstrip(b"\r\n") + b"\n"
            for _, _, row in rows(name, content, **{"from": int, "to": int, "path": list}):
                proofs[row["from"], row["to"]] = row["path"]
        for name, content in heads.items():
            other = Stop(UNUSABLE, "no_checkpoint", file=name, log=self.log)
            found = note(content, CHECKPOINT, other)
            if found[0][1] != self.log:
                raise other
            require_signed(name, found, self.log, self.log_key[1])
            head = int(found[0][2]), decoded(found[0][3])
            older, newer = sorted([head, self.head])
            path, said = proofs.get((older[0], newer[0])), {"file": name, "size": head[0]}
            if older[0] in (0, newer[0]):
                holds = older[1] == (newer[1] if older[0] else sha())
            elif path is None:
                raise Stop(UNUSABLE, "no_consistency", own=self.head[0], **said)
            else:
                holds = consistent(*older, *newer, path)
            self.faults += [] if holds else [("head", said)]
            self.prove("head_fits", **said)

    def prove(self, key: str, /, **facts: object) -> None:
        self.proven += [] if self.faults or facts.get("n") == 0 else [(key, facts)]


def zipped(files: Mapping[str, bytes]) -> bytes:
    out, centre, many = bytearray(), bytearray(), len(files)
    for name, content in files.items():
        path, size = name.encode(), len(content)
        sums = (zlib.crc32(content), size, size, len(path), 0)
        fixed = struct.pack("<HHHHHIIIHH", 20, 0x800, 0, 0, 33, *sums)
        centre += b"PK\1\2\x14\0" + fixed + struct.pack("<HHHII", 0, 0, 0, 0, len(out)) + path
        out += b"PK\3\4" + fixed + path + content
    end = struct.pack("<HHHHIIH", 0, 0, many, many, len(centre), len(out), 0)
    return bytes(out + centre) + b"PK\5\6" + end


def unzipped(data: bytes) -> dict[str, bytes]:
    files, at = dict[str, bytes](), 0
    while data[at : at + 4] == b"PK\3\4" and len(data) > at + 30:
        size, path = struct.unpack("<IH", data[at + 22 : at + 28])
        name, at = data[at + 30 : at + 30 + path].decode(errors="replace"), at + 30 + path
        files[name], at = data[at : at + size], at + size
    if not files or zipped(files) != data:
        raise Stop(UNUSABLE, "zip")
    return files


def tell(title: str, said: Sequence[Said], lang: str) -> None:
    table = {key: texts for key, *texts in (one.split(" | ") for one in SENTENCES.splitlines())}
    for nth in (0, 1) if lang == "both" else (("sv", "en").index(lang),):
        print(table[title][nth])
        for key, facts in said:
            text = table[key][nth].format(**facts)
            print("  " + "".join(sign if sign.isprintable() else "?" for sign in text))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--lang", choices=("sv", "en", "both"), default="both")
    parser.add_argument("bundle", type=Path)
    for name in ("key", *HELD):
        parser.add_argument(f"--{name}", type=Path, action="append", default=[])
    given = parser.parse_args(arguments)
    try:
        held = {name: {str(p): p.read_bytes() for p in getattr(given, name)} for name in HELD}
        keys, folder = [key_of(p.name, p.read_bytes())[1] for p in given.key], given.bundle
        if whole := not folder.is_dir():
            files = unzipped(folder.read_bytes())
        else:
            named = (folder / "bundle.txt").read_text("utf-8", "replace").splitlines()
            names = ["bundle.txt", *(t.split(" ", 3)[-1] for t in named if t.startswith("file "))]
            files = {n: (folder / n).read_bytes() for n in names if (folder / n).is_file()}
        verifier = Verifier(files, whole=whole)
        verifier.verify(keys, **held)
    except (Stop, OSError) as e:
        said = e.said if isinstance(e, Stop) else ("file", {"file": e.filename})
        tell("unusable", [said], given.lang)
        return UNUSABLE
    for title in ("faults",) if verifier.faults else ("proven", "not_proven"):
        tell(title, getattr(verifier, title), given.lang)
    return WRONG if verifier.faults else 0


if __name__ == "__main__":
    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr]  # a terminal without å, ä, ö
    sys.exit(main())
