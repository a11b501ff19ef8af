"""The container: the whole program, put together by `service.app` and handed to web, worker and
command line.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from service.clock import Clock
from service.mail import MailServer
from service.people.second_factor import OPTIONAL
from service.records.context import Services
from service.security.checkpoint_folder import NOT_KEPT, CheckpointFolder, OutsideLog
from service.security.openid.client import ProviderClient
from service.security.passwords import Passwords
from service.settings import Settings
from service.store.database import Database


@dataclass(frozen=True)
class Tresteg:
    """One installation that runs."""

    settings: Settings
    database: Database
    services: Services
    clock: Clock
    mail: MailServer
    passwords: Passwords
    demo: bool
    """Whether it runs on a demo keyring: invented people, and a clock that can be moved."""
    providers: Mapping[str, ProviderClient] = field(default_factory=dict)
    """Where people sign in by OpenID Connect, by the id of the provider."""

    def __post_init__(self) -> None:
        """The store is handed what makes MACs of rows: it knows no keys."""
        self.database.row_mac = self.services.vault.row_mac

    @property
    def second_factor(self) -> str:
        """Whether a password needs a second factor, as `Settings.second_factor`; never in a demo,
        whose people are invented.
        """
        return OPTIONAL if self.demo else self.settings.second_factor

    @cached_property
    def checkpoint_folder(self) -> CheckpointFolder | None:
        """Where checkpoints are kept outside the database; None when no setting says where."""
        return named_folder(self.settings)


def named_folder(settings: Settings) -> CheckpointFolder | None:
    """The folder of checkpoints that settings name; None when they name none."""
    named = settings.checkpoints_dir
    return CheckpointFolder(Path(named)) if named else None


def outside_log(settings: Settings) -> OutsideLog:
    """What is known of the log in the folder of checkpoints, where settings name one."""
    folder = named_folder(settings)
    return NOT_KEPT if folder is None else folder.read()
