"""The keyring: one JSON document outside the database, without which nothing in it can be read."""

from __future__ import annotations

import json
import os
import stat
from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from service.errors import BadSettings

KEY_BYTES = 32
WIDEST_MODE = 0o440
OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
VERSION = 1


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys of an installation, 256 bits each.

    None of them is shown when the object is printed.
    """

    demo: bool
    epochs: Mapping[int, bytes] = field(repr=False)
    """Wraps the keys of cases, persons and offices; the highest number is the newest."""
    index: bytes = field(repr=False)
    row: bytes = field(repr=False)
    ledger: bytes = field(repr=False)
    """Seed of the Ed25519 key that signs checkpoints."""
    opens_from: str = ""
    """Backups that were begun before this moment (ISO 8601, UTC) may hold keys under epochs that
    were retired; empty while none was."""

    @property
    def epoch(self) -> int:
        """Number of the newest epoch."""
        return max(self.epochs)

    def document(self) -> str:
        """The keyring as its file holds it."""
        keys = {"index": _text(self.index), "row": _text(self.row), "ledger": _text(self.ledger)}
        epochs = {str(number): _text(key) for number, key in sorted(self.epochs.items())}
        more = {"opens_from": self.opens_from} if self.opens_from else {}
        found = {"v": VERSION, "demo": self.demo, "epochs": epochs, **keys, **more}
        return json.dumps(found, indent=1)


def make_keyring(*, demo: bool) -> Keyring:
    """New random keys, in epoch 1."""
    epoch, index, row, ledger = (os.urandom(KEY_BYTES) for _ in range(4))
    return Keyring(demo, {1: epoch}, index, row, ledger)


def with_next_epoch(keyring: Keyring) -> Keyring:
    """The keyring with one more epoch; what wraps by it is the database's to say
    (`operations.key_epochs`).
    """
    return replace(keyring, epochs={**keyring.epochs, keyring.epoch + 1: os.urandom(KEY_BYTES)})


def without_epochs(keyring: Keyring, before: int, *, opens_from: str = "") -> Keyring:
    """The keyring without the epochs below `before`: what they wrapped can never be read again.

    Args:
        opens_from: since when backups hold nothing that they wrapped, ISO 8601 in UTC.
    """
    newest = keyring.epoch
    kept = {n: key for n, key in keyring.epochs.items() if n >= before or n == newest}
    return replace(keyring, epochs=kept, opens_from=opens_from or keyring.opens_from)


def parse_keyring(document: str) -> Keyring:
    """Read a keyring's JSON.

    Raises:
        BadSettings: it is no keyring, or a key is not 32 bytes long. No key is quoted.
    """
    try:
        found: dict[str, Any] = json.loads(document)
        epochs = {
            int(number): b64decode(key, validate=True) for number, key in found["epochs"].items()
        }
        index, row, ledger = (
            b64decode(found[name], validate=True) for name in ("index", "row", "ledger")
        )
        version, demo = found["v"], found["demo"]
        opens_from = str(found.get("opens_from", ""))
    except (ValueError, KeyError, TypeError, AttributeError):
        raise BadSettings(
            "the keyring cannot be read: it must be the JSON document that `tresteg keys` wrote"
        ) from None
    if version != VERSION or not isinstance(demo, bool):
        raise BadSettings(
            f"the keyring has another version than {VERSION}: install the program that wrote it"
        )
    if not epochs or any(len(key) != KEY_BYTES for key in [index, row, ledger, *epochs.values()]):
        raise BadSettings("the keyring is damaged: each of its keys must be 32 bytes long")
    return Keyring(demo, epochs, index, row, ledger, opens_from)


def open_keyring(
    *, file: str = "", encoded: str = "", production: bool, apart_from: Sequence[Path] = ()
) -> Keyring:
    """Read the installation's keyring from its one source.

    Args:
        file: value of `TRESTEG_KEYS_FILE`.
        encoded: value of `TRESTEG_KEYS`, base64 of the document; the caller removes it from the
            environment.
        production: whether people reach the site from outside; a demo keyring is refused then.
        apart_from: folders of the database, backups, static files and repository, none of which may
            hold the file of a keyring that is no demo's.
    Raises:
        BadSettings: no source or two, a file that others may read, a wrong place, or a demo keyring
            in production.
    """
    if not file and not encoded:
        raise BadSettings("there is no keyring: set TRESTEG_KEYS_FILE, or TRESTEG_KEYS")
    if file and encoded:
        raise BadSettings("there are two keyrings: unset TRESTEG_KEYS_FILE or TRESTEG_KEYS")
    keyring = _of_file(Path(file)) if file else _of_text(encoded)
    for sentence in misplaced(Path(file), apart_from) if file and not keyring.demo else ():
        raise BadSettings(sentence)
    if production and keyring.demo:
        raise BadSettings(
            "this is a demo keyring, and the site is to be reached from outside: "
            "make a real one with `tresteg keys new`"
        )
    return keyring


def misplaced(path: Path, apart_from: Sequence[Path]) -> Iterator[str]:
    """Sentences about the place of a keyring: in the folder of what it protects, or in one where
    others may put another in its stead.
    """
    place = path.resolve()
    if any(place.is_relative_to(folder.resolve()) for folder in apart_from):
        yield (
            f"the keyring {path} lies in the folder of what it protects: "
            "move it to a folder of its own, for example /etc/tresteg"
        )
    nearest, *above = place.parents
    facts = nearest.stat()
    if facts.st_mode & OTHERS_WRITE or any(_open_to_all(folder) for folder in above):
        yield (
            f"the folder of the keyring {path} may be written by others "
            f"(mode {stat.S_IMODE(facts.st_mode):04o}, or a folder above it): run chmod 0700 on it"
        )
    if facts.st_uid not in {os.geteuid(), 0}:
        yield f"the folder of the keyring {path} belongs to somebody else than the service's user"


def _open_to_all(folder: Path) -> bool:
    """Whether everybody may rename what is in a folder."""
    mode = folder.stat().st_mode
    return bool(mode & stat.S_IWOTH) and not mode & stat.S_ISVTX


def _of_file(path: Path) -> Keyring:
    return parse_keyring(_guarded(path))


def _of_text(encoded: str) -> Keyring:
    try:
        return parse_keyring(b64decode(encoded, validate=True).decode())
    except ValueError:
        raise BadSettings("TRESTEG_KEYS must be the keyring's document in base64") from None


def write_keyring(keyring: Keyring, path: Path) -> None:
    """Put a keyring in its place in one step, readable for its owner only. It is on the disk when
    this returns: a key that wraps something must not be lost with the power.

    A file that is replaced keeps its group and mode, by which a service may read what root owns.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    new = path.with_name(path.name + ".new")
    new.unlink(missing_ok=True)
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        if path.exists():
            old = path.stat()
            os.fchown(file.fileno(), -1, old.st_gid)
            os.fchmod(file.fileno(), stat.S_IMODE(old.st_mode) & WIDEST_MODE)
        file.write(keyring.document())
        file.flush()
        os.fsync(file.fileno())
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def demo_keyring(path: Path) -> Keyring:
    """The demo's keyring: made on the first run, read on the next."""
    if not path.exists():
        write_keyring(make_keyring(demo=True), path)
    keyring = open_keyring(file=str(path), production=False)
    if not keyring.demo:
        raise BadSettings(f"{path} is a real keyring: the demo never runs on one")
    return keyring


def _guarded(path: Path) -> str:
    """The text of a file that only its owner may read."""
    try:
        facts = path.stat()
    except OSError:
        raise BadSettings(f"the keyring {path} cannot be found") from None
    mode = stat.S_IMODE(facts.st_mode)
    if mode & ~WIDEST_MODE:
        raise BadSettings(
            f"the keyring {path} may be read by others (mode {mode:04o}): run chmod 0400"
        )
    if facts.st_uid not in {os.geteuid(), 0}:
        raise BadSettings(
            f"the keyring {path} belongs to somebody else: its owner must be the service's user"
        )
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        raise BadSettings(f"the keyring {path} cannot be read by the service's user") from None


def _text(key: bytes) -> str:
    return b64encode(key).decode()
