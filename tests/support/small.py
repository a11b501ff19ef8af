"""Small processes as whole releases: one role, two forms, and the process of the benches."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import pairwise

from service.release.bundle import Bundle
from tests.support import diagram_files
from tests.support import diagrams as d
from tests.support.directory import ROLE

ROLES = f'[{ROLE}]\nsv = "Hänvisande"\nen = "Referring"\n'
TYPES = (
    '[answer]\ntype = "string"\nvalues = ["YES", "NO"]\nclass = "C0"\n'
    '[sent]\ntype = "number"\nclass = "C0"\n'
    '[picked]\ntype = "string"\nclass = "C0"\n'
)
NOTE = "Hon ringer på måndag; tolk finns. " * 6
"""About what a person writes in one step: some two hundred letters."""
ANSWERS: Mapping[str, list[str]] = {
    "answer": ["YES"],
    "note": [NOTE],
    "contact": ["telefon, vardagar efter tio"],
    "place": ["Stockholm, mottagningen"],
}
"""A filled-in form of some three hundred bytes."""


def field(key: str, kind: str, klass: str, **more: object) -> dict[str, object]:
    """One component of a form."""
    return {
        "type": kind,
        "key": key,
        "label": key.title(),
        "properties": {"class": klass},
        "id": f"Field_{key}",
        **more,
    }


def form(id_: str, *components: dict[str, object]) -> bytes:
    """A form file."""
    return json.dumps(
        {
            "schemaVersion": 19,
            "type": "default",
            "id": id_,
            "x-title": id_.title(),
            "x-purpose": "REFER",
            "components": list(components),
        }
    ).encode()


CHOICE = {
    **field(
        "answer",
        "radio",
        "C0",
        values=[{"label": "Ja", "value": "YES"}, {"label": "Nej", "value": "NO"}],
        validate={"required": True},
    ),
    "properties": {"class": "C0", "routing": "yes"},
}
TEXTS = (
    field("note", "textarea", "C2"),
    field("contact", "textfield", "C1"),
    field("place", "textfield", "C3"),
)
FORMS = {"ask": form("ask", CHOICE, *TEXTS), "plain": form("plain", *TEXTS)}


def bundle(*diagrams: bytes) -> Bundle:
    """A release of these diagrams, with the forms, tables and calendar that all of them share."""
    return Bundle(
        {
            **{f"workflows/{n}.bpmn": data for n, data in enumerate(diagrams)},
            "workflows/pick.dmn": diagram_files.RULE,
            "workflows/calendars/sweden.json": diagram_files.CALENDAR,
            **{f"forms/{name}.form": content for name, content in FORMS.items()},
            "workflows/config/roles.toml": ROLES.encode(),
            "workflows/config/types.toml": TYPES.encode(),
        }
    )


def begin(**more: str) -> str:
    """A start event with a form."""
    return d.start(
        inner=d.ext(f'<zeebe:formDefinition formId="plain"/>{d.props(roles=ROLE)}'), **more
    )


def person(id_: str, form_: str = "plain", **more: str) -> str:
    """A task for the office."""
    return d.task(id_, form_, group=ROLE, **more)


def one(body: str, way: str) -> Bundle:
    """A release with one process: start, this, end."""
    return bundle(d.diagram(begin() + body + d.end(), way))


def row_of_tasks(count: int) -> Bundle:
    """Tasks for people, one after the other."""
    names = [f"t{n}" for n in range(1, count + 1)]
    return one(
        "".join(person(n) for n in names),
        " ".join(f"{a}>{b}" for a, b in pairwise(["s", *names, "e"])),
    )


def loop() -> Bundle:
    """A task that comes again until the answer is NO."""
    return one(d.xor("m") + person("a", "ask") + d.xor("x"), 's>m m>a a>x x>m*  x>e[answer = "NO"]')


def bench_diagram() -> bytes:
    """Twenty user tasks, six services, one decision table, gateways and two border timers."""
    names = [f"t{n}" for n in range(1, 21)]
    body = "".join(person(n, "ask" if n in ("t3", "t9") else "plain") for n in names)
    body += (
        "".join(d.job(f"j{n}") for n in range(1, 6)) + d.job("j6", "letters.count") + d.rule("r")
    )
    body += d.xor("x1") + d.xor("x2") + d.both("p1") + d.both("p2") + d.xor("x3") + d.xor("x4")
    body += d.border("b1", "t5", d.timer("Duration", "P30D")) + d.border(
        "b2", "t12", d.timer("Duration", "P60D"), interrupting=False
    )
    body += d.end("late") + d.end("told")
    way = (
        's>t1 t1>j1 j1>t2 t2>t3 t3>x1 x1>t4[answer = "YES"] x1>x2* t4>x2 x2>j2 j2>t5 t5>t6'
        " b1>late t6>r r>t7 t7>p1 p1>t8 p1>t9 t8>p2 t9>p2"
        " p2>j3 j3>t10 t10>t11 t11>t12 t12>t13 b2>told t13>j4 j4>t14 t14>x3"
        ' x3>t15[picked = "A"] x3>x4* t15>x4 x4>t16 t16>j5 j5>t17'
        " t17>t18 t18>j6 j6>t19 t19>t20 t20>e"
    )
    return d.diagram(begin() + body + d.end(), way)


def bench() -> Bundle:
    """The process of the benches as a release."""
    return bundle(bench_diagram())
