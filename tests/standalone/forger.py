"""Somebody who changes a bundle: without a key, or with one of her own, or with the log's own key.

Who has the log's key can sign another list of files, and even another log. Chains, proofs and a
head that somebody else keeps are there for that.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from hashlib import sha256
from random import Random
from typing import Any

from service.security import checkpoint
from service.security.checkpoint import Checkpoint
from service.security.keyring import make_keyring
from service.security.merkle_tree import HashedTree
from service.security.vault import Vault
from service.standalone.verify import JSON, unzipped, zipped
from tests.support.proven import Holder, Proven

Rows = list[dict[str, Any]]
TEXTS = ("lines", "proofs", "facts", "boxes")


@dataclass
class Forger:
    """Makes one tamper after the other of a bundle."""

    proven: Proven
    lot: Random
    thief: Vault = field(default_factory=lambda: Vault(make_keyring(demo=True)))

    def __post_init__(self) -> None:
        self.files = self.proven.files
        self.holder = self.proven.holder
        self.origin = checkpoint.parse(self.files["checkpoint.txt"].decode()).origin

    def tampers(self, many: int) -> Iterator[tuple[str, Holder]]:
        """So many tampers, each with its name."""
        acts: list[Callable[[], Holder | None]] = [
            *(self.flip, self.flip, self.truncate, self.delete_bytes, self.insert_bytes),
            *(self.swap_files, self.lose_file, self.add_file, self.double_file),
            *(self.change_text, self.own_key, self.own_key),
            *(self.delete_line, self.swap_lines, self.double_line, self.change_line),
            *(self.insert_line, self.cut_end, self.swap_streams, self.one_number_twice),
            *(self.extra_node, self.missing_node, self.random_node, self.wrong_index),
            *(self.wrong_size, self.wrong_root, self.other_proof),
            *(
                self.change_value,
                self.change_fact,
                self.lose_fact,
                self.change_release,
                self.change_box,
            ),
            *(self.fork, self.fork, self.old_bundle, self.bad_consistency, self.foreign_head),
        ]
        done = 0
        while done < many:
            act = acts[done % len(acts)] if done < len(acts) else self.lot.choice(acts)
            made = act()
            if made is not None:
                done += 1
                yield act.__name__, made

    # ---- without a key

    def flip(self) -> Holder:
        data = bytearray(self.holder.bundle)
        data[self.lot.randrange(len(data))] ^= 1 << self.lot.randrange(8)
        return self.with_bytes(data)

    def truncate(self) -> Holder:
        return self.with_bytes(self.holder.bundle[: self.lot.randrange(len(self.holder.bundle))])

    def delete_bytes(self) -> Holder:
        data, at = bytearray(self.holder.bundle), self.lot.randrange(len(self.holder.bundle))
        del data[at : at + self.lot.randint(1, 40)]
        return self.with_bytes(data)

    def insert_bytes(self) -> Holder:
        data, at = bytearray(self.holder.bundle), self.lot.randrange(len(self.holder.bundle))
        data[at:at] = self.lot.randbytes(self.lot.randint(1, 40))
        return self.with_bytes(data)

    def swap_files(self) -> Holder | None:
        one, other = self.lot.sample(sorted(self.files), 2)
        if self.files[one] == self.files[other]:
            return None
        return self.packed(self.files | {one: self.files[other], other: self.files[one]})

    def lose_file(self) -> Holder:
        files = dict(self.files)
        del files[self.lot.choice(sorted(files))]
        return self.packed(files)

    def add_file(self) -> Holder:
        return self.packed(self.files | {"releases/x/y.bpmn": b"<x/>"})

    def double_file(self) -> Holder:
        name = self.lot.choice(sorted(self.files))
        one = zipped({name: self.files[name]})
        local = one[: one.index(b"PK\1\2")]
        return self.with_bytes(local + self.holder.bundle)

    def change_text(self) -> Holder:
        """Another sign in one of the files, and the archive is whole again."""
        name = self.lot.choice(sorted(self.files))
        content = bytearray(self.files[name]) or bytearray(b" ")
        content[self.lot.randrange(len(content))] ^= 1 << self.lot.randrange(7)
        return self.packed(self.files | {name: bytes(content)})

    # ---- with a key of her own

    def own_key(self) -> Holder:
        """All of it signed anew: only the key that the holder knows tells."""
        note = self.sign_head(checkpoint.parse(self.files["checkpoint.txt"].decode()), self.thief)
        key = self.thief.verifying_key()
        id_, text = checkpoint.key_id(self.origin, key).hex(), b64encode(b"\1" + key).decode()
        changed = {"checkpoint.txt": note, "keys.txt": f"{self.origin}+{id_}+{text}\n".encode()}
        forged = self.signed(self.files | changed, by=self.thief)
        return forged if self.lot.random() < 0.5 else replace(forged, key=b"")

    # ---- with the log's key, but the head that was signed once

    def delete_line(self) -> Holder:
        rows = self.rows()
        at = self.lot.randrange(len(rows["lines"]))
        del rows["lines"][at], rows["proofs"][at]
        return self.with_rows(rows)

    def swap_lines(self) -> Holder:
        """Two lines of one stream; how streams follow each other in the file says nothing."""
        rows = self.rows()
        streams = [line["stream"] for line in rows["lines"]]
        stream = self.lot.choice([name for name in streams if streams.count(name) > 1])
        one, other = self.lot.sample([n for n, name in enumerate(streams) if name == stream], 2)
        for name in ("lines", "proofs"):
            kept = rows[name]
            kept[one], kept[other] = kept[other], kept[one]
        return self.with_rows(rows)

    def double_line(self) -> Holder:
        rows = self.rows()
        at = self.lot.randrange(len(rows["lines"]))
        for name in ("lines", "proofs"):
            rows[name].insert(at, rows[name][at])
        return self.with_rows(rows)

    def change_line(self) -> Holder:
        rows = self.rows()
        line = dict(self.lot.choice(rows["lines"]))
        key = self.lot.choice(sorted(line))
        changed = "x" if isinstance(line[key], str) else 10**6
        at = next(n for n, kept in enumerate(rows["lines"]) if kept == line)
        rows["lines"][at] = line | {key: changed}
        return self.with_rows(rows)

    def insert_line(self) -> Holder:
        rows = self.rows()
        at = self.lot.randrange(len(rows["lines"]))
        rows["lines"].insert(at, rows["lines"][at] | {"kind": "note"})
        rows["proofs"].insert(at, rows["proofs"][at])
        return self.with_rows(rows)

    def cut_end(self) -> Holder | None:
        """The end of a stream is cut, and the list is not told."""
        rows = self.rows()
        stream = self.lot.choice(sorted({line["stream"] for line in rows["lines"]}))
        last = max(n for n, line in enumerate(rows["lines"]) if line["stream"] == stream)
        gone = rows["lines"].pop(last)
        rows["proofs"].pop(last)
        rows["facts"] = [f for f in rows["facts"] if (f["stream"], f["seq"]) != place(gone)]
        rows["boxes"] = [b for b in rows["boxes"] if (b["stream"], b["seq"]) != place(gone)]
        return self.with_rows(rows)

    def swap_streams(self) -> Holder:
        rows = self.rows()
        names = sorted({line["stream"] for line in rows["lines"]})
        other = dict(zip(names, names[1:] + names[:1], strict=True))
        rows["lines"] = [line | {"stream": other[line["stream"]]} for line in rows["lines"]]
        return self.with_rows(rows)

    def one_number_twice(self) -> Holder:
        rows = self.rows()
        at = self.lot.randrange(1, len(rows["lines"]))
        rows["lines"][at] = rows["lines"][at] | {"seq": rows["lines"][at - 1]["seq"]}
        return self.with_rows(rows)

    def extra_node(self) -> Holder:
        rows, path = self.path()
        path.insert(self.lot.randint(0, len(path)), self.node())
        return self.with_rows(rows)

    def missing_node(self) -> Holder:
        rows, path = self.path()
        path.pop(self.lot.randrange(len(path)))
        return self.with_rows(rows)

    def random_node(self) -> Holder:
        rows, path = self.path()
        path[self.lot.randrange(len(path))] = self.lot.choice((self.node(), "", "00", "Z" * 64))
        return self.with_rows(rows)

    def wrong_index(self) -> Holder:
        rows = self.rows()
        proof = self.lot.choice(rows["proofs"])
        proof["index"] += self.lot.choice((-(10**6), -2, -1, 1, 2, 10**6))
        return self.with_rows(rows)

    def other_proof(self) -> Holder:
        rows = self.rows()
        one, other = self.lot.sample(range(len(rows["proofs"])), 2)
        rows["proofs"][one] = rows["proofs"][other]
        return self.with_rows(rows)

    def wrong_size(self) -> Holder:
        """The size of another head, with the right root: an inclusion proof alone may hold."""
        head = checkpoint.parse(self.files["checkpoint.txt"].decode())
        size = max(1, head.size + self.lot.choice((-3, -2, -1, 1, 2, 3, 64)))
        other = self.sign_head(replace(head, size=size), self.proven.vault)
        if self.lot.random() < 0.5:
            return self.signed(self.files, head=f"{size} {b64encode(head.root).decode()}")
        return self.signed(self.files | {"checkpoint.txt": other})

    def wrong_root(self) -> Holder:
        head = checkpoint.parse(self.files["checkpoint.txt"].decode())
        root = b64encode(self.lot.randbytes(32)).decode()
        if self.lot.random() < 0.5:
            return self.signed(self.files, head=f"{head.size} {root}")
        other = self.sign_head(replace(head, root=b64decode(root)), self.proven.vault)
        changed = self.files | {"checkpoint.txt": other}
        return self.signed(changed, head=f"{head.size} {root}")

    def change_fact(self) -> Holder:
        rows = self.rows()
        fact = self.lot.choice(rows["facts"])["fact"]
        key = self.lot.choice(sorted(fact))
        fact[key] = {"was": fact[key]}
        return self.with_rows(rows)

    def change_value(self) -> Holder | None:
        """Any value of any row becomes one of another kind."""
        rows = self.rows()
        name = self.lot.choice(TEXTS)
        row: Any = self.lot.choice(rows[name])
        while True:
            key = self.lot.choice(sorted(row) if isinstance(row, dict) else range(len(row)))
            inner = row[key]
            if not isinstance(inner, dict | list) or not inner or self.lot.random() < 0.3:
                break
            row = inner
        row[key] = self.lot.choice((None, True, -1, 2**60, 1.5, "", "x", [], {}, [[1]], {"a": 1}))
        was = self.rows()[name]
        return None if rows[name] == was else self.with_rows(rows)

    def lose_fact(self) -> Holder:
        rows = self.rows()
        rows["facts"].pop(self.lot.randrange(len(rows["facts"])))
        return self.with_rows(rows)

    def change_release(self) -> Holder:
        name = self.lot.choice([name for name in self.files if name.startswith("releases/")])
        files = dict(self.files)
        if self.lot.random() < 0.3:
            del files[name]
        elif self.lot.random() < 0.5:
            files[f"{name}.more"] = b"x"
        else:
            files[name] += b" "
        return self.signed(files)

    def change_box(self) -> Holder:
        rows = self.rows()
        box = self.lot.choice([row for row in rows["boxes"] if row["open"]])
        column = next(iter(box["open"]))
        match self.lot.randrange(4):
            case 0:
                box["open"][column]["content"] += " "
            case 1:
                box["open"][column]["key"] = self.lot.randbytes(16).hex()
            case 2:
                box["commitments"][column] = self.node()
            case _:
                box["open"][column]["key"] = self.lot.choice(("", "zz", "A" * 32, 7, None))
        return self.with_rows(rows)

    # ---- with the log's key and another log

    def fork(self) -> Holder:
        """Another history, whole in itself: only a head that somebody else keeps tells."""
        rows = self.rows()
        at = self.lot.randrange(len(rows["lines"]))
        rows["lines"][at]["actor"] = "p_nobody"
        ends: dict[str, str] = {}
        leaves = []
        for line in rows["lines"]:
            line["prev"] = ends.get(line["stream"], "")
            leaf = sha256(b"\0" + JSON.encode(line).encode()).digest()
            ends[line["stream"]] = leaf.hex()
            leaves.append(leaf)
        older = int(self.holder.head.split(b"\n")[1])
        leaves += [self.lot.randbytes(32) for _ in range(older)]
        tree = HashedTree(b"".join(leaves))
        for n, proof in enumerate(rows["proofs"]):
            proof["index"], proof["path"] = n, [x.hex() for x in tree.inclusion_proof(n)]
        root = tree.root()
        note = self.sign_head(Checkpoint(self.origin, tree.size, root), self.proven.vault)
        path = [x.hex() for x in tree.consistency_proof(older)]
        heads = JSON.encode({"path": path, "size": older}).encode() + b"\n"
        files = self.files | self.texts(rows) | {"checkpoint.txt": note, "heads.jsonl": heads}
        forged = self.signed(files, head=f"{tree.size} {b64encode(root).decode()}")
        return replace(forged, proof=b"")

    def old_bundle(self) -> Holder:
        """A head that is newer than the bundle, and nothing that shows how they hang together."""
        return replace(self.holder, head=self.proven.newer, proof=b"")

    def bad_consistency(self) -> Holder | None:
        """A forged consistency proof from the head that the holder has."""
        row = json.loads(self.holder.proof)
        path, was = row["path"], list(row["path"])
        match self.lot.randrange(4):
            case 0:
                path.insert(self.lot.randint(0, len(path)), self.node())
            case 1:
                path.pop(self.lot.randrange(len(path)))
            case 2:
                path[self.lot.randrange(len(path))] = self.node()
            case _:
                self.lot.shuffle(path)
        if path == was:
            return None
        return replace(self.holder, proof=JSON.encode(row).encode() + b"\n")

    def foreign_head(self) -> Holder:
        """A head of another root, another log or another key."""
        head = checkpoint.parse(self.holder.head.decode())
        match self.lot.randrange(3):
            case 0:
                forged = replace(head, root=self.lot.randbytes(32))
                return replace(self.holder, head=self.sign_head(forged, self.proven.vault))
            case 1:
                forged = replace(head, origin=f"{head.origin}x")
                return replace(self.holder, head=self.sign_head(forged, self.proven.vault))
            case _:
                return replace(self.holder, head=self.sign_head(head, self.thief))

    # ---- pieces

    def with_bytes(self, data: bytes | bytearray) -> Holder | Any:
        return (
            None if bytes(data) == self.holder.bundle else replace(self.holder, bundle=bytes(data))
        )

    def packed(self, files: dict[str, bytes]) -> Holder:
        return replace(self.holder, bundle=zipped(files))

    def rows(self) -> dict[str, Rows]:
        return {
            name: [json.loads(row) for row in self.files[f"{name}.jsonl"].splitlines()]
            for name in TEXTS
        }

    def path(self) -> tuple[dict[str, Rows], list[Any]]:
        """Rows, and the nodes of one proof in them."""
        rows = self.rows()
        return rows, self.lot.choice(rows["proofs"])["path"]

    def node(self) -> str:
        return self.lot.randbytes(32).hex()

    def texts(self, rows: dict[str, Rows]) -> dict[str, bytes]:
        return {
            f"{name}.jsonl": b"".join(JSON.encode(row).encode() + b"\n" for row in kept)
            for name, kept in rows.items()
        }

    def with_rows(self, rows: dict[str, Rows]) -> Holder:
        return self.signed(self.files | self.texts(rows))

    def signed(self, files: dict[str, bytes], *, by: Vault | None = None, head: str = "") -> Holder:
        """Files under a list that names them, signed."""
        vault = by or self.proven.vault
        lines = self.files["bundle.txt"].decode().split("\n\n")[0].split("\n")
        kept = [line for line in lines if not line.startswith("file ")]
        if head:
            kept = [f"checkpoint {head}" if x.startswith("checkpoint ") else x for x in kept]
        rest = {name: content for name, content in files.items() if name != "bundle.txt"}
        kept += [f"file {len(c)} {sha256(c).hexdigest()} {name}" for name, c in rest.items()]
        note = self.sign("".join(f"{line}\n" for line in kept), vault)
        return self.packed({"bundle.txt": note, **rest})

    def sign(self, body: str, vault: Vault) -> bytes:
        id_ = checkpoint.key_id(self.origin, vault.verifying_key())
        signature = b64encode(id_ + vault.sign(body.encode())).decode()
        return f"{body}\n\u2014 {self.origin} {signature}\n".encode()

    def sign_head(self, head: Checkpoint, vault: Vault) -> bytes:
        return checkpoint.sign(head, vault).encode()


def place(line: dict[str, Any]) -> tuple[str, int]:
    return line["stream"], line["seq"]


def opened(holder: Holder) -> dict[str, bytes]:
    """The files of a bundle."""
    return unzipped(holder.bundle)
