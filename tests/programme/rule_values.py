"""Values of a case that the shipped rules are asked with."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from service.engine.dmn.evaluator import Decided, decide
from service.engine.dmn.rule_files import read_rules
from service.engine.feel.types import Type
from service.engine.feel.values import Value

from .picture import WORKFLOWS

FILES = {path.name: path.read_bytes() for path in sorted(WORKFLOWS.glob("*.dmn"))}
TABLE = tomllib.loads((WORKFLOWS / "config" / "types.toml").read_text(encoding="utf-8"))
ITEM = {"severity": Type("number"), "likelihood": Type("number")}
"""What a row of the form's list of risks asks with; these two never enter the engine."""
LEAVES = datetime(2026, 6, 15, 10, tzinfo=UTC)
"""Departure in the journey checks."""


def declared(row: Mapping[str, object]) -> Type:
    """A routing name's type as `types.toml` gives it."""
    values, fields = row.get("values", ()), row.get("fields", {})
    assert isinstance(values, list | tuple)
    assert isinstance(fields, dict)
    return Type(
        str(row["type"]), tuple(values), {name: declared(field) for name, field in fields.items()}
    )


NAMES = {name: declared(row) for name, row in TABLE.items()} | ITEM
DECISIONS, FINDINGS = read_rules(FILES, NAMES)

QUIET: dict[str, Value] = {
    "voluntariness": "CONFIRMED",
    "isMinor": False,
    "bestInterests": None,
    "countryStatus": "OPEN",
    "returnsToExploiter": "NO",
    "threatToLife": "NO",
    "authorityProtection": "AVAILABLE",
    "residualWorst": "LOW",
    "hasTestified": "NO",
    "traffickerAtLarge": "NO",
    "traffickerKnowsAddress": "NO",
    "priorRetrafficking": "NO",
    "owesDebt": "NO",
    "safeAccommodation": "CONFIRMED",
    "selfHarmRisk": "NO",
    "vulnerable": False,
    "familyInvolved": "NO",
    "firstNights": "BOOKED",
}
"""Nothing speaks against the journey."""
READY: dict[str, Value] = {
    "departureAt": LEAVES,
    "arrivalEta": LEAVES + timedelta(hours=9),
    "signedOn": date(2026, 5, 1),
    "riskAssessedOn": date(2026, 6, 13),
    "risk": {"level": "LOW", "reason": "NONE", "reviewDays": Decimal(30)},
    "travelDocStatus": "VALID",
    "travelDocExpiresOn": date(2030, 1, 1),
    "needsFitCheck": False,
    "escortType": "NONE",
    "arrivalArranged": True,
    "localTakesPart": True,
    "isMinor": False,
    "voluntariness": "CONFIRMED",
    "childReassessed": None,
    "custodyDispute": False,
}
"""Nothing is missing before departure."""
WELL: dict[str, Value] = {
    "dangerNow": False,
    "exploitationSign": "NONE",
    "healthCrisis": False,
    "safeToTalk": True,
    "missedInARow": Decimal(0),
    "risk": {"level": "LOW", "reason": "NONE", "reviewDays": Decimal(30)},
    "basicNeeds": "OK",
    "wish": "STAY",
    "lowScore": False,
    "planProgress": "ON_TRACK",
    "childWorry": False,
    "wrongPerson": False,
    "followUpRefused": False,
}
"""A follow-up without worries."""
FITS: dict[str, Value] = {
    "foreignCitizen": True,
    "interestInReturn": "YES",
    "inTargetGroup": "YES",
    "rightToReside": "YES",
}
CALM: dict[str, Value] = {
    "fitToTravel": None,
    "selfHarmRisk": "NO",
    "isMinor": False,
    "risk": WELL["risk"],
    "needsTransitHelp": False,
}
AGREED: dict[str, Value] = {
    "homeSafe": "YES",
    "decisionSweden": "RETURN",
    "guardianAgrees": True,
    "decisionHome": "RETURN",
    "childReview": None,
    "homeAsked": None,
    "childWish": "RETURN",
    "familyInvolved": "NO",
    "carerSecured": None,
}
"""Both countries, the guardian and the child agree; nobody receives the child yet."""
FREE: dict[str, Value] = dict.fromkeys(
    (
        "travelBan",
        "exitBan",
        "custodyDispute",
        "custodyPaperMissing",
        "detained",
        "visaMissing",
        "transitVisaMissing",
    ),
    False,
)
"""No authority bars the journey."""
HIGH: Value = {"level": "HIGH", "reason": "DEBT", "reviewDays": Decimal(7)}

DEADLINES: dict[str, Value] = {
    "decide": "P3D",
    "completionLapse": "P14D",
    "counsel": "P2D",
    "application": "P14D",
    "applicationDormant": "P45D",
    "check": "P2D",
    "needs": "P5D",
    "localReply": "P5D",
    "plan": "P5D",
    "budget": "P3D",
    "risk": "P3D",
    "way": "P5D",
    "reassess": "P14D",
    "guardian": "P3D",
    "child": "P10D",
    "document": "P5D",
    "embassyReminder": "R3/P14D",
    "fit": "P5D",
    "booking": "P3D",
    "arrange": "P3D",
    "finalCheck": "PT72H",
    "meet": "P3D",
    "feedback": "P3D",
    "feedbackLate": "P14D",
    "followUpWindow": "P7D",
    "contact": "P5D",
    "brief": "P10D",
    "reviewBy": "PT36H",
    "goBy": "PT24H",
    "holds": "P14D",
}
"""The deadlines of a case of normal urgency."""


def ask(rule: str, values: Mapping[str, Value]) -> Decided:
    """Ask one rule of the release."""
    return decide(DECISIONS, rule, values, now=LEAVES)


def rows(decided: Decided) -> tuple[int, ...]:
    """Numbers of the rows that spoke."""
    return decided.fired[-1][1]
