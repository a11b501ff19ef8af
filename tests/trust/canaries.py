"""People who type a canary into every field for free text, so that a test finds where it went."""

from __future__ import annotations

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.access import Viewer
from service.demo.player import Player
from service.workshop.trial.scenario_file import ScenarioStep

MARK = "qzkanariefagel"
"""Stands in no word list, and begins every canary."""
LONG = 40
TYPED = frozenset({"text", "longtext"})

WALK = (
    ("sara", "Start_PersonIdentified", 0),
    ("sara", "Task_OfferReturnInformation", 0),
    ("sara", "Task_SubmitReferral", 0),
    ("omar", "Task_DecideReferral", 0),
    ("aino", "Task_CounselReturnee", 0),
    ("iva", "Task_LocalContact", 0),
    ("sara", "Task_SignApplication", 0),
    ("aino", "Task_CheckApplication", 0),
    ("aino", "Task_AssessNeeds", 0),
    ("iva", "Task_ConfirmLocalSupport", 0),
    ("aino", "Task_MakePlan", 0),
    ("aino", "Task_IdentifyRisks", 0),
    ("aino", "Task_BookTickets", 0),
    ("iva", "Task_ArrangeArrival", 0),
    ("aino", "Task_BriefReturnee", 0),
    ("aino", "Task_IdentifyRisks", 108),
    ("eero", "Task_GoNoGo", 0),
    ("aino", "Task_ConfirmDeparture", 60),
    ("iva", "Task_ConfirmArrival", 9),
    ("iva", "Task_MeetReturnee", 24),
    ("aino", "Task_ForwardFeedback", 0),
    ("iva", "Task_AdaptPlan", 0),
)
"""A case from the first talk to the plan at home: who, what, and how many hours later."""


@dataclass(frozen=True, slots=True)
class Canary:
    """A canary, the field that it was typed into, and the office of who typed it."""

    word: str
    key: str
    klass: str
    group: str
    office: str


@dataclass
class CanaryPlayer(Player):
    """Plays stories, and types a canary into every field for free words."""

    canaries: list[Canary] = field(default_factory=list)
    office: str = ""

    def act(
        self, step: ScenarioStep, case_id: str, *, ref: str = "", until: datetime | None = None
    ) -> str:
        self.office = self.signed_in(step.by)[0].office
        return super().act(step, case_id, ref=ref, until=until)

    def answers(
        self,
        form: str,
        own: Mapping[str, Any],
        viewer: Viewer,
        now: datetime,
        until: datetime | None = None,
    ) -> dict[str, list[str]]:
        found = super().answers(form, own, viewer, now, until)
        with self.program.database.transaction(write=False) as tx:
            release = self.program.services.current(tx)
        fields = dict(release.forms[form].walk()) if form else {}
        for path in found:
            plain = ".".join(part for part in path.split(".") if not part.isdecimal())
            if (
                plain in fields
                and fields[plain].kind in TYPED
                and (fields[plain].limits.longest or LONG) >= LONG
            ):
                key = path.partition(".")[0]
                self.canaries.append(
                    Canary(f"{MARK}{len(self.canaries):04}", key, *release.fields[key], self.office)
                )
                found[path] = [self.canaries[-1].word]
        return found


def spellings(word: str) -> set[bytes]:
    """A word as bytes might hold it: three encodings, hex, base64 at each of its three places."""
    plain = word.encode()
    found = {
        plain,
        word.upper().encode(),
        word.encode("utf-16-le"),
        word.encode("utf-16-be"),
        plain.hex().encode(),
        plain.hex().upper().encode(),
    }
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + plain)
        found |= {
            text[4 if shift else 0 : -4],
            text[4 if shift else 0 : -4].translate(bytes.maketrans(b"+/", b"-_")),
        }
    return found


def hits(data: bytes, words: Collection[str] = (MARK,)) -> list[bytes]:
    return [spelling for word in words for spelling in spellings(word) if spelling in data]
