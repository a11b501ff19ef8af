"""A backup file: the manifest, signed by the installation, and the database behind it, encrypted.

The manifest says what the database part must be, byte for byte. Its signature is that of the
ledger's key, so that nobody who holds the public key alone can make a file that passes for a
backup.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final

from service.errors import UnusableFile
from service.security.backup_cipher import (
    ChunkWriter,
    PrivateKey,
    PublicKey,
    open_content_key,
    opened_chunks,
)
from service.security.vault import Vault

FORM: Final = 1
SIGNED: Final = b"tresteg/1|backup manifest|"
LENGTH_BYTES: Final = 8
LONGEST_MANIFEST: Final = 1024 * 1024
PIECE: Final = 1024 * 1024


@dataclass(frozen=True, slots=True)
class BackupManifest:
    """What a backup holds."""

    made_at: str
    """The moment of the copy, ISO 8601 in UTC."""
    program: str
    schema: str
    database: str
    """`sqlite` or `postgresql`: where it was copied from; it can be put into either."""
    keyring: str
    """Fingerprint of the keyring that opens what is sealed in it."""
    size: int
    sha256: str
    """Of the database part."""
    rows: dict[str, int]
    """Rows of each table."""
    streams: int
    ledger: str
    """SHA-256 over the name, length and last hash of every stream."""
    checkpoint: str = ""
    """The newest checkpoint, as it was published; empty without one."""

    @property
    def moment(self) -> datetime:
        """The moment of the copy."""
        return datetime.fromisoformat(self.made_at)


def write_backup(
    out: BinaryIO, manifest: BackupManifest, database: Path, public: PublicKey, vault: Vault
) -> ChunkWriter:
    """Encrypt a backup; the writer that is given back knows the content key."""
    writer = ChunkWriter(out, public)
    document = _document(manifest, vault)
    writer.write(len(document).to_bytes(LENGTH_BYTES) + document)
    with database.open("rb") as part:
        while piece := part.read(PIECE):
            writer.write(piece)
    writer.finish()
    return writer


def check_written(sealed: BinaryIO, writer: ChunkWriter, manifest: BackupManifest) -> None:
    """Read an encrypted backup back while its content key is at hand, and compare.

    Raises:
        UnusableFile: it is not what was written.
    """
    head = sealed.read(writer.head_bytes)
    if sha256(head).digest() != writer.content_key.head:
        raise UnusableFile("is not what was written: look after the disk")
    content = _Content(opened_chunks(sealed, writer.content_key))
    _skip_manifest(content)
    _check_part(content, manifest, None)


def read_backup(
    sealed: BinaryIO, private: PrivateKey, vault: Vault, database: Path
) -> BackupManifest:
    """Decrypt a backup into a new file, checked against its manifest.

    Raises:
        UnusableFile: it is damaged, was made for another key, or by another installation.
    """
    content = _Content(opened_chunks(sealed, open_content_key(sealed, private)))
    manifest = _read_manifest(_skip_manifest(content), vault)
    with private_file(database) as out:
        _check_part(content, manifest, out)
    return manifest


def private_file(file: Path) -> BinaryIO:
    """A new file, readable for its owner only."""
    return os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


class _Content:
    """The decrypted content, read as a file is."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks, self._left = chunks, b""

    def read(self, size: int) -> bytes:
        """So many bytes, or what there is until the end."""
        pieces, wanted = [self._left], size - len(self._left)
        while wanted > 0 and (chunk := next(self._chunks, None)) is not None:
            pieces.append(chunk)
            wanted -= len(chunk)
        found = b"".join(pieces)
        self._left = found[size:]
        return found[:size]


def _document(manifest: BackupManifest, vault: Vault) -> bytes:
    """The manifest with its signature."""
    text = json.dumps({"v": FORM, **asdict(manifest)}, sort_keys=True)
    signature = vault.sign(SIGNED + text.encode()).hex()
    return json.dumps({"manifest": text, "signature": signature}).encode()


def _skip_manifest(content: _Content) -> bytes:
    """The bytes of the manifest; the database part comes next."""
    length = int.from_bytes(content.read(LENGTH_BYTES))
    if length > LONGEST_MANIFEST:
        raise UnusableFile("has no manifest that this program can read")
    return content.read(length)


def _read_manifest(document: bytes, vault: Vault) -> BackupManifest:
    try:
        outer = json.loads(document)
        text, signature = outer["manifest"].encode(), bytes.fromhex(outer["signature"])
        found = json.loads(text)
        form = found.pop("v")
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UnusableFile("has no manifest that this program can read") from None
    if not vault.signed(SIGNED + text, signature):
        raise UnusableFile(
            "was not made by the installation of this keyring: name the keyring that it was "
            "made with, and trust no other"
        )
    if form != FORM:
        raise UnusableFile("was made by a newer program: install that one")
    try:
        return BackupManifest(**found)
    except TypeError:
        raise UnusableFile("has no manifest that this program can read") from None


def _check_part(content: _Content, manifest: BackupManifest, out: BinaryIO | None) -> None:
    """Read the database part to its end, write it down if asked to, and compare."""
    digest, size = sha256(), 0
    while piece := content.read(PIECE):
        digest.update(piece)
        size += len(piece)
        if out is not None:
            out.write(piece)
    if (size, digest.hexdigest()) != (manifest.size, manifest.sha256):
        raise UnusableFile("holds another database than its manifest names")
