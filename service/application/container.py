"""The container: the whole program, put together by `service.app` and handed to web, worker and
command line.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.actions.context import Services
from service.clock import Clock
from service.mail import MailServer
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
