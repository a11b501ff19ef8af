"""What tests of backups share: a pair of keys, and a program that writes to an empty place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from service.application.container import Tresteg
from service.operations.backup import BackupReport, make_backup
from service.operations.restore import restore_backup
from service.records.context import Actor
from service.security.backup_cipher import make_backup_keys
from service.store.database import Database

OPERATOR: Final = Actor("cli")


@dataclass(frozen=True)
class BackupFiles:
    """A folder with a pair of keys, where backups are put."""

    folder: Path

    @property
    def private(self) -> Path:
        return self.folder / "private.pem"

    @property
    def public(self) -> Path:
        return self.folder / "public.pem"

    def keyed(self, program: Tresteg) -> Tresteg:
        """The program with the public key in its settings."""
        settings = replace(program.settings, backup_key=str(self.public))
        return replace(program, settings=settings)

    def backup(self, program: Tresteg, name: str = "one.backup") -> BackupReport:
        """Make a backup at the program's moment."""
        target = self.folder / name
        now = program.clock.now()
        return make_backup(self.keyed(program), target, by=OPERATOR, now=now)

    def restore(self, program: Tresteg, url: str, file: Path | None = None) -> Tresteg:
        """Restore a backup into another database; gives the program that works on it."""
        settings = replace(program.settings, database_url=url)
        made = replace(program, settings=settings, database=Database(url))
        chosen = file or self.folder / "one.backup"
        try:
            restore_backup(made, chosen, self.private, by=OPERATOR, now=made.clock.now())
        except BaseException:
            made.database.close()
            raise
        return made


def backup_files(folder: Path) -> BackupFiles:
    """Make a pair of keys in a new folder."""
    folder.mkdir()
    made = BackupFiles(folder)
    private, public = make_backup_keys()
    made.private.write_text(private, "ascii")
    made.public.write_text(public, "ascii")
    return made
