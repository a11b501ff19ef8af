"""A release as the engine reads it: small diagrams with the forms, handlers, roles and rules of all
tests.
"""

from __future__ import annotations

from collections.abc import Mapping

from service.engine.feel.types import BOOLEAN, DATE, LIST, MOMENT, NUMBER, STRING, Type
from service.engine.types import Files, FormFacts, RoleFacts, TopicFacts

YES_NO = Type("string", ("YES", "NO"))
FORMS = {
    "plain": FormFacts("plain", {}, fields=(("note", "C1", ""),)),
    "ask": FormFacts("ask", {"answer": YES_NO}, frozenset({"answer"})),
    "maybe": FormFacts("maybe", {"answer": YES_NO}),
    "count": FormFacts("count", {"n": NUMBER}, frozenset({"n"})),
    "people": FormFacts("people", {"people": LIST}, frozenset({"people"})),
    "names": FormFacts("names", {}, fields=(("givenNames", "C2", ""),)),
    "reader": FormFacts(
        "reader", {}, reads=frozenset({"answer", "n", "people", "sent", "all", "picked", "extra"})
    ),
}
TOPICS = {
    "letters.send": TopicFacts("letters.send"),
    "letters.fail": TopicFacts("letters.fail", errors=("LOST",)),
    "letters.count": TopicFacts("letters.count", answers=("sent",)),
    "letters.need": TopicFacts("letters.need", reads=("answer",)),
    "letters.strange": TopicFacts("letters.strange", reads=("nobodyKnows",)),
}
ROLES = {
    "Doer": RoleFacts("Doer", {"sv": "Utförare", "en": "Doer"}),
    "Boss": RoleFacts("Boss", {"sv": "Chef", "en": "Boss"}),
}
TYPES = {"sent": NUMBER, "departure": MOMENT, "day": DATE, "safe": BOOLEAN, "free": STRING}
CALENDAR = b'{"zone": "Europe/Stockholm", "week": [1, 2, 3, 4, 5], "off": ["2026-06-19"]}'
RULE = (
    b'<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="d" name="d"'
    b' namespace="t"><decision id="pick" name="pick"><decisionTable id="t" hitPolicy="FIRST">'
    b'<input id="i"><inputExpression id="ie" typeRef="string"><text>answer</text>'
    b"</inputExpression></input>"
    b'<output id="o" name="picked" typeRef="string">'
    b'<outputValues id="ov"><text>"A","B"</text></outputValues></output>'
    b'<rule id="r1"><inputEntry id="c1"><text>"YES"</text></inputEntry>'
    b'<outputEntry id="o1"><text>"A"</text></outputEntry></rule>'
    b'<rule id="r2"><inputEntry id="c2"><text></text></inputEntry>'
    b'<outputEntry id="o2"><text>"B"</text></outputEntry></rule>'
    b"</decisionTable></decision></definitions>"
)


def release(*diagrams: bytes, **more: object) -> Files:
    """A release of these files with the forms, handlers, roles and rules above."""
    given: Mapping[str, object] = {
        "rules": {"pick.dmn": RULE},
        "calendars": {"sweden.json": CALENDAR},
        "forms": FORMS,
        "topics": TOPICS,
        "roles": ROLES,
        "types": TYPES,
        "stages": ("1", "2", "3"),
        "stations": ("talk", "travel"),
        **more,
    }
    return Files({f"{n}.bpmn": data for n, data in enumerate(diagrams)}, **given)  # type: ignore[arg-type] # the names are those of Files
