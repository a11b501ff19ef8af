"""The demo: invented offices and people, and cases that are played through the same verbs as real ones. Exists only with a demo keyring."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from service.actions import accounts, releases
from service.actions.house import Actor
from service.app import shipped_bundle
from service.clock import SetClock
from service.errors import BadSettings
from service.program import Tresteg
from service.scenario import Player, Scenario, read_scenario
from service.store import offices, settings

SEED = Actor("seed")
PEOPLE = "demo.people"
"""Setting that holds first name to person id as JSON."""


def seed_directory(program: Tresteg, now: datetime) -> dict[str, str]:
    """Put the demo's offices and people into an empty directory; gives first name to person id.

    Raises:
        BadSettings: the keyring is no demo keyring, or the directory is not empty.
    """
    if not program.demo:
        raise BadSettings("the demo needs a demo keyring; a real one would mix invented people with real ones")
    told = tomllib.loads((Path(program.settings.workflows_dir) / "config" / "demo.toml").read_text(encoding="utf-8"))
    people: dict[str, str] = {}
    with program.database.transaction() as tx:
        if offices.everyone(tx):
            raise BadSettings("the database has offices already; the demo is made in an empty one")
        for row in told["office"]:
            office = offices.Office(
                id=row["id"],
                name=row["name"],
                kind=row["kind"],
                countries=row.get("countries", []),
                municipalities=row.get("municipalities", []),
                calendar=row["calendar"],
                zone=row["zone"],
                language=row["language"],
            )
            address = row.get("address", f"{row['id']}@example.invalid")
            accounts.add_office(tx, program.house, office, address, by=SEED, now=now)
        for row in told["person"]:
            people[row["id"]] = accounts.new_person_id(now)
            accounts.add_person(
                tx,
                program.house,
                id_=people[row["id"]],
                sign_in=f"{row['id']}@demo",
                name=row["name"],
                office=row["office"],
                roles=row["roles"],
                password=None,
                language=row["language"],
                by=SEED,
                now=now,
            )
        settings.put(tx, "demo", "yes")
        settings.put(tx, PEOPLE, json.dumps(people))
    return people


def publish_shipped(program: Tresteg, now: datetime) -> str:
    """Publish the files of the two folders as a release; gives its id."""
    with program.database.transaction() as tx:
        return releases.publish_bundle(tx, program.house, shipped_bundle(program.settings), by=SEED, now=now).id


def usual_answers(program: Tresteg) -> Mapping[str, Mapping[str, Any]]:
    """Form to the answers that invented people usually give."""
    found: Mapping[str, Mapping[str, Any]] = json.loads((_folder(program) / "answers.json").read_text(encoding="utf-8"))
    return found


def scenarios(program: Tresteg) -> list[Scenario]:
    """Every scenario of the folder, by name."""
    return [read_scenario(path) for path in sorted(_folder(program).rglob("*.scenario.json"))]


def player(program: Tresteg, clock: SetClock, people: Mapping[str, str]) -> Player:
    """Somebody who plays scenarios on this program, whose clock has hands."""
    return Player(program, clock, people, usual_answers(program))


def _folder(program: Tresteg) -> Path:
    return Path(program.settings.workflows_dir) / "scenarios"


def before(now: datetime, days: int) -> datetime:
    """The moment so many days ago."""
    return now - timedelta(days=days)
