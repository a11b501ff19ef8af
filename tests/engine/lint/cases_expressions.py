"""Bad and good for what is written: expressions, names, variables, rules, calendars, labels."""

from __future__ import annotations

from service.engine.feel.types import Type
from service.engine.types import FormFacts
from tests.engine.lint.calendars import BAD_CALENDARS
from tests.engine.lint.case import IN, INNER, Case, case, declared, forked
from tests.support.diagram_files import FORMS, TYPES, release
from tests.support.diagrams import (
    border,
    catch,
    diagram,
    each,
    end,
    ext,
    job,
    line,
    mapping,
    props,
    start,
    sub,
    task,
    timer,
    xor,
)

_MANY = FormFacts(
    "many", {"many": Type("list", tuple(f"c{n}" for n in range(101)))}, frozenset({"many"})
)

WORDS = [
    case(
        "D601",
        line(job("a").replace('type="letters.send"', 'type="letters.send" retries="99"')),
        line(job("a").replace('type="letters.send"', 'type="letters.send" retries="3"')),
    ),
    case(
        "D602",
        line(job("a", extra=mapping({"gone": "=1"}))),
        line(job("a", extra=mapping({"sent": "=1"})) + task("b", "reader"), "s>a a>b b>e"),
    ),
    case(
        "D602",
        line(sub("a", INNER, IN, head=ext(mapping(inputs={"gone": "=1"})))),
        line(
            sub(
                "a",
                INNER.replace("plain", "reader"),
                IN,
                head=ext(mapping(inputs={"sent": "=1"})),
            )
        ),
    ),
    case("D603", line(task(form="gone"))),
    case("D604", line(task().replace('formId="plain"', 'formId="plain" formKey="x"'))),
    case("D604", line(task(extra='<zeebe:userTaskForm id="old"/>'))),
    case(
        "D605",
        line(task().replace('candidateGroups="Doer"', 'candidateGroups="Doer" assignee="eva"')),
    ),
    case(
        "D606",
        line(task()).replace(
            b'name="m"/>',
            b'name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="=free"/>'
            b"</bpmn:extensionElements></bpmn:message>",
        ),
        line(task()).replace(
            b'name="m"/>',
            b'name="m"><bpmn:extensionElements><zeebe:subscription correlationKey="= caseId"/>'
            b"</bpmn:extensionElements></bpmn:message>",
        ),
    ),
    case(
        "D607",
        line(task().replace('formId="plain"', 'formId="plain" bindingType="versionTag"')),
        line(task().replace('formId="plain"', 'formId="plain" bindingType="deployment"')),
    ),
    case(
        "D607.latest",
        line(task().replace('formId="plain"', 'formId="plain" bindingType="latest"')),
        line(task().replace('formId="plain"', 'formId="plain" bindingType="deployment"')),
    ),
    case("D608.listener", line(task(extra="<zeebe:taskListeners/>"))),
    case("D608.message", line(task(extra="<zeebe:publishMessage/>"))),
    case(
        "D608.listener",
        line(
            task(
                extra='<zeebe:executionListeners><zeebe:executionListener type="x"/>'
                "</zeebe:executionListeners>"
            )
        ),
    ),
    case("D608", line(task().replace('formId="plain"', 'formId="plain" latest="true"'))),
    case(
        "D608",
        line(task(zeebe__listener="x")),
        line(task(zeebe__modelerTemplate="form.plain", zeebe__modelerTemplateVersion="1")),
    ),
    case(
        "D609",
        line(task(extra='<zeebe:taskSchedule dueDate="soon"/>')),
        line(task(extra='<zeebe:taskSchedule dueDate="P3D"/>')),
    ),
    case("D610", line(task(extra=props(stage="4"))), line(task(extra=props(stage="3")))),
    Case(
        "D511",
        release(line(task(extra=props(stage="1"))), stages=None),
        release(line(task(extra=props(stage="1")))),
    ),
    Case("D511", release(line(task(extra=props(station="a"))), stations=None)),
    case(
        "D610",
        line(task(extra=props(zone="Stockholm"))),
        line(task(extra=props(zone="Europe/Stockholm"))),
    ),
    case(
        "D610",
        line(task(extra='<zeebe:priorityDefinition priority="101"/>')),
        line(task(extra='<zeebe:priorityDefinition priority="100"/>')),
    ),
    case("D610", line(task(extra='<zeebe:priorityDefinition priority="=sent"/>'))),
    case(
        "D610",
        line(job("a", extra=props(priority="101"))),
        line(job("a", extra=props(priority="90"))),
    ),
    case("D610", line(job("a", extra=props(priority="²")))),
    case("D610", line(task(extra=props(priority="90")))),
    Case(
        "D620",
        release(
            line(task()),
            calendars={"sweden.json": b'{"zone": "Mars/Base", "week": [1], "off": []}'},
        ),
    ),
    *(
        Case("D620", release(line(task()), calendars={"sweden.json": content}))
        for content in BAD_CALENDARS
    ),
    *(
        case(
            "D610",
            line(task("a", extra=props(**{name: bad})) + task("b"), "s>a a>b b>e"),
            line(task("a", extra=props(**{name: good})) + task("b"), "s>a a>b b>e"),
        )
        for name, bad, good in (
            ("station", "home", "travel"),
            ("milestone", "Two words", "application_sent"),
            ("milestone", "m" * 41, "m" * 40),
            ("missed", "never", "all"),
            ("days", "week", "calendar"),
            ("not_same_person_as", "a", "b"),
            ("not_same_person_as", "b, s", "b,"),
            ("not_same_person_as", " , ", "b"),
            ("roles", "Doer, Nobody", "Doer, Boss"),
            ("roles", "", "Boss"),
            ("seen", "D302, D603", "D302, R203, D405"),
            ("name__en", "", "The step"),
            ("plain__en", "x" * 2001, "x" * 2000),
        )
    ),
    case(
        "D610",
        line(task(extra=props(name__e="The step"))),
        line(task(extra=props(name__sv="Steget"))),
    ),
    case(
        "D610",
        line(task(extra=props(name__english="The step"))),
        line(task(extra=props(name__swe="Steget"))),
    ),
    case("D610", line(task(extra=props(promise__1="never a before s")))),
    case("D901", line(task("b", "ask") + task(extra=props(allowed_when="=")), "s>b b>a a>e")),
    case("D610", declared("text"), declared("string: A, B")),
    case("D610", declared("number: 1, 2"), declared("list: A, B")),
    case("D610", line(task(extra=props(var__extra="number")))),
    case(
        "D609",
        line(task(extra='<zeebe:taskSchedule followUpDate="soon"/>')),
        line(task(extra='<zeebe:taskSchedule followUpDate="P1M"/>')),
    ),
    case(
        "D905.gives",
        line(task(extra='<zeebe:taskSchedule dueDate="=1 + 1"/>')),
        line(
            task("b", "ask") + task(extra='<zeebe:taskSchedule dueDate="=answer"/>'), "s>b b>a a>e"
        ),
    ),
    Case(
        "D621",
        release(line(task(extra=props(days="working"))), calendars={}),
        release(line(task(extra=props(days="working")))),
    ),
    case(
        "D703",
        line(task("b", "many") + task(inner=each("many")), "s>b b>a a>e"),
        line(task(inner=each("[1,2,3]"))),
        forms={**FORMS, "many": _MANY},
    ),
    Case(
        "D704",
        release(line(task()), types={**TYPES, **{f"v{n}": TYPES["sent"] for n in range(200)}}),
    ),
    case("D901", forked("x>e[answer = ] x>e2*")),
    case("D902", forked('x>e[anwser = "YES"] x>e2*')),
    case("D903", forked("x>e[cuont(answer) > 1] x>e2*")),
    case("D904", forked("x>e[matches(answer, answer)] x>e2*")),
    case("D905", forked("x>e[answer > 3] x>e2*")),
    case(
        "D905.gives",
        line(task() + catch("c", timer("Duration", "=1 + 1")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", '=duration("P1D")')), "s>a a>c c>e"),
    ),
    case("D906", forked('x>e[answer = "' + "Y" * 500 + '"] x>e2*')),
    case("D907", forked('x>e[answer + "x"] x>e2*'), forked('x>e[answer = "YES"] x>e2*')),
    case("D907", forked("x>e[some a in 1..9999999 satisfies a = 0] x>e2*")),
    case("D908", forked('x>e[answer = "YSE"] x>e2*')),
    case(
        "D909",
        line(task() + catch("c", timer("Duration", "1 week")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P7D")), "s>a a>c c>e"),
    ),
    *(
        case(
            "D909",
            line(
                task() + border("b", "a", timer("Cycle", text), interrupting=False) + end("e2"),
                "s>a a>e b>e2",
            ),
            line(
                task() + border("b", "a", timer("Cycle", good), interrupting=False) + end("e2"),
                "s>a a>e b>e2",
            ),
        )
        for text, good in (
            ("0 0 * * *", "R/P1D"),
            ("R/P1D/2026-03-01", "R/2026-03-01/P1D"),
            ("Rx/P1D", "R3/P1D"),
            ("R/soon/P1D", "R/2026-03-01T09:00:00/P1M"),
        )
    ),
    case(
        "D909",
        line(task() + catch("c", timer("Duration", "-P1D")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P1M2D")), "s>a a>c c>e"),
    ),
    case(
        "D909",
        line(task() + catch("c", timer("Duration", "-P1M")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P1Y")), "s>a a>c c>e"),
    ),
    case(
        "D909.none",
        line(task() + catch("c", timer("Duration", "")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P7D")), "s>a a>c c>e"),
    ),
    case(
        "D909.working",
        line(task(extra='<zeebe:taskSchedule dueDate="PT5H"/>' + props(days="working"))),
        line(task(extra='<zeebe:taskSchedule dueDate="P5D"/>' + props(days="working"))),
    ),
    case(
        "D910",
        line(task() + catch("c", timer("Duration", "PT1S")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "PT1M")), "s>a a>c c>e"),
    ),
    case(
        "D910",
        line(task() + catch("c", timer("Duration", "P121M")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P120M")), "s>a a>c c>e"),
    ),
    case(
        "D910",
        line(task() + catch("c", timer("Duration", "P3654D")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P3653D")), "s>a a>c c>e"),
    ),
    case(
        "D910",
        line(task() + catch("c", timer("Duration", "P10Y1D")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Duration", "P9Y365D")), "s>a a>c c>e"),
    ),
    case(
        "D911",
        line(
            task() + border("b", "a", timer("Cycle", "R/PT5M"), interrupting=False) + end("e2"),
            "s>a a>e b>e2",
        ),
        line(
            task() + border("b", "a", timer("Cycle", "R3/PT5M"), interrupting=False) + end("e2"),
            "s>a a>e b>e2",
        ),
    ),
    case(
        "D912",
        line(task() + catch("c", timer("Date", "2020-01-01")), "s>a a>c c>e"),
        line(task() + catch("c", timer("Date", "2099-01-01")), "s>a a>c c>e"),
    ),
    case(
        "D912",
        line(task(extra='<zeebe:taskSchedule dueDate="2020-01-01"/>')),
        line(task(extra='<zeebe:taskSchedule dueDate="2099-01-01"/>')),
    ),
    case(
        "D912",
        line(
            task("a", "ask")
            + catch("c", timer("Date", '=if answer = "YES" then @"2099-01-01" else @"2020-01-01"')),
            "s>a a>c c>e",
        ),
        line(
            task("a", "ask")
            + catch("c", timer("Date", '=if answer = "YES" then @"2099-01-01" else @"2099-01-01"')),
            "s>a a>c c>e",
        ),
    ),
    case(
        "D914",
        line(
            task(extra='<zeebe:taskSchedule dueDate="P9D"/>')
            + task("b", extra=props(before="=departure")),
            "s>a a>b b>e",
        ),
        line(
            task(extra='<zeebe:taskSchedule dueDate="P9D"/>' + props(before="=departure"))
            + task("b", extra=props(before="=departure")),
            "s>a a>b b>e",
        ),
    ),
    case(
        "D914",
        line(
            task(extra='<zeebe:taskSchedule dueDate="P9D"/>')
            + task("b", extra=props(before="=departure")),
            "s>a a>b b>e",
        ),
        line(
            task("b", extra=props(before="=departure"))
            + task(extra='<zeebe:taskSchedule dueDate="P9D"/>'),
            "s>b b>a a>e",
        ),
    ),
    case(
        "D913",
        diagram(
            start() + task("a", "count") + xor() + end() + end("e2"),
            "s>a a>x x>e[n in (9..1)] x>e2*",
        ),
    ),
]
