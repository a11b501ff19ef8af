"""Whatever a browser sends, only known and shown keys are answered."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.forms import Field, Form, check, draw
from tests.forms.paper import (
    DIRECTORIES,
    NOW,
    a_case,
    shipped,
)


def paths(form: Form) -> list[str]:
    """Every input of a form, with a few rows."""
    found: list[str] = []

    def add(fields: tuple[Field, ...], prefix: str) -> None:
        for one in fields:
            path = prefix + one.key
            found.append(path)
            for start in (
                [f"{path}.{n}." for n in (0, 1, 7)] if one.kind == "list" else [path + "."]
            ):
                add(one.fields, start)

    add(form.fields, "")
    return found


WORDS = sorted(
    {v for form in shipped().values() for _, f in form.walk() for v in f.values}
    | {c for d in DIRECTORIES.values() for c, _ in d}
)
ANY_TEXT = st.sampled_from(
    [
        *WORDS,
        "",
        "true",
        "false",
        "2026-11-24",
        "2026-11-24 09:00",
        "4/3/2026",
        "3",
        "0",
        "-1",
        "10,5",
        "x" * 2001,
    ]
) | st.text(max_size=12)


@st.composite
def sendings(draw_: st.DrawFn) -> tuple[Form, dict[str, list[str]]]:
    form = shipped()[draw_(st.sampled_from(sorted(shipped())))]
    known = st.sampled_from(paths(form))
    odd = st.sampled_from(
        [
            "",
            ".",
            "risks.0",
            "risks.999.severity",
            "a.b.c",
            "risks..level",
            "risks.x.level",
            "risks.rows",
            "__class__",
        ]
    ) | st.text(max_size=8)
    return form, draw_(st.dictionaries(known | odd, st.lists(ANY_TEXT, max_size=3), max_size=25))


@settings(max_examples=300, deadline=None)
@given(sendings())
def test_any_sending_is_answered_with_shown_keys_only(
    sending: tuple[Form, dict[str, list[str]]],
) -> None:
    form, texts = sending
    case = a_case(
        "PARTICIPATE",
        accompanyingChildren=1,
        isMinor=True,
        activities=[{"kind": "JOB", "proof": True}],
        supportRequests=[{"what": "x"}],
        undone=["CASH"],
        leftToUndo=1,
    )
    checked = check(form, texts, case)
    sections = draw(form, texts, lang="en", faults=checked.faults, context=case)
    shown = {w.key for section in sections for w in section.widgets if not w.hidden}
    assert checked.answers.keys() <= {f.key for f in form.fields} & shown
    assert checked.routing.keys() <= form.routing().keys()
    assert all(fault.key.startswith("form.") for fault in checked.faults)
    assert case.now == NOW
