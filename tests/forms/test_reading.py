"""A form file is read strictly: what is wrong is named with its place, and nothing in it runs."""

from __future__ import annotations

import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from service.engine.feel import Expression
from service.errors import BadDiagram
from service.forms import Form, inspect_form, read_form
from service.forms.filled_form import FilledForm
from tests.forms.paper import a_case

FIELD: dict[str, Any] = {
    "type": "textfield",
    "key": "a",
    "label": "A",
    "properties": {"class": "C0"},
}


def a_form(*components: Any, **top: Any) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 19,
            "type": "default",
            "id": "f",
            "x-purpose": "REFER",
            "x-i18n": {"en": {"A": "A"}},
            "components": list(components),
            **top,
        }
    ).encode()


def found(data: bytes) -> dict[str, str]:
    """Code to severity of each finding."""
    return {
        f.code: f.severity
        for f in inspect_form(data, name="f.form", feel=Expression)[1]
        if "missing in en" not in f.message
    }


def changed(kind: str = "textfield", **more: Any) -> dict[str, Any]:
    return {**FIELD, "type": kind, **more}


def props(**more: str) -> dict[str, Any]:
    return {"properties": {"class": "C0", **{k.replace("__", "."): v for k, v in more.items()}}}


OPTIONS = {"values": [{"value": "X", "label": "A"}]}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"{", "F101"),
        (b"[]", "F101"),
        (b"\xff", "F101"),
        (b'{"a": NaN}', "F101"),
        (b"[" * 100_000, "F101"),
        (b'{"a": "' + b"x" * 1_048_576 + b'"}', "F102"),
        (b'{"a":' * 21 + b"1" + b"}" * 21, "F103"),
        (b'{"id": "a", "id": "b"}', "F104"),
        (b"{}", "F105"),
        (a_form(FIELD, schemaVersion=20), "F105"),
        (a_form(FIELD, type="other"), "F105"),
        (a_form(changed("html")), "F106"),
        (a_form(changed("iframe")), "F106"),
        (a_form(changed(key="1a")), "F107"),
        (a_form({"type": "textfield", "label": "A", **props()}), "F107"),
        (a_form(changed("dynamiclist", path="a", components=[])), "F107"),
        (a_form(changed("group", path="m", components=[], **props(**{"as": "money"}))), "F107"),
        (a_form(FIELD, FIELD), "F108"),
        (a_form({"type": "group", "label": "A", "components": [FIELD]}, FIELD), "F108"),
        (a_form({"type": "textfield", "key": "a", "label": "A"}), "F109"),
        (a_form(changed(**props(routing="yes"))), "F110"),
        (a_form(changed("textarea", **props(routing="yes"))), "F110"),
        (a_form(changed("select", **props(**{"as": "country", "routing": "yes"}))), "F110"),
        (
            a_form(
                changed("group", path="g", components=[changed("number", **props(routing="yes"))])
            ),
            "F110",
        ),
        (a_form(changed("radio")), "F112"),
        (a_form(changed("radio", values=[{"value": "X"}])), "F112"),
        (a_form(changed("radio", values=OPTIONS["values"] * 2)), "F112"),
        (a_form(changed("radio", **OPTIONS, **props(**{"as": "yesno"}))), "F112"),
        (a_form(changed(**props(required_when="for x in y return x"))), "F113"),
        (a_form(changed(conditional={"hide": "=unknown = 1"})), "F113"),
        (a_form(changed(conditional={"hide": "=__import__(1)"})), "F113"),
        (a_form(changed(**props(shown_when="a = 1"))), "F121"),
        (a_form(changed("expression", expression="=1 +", **props(**{"as": "number"}))), "F113"),
        (a_form(changed(properties={"class": "C2"}), **{"x-purpose": ""}), "F114"),
        (a_form(changed(**props(**{"as": "html"}))), "F115"),
        (a_form(changed(properties={"class": 1})), "F115"),
        (a_form(FIELD, **{"x-uses": {"b": "soul"}}), "F115"),
        (
            a_form(
                {
                    "type": "group",
                    "label": "A",
                    "conditional": {"hide": "=true"},
                    "components": [FIELD],
                }
            ),
            "F115",
        ),
        (a_form(changed("number", validate={"min": 3, "max": 2})), "F117"),
        (a_form(changed(**props(buttons="yes"))), "F118"),
        (
            a_form(
                changed("radio", **OPTIONS, **props(buttons="yes")),
                changed("radio", key="b", **OPTIONS, **props(buttons="yes")),
            ),
            "F118",
        ),
        (a_form(changed("expression")), "F119"),
        (
            a_form(
                changed(
                    "group",
                    path="c",
                    components=[FIELD],
                    **props(**{"as": "consent", "consent": ""}),
                )
            ),
            "F120",
        ),
    ],
)
def test_what_a_form_may_not_hold_is_an_error(data: bytes, code: str) -> None:
    assert found(data).get(code) == "E"
    with pytest.raises(BadDiagram):
        read_form(data, name="f.form", feel=Expression)


@pytest.mark.parametrize(
    ("listed", "codes"),
    [(("REFER", "LEAVE"), []), (("LEAVE",), ["F120"]), ((), ["F120"]), (None, [])],
)
def test_a_consent_names_a_purpose_of_its_release(
    listed: tuple[str, ...] | None, codes: list[str]
) -> None:
    consent = props(**{"as": "consent", "consent": "REFER"})
    data = a_form(changed("group", path="c", components=[FIELD], **consent))
    _, findings = inspect_form(data, name="f.form", feel=Expression, purposes=listed)
    assert [f.code for f in findings if f.severity == "E"] == codes
    assert all(
        purpose in f.message for f in findings if f.code == "F120" for purpose in listed or ()
    )


def test_a_label_that_is_missing_in_a_language_is_a_warning() -> None:
    form, findings = inspect_form(a_form(changed(label="Namn")), name="f.form", feel=Expression)
    assert [(f.code, f.severity, f.element, f.facts["lang"]) for f in findings] == [
        ("F111", "W", "a", "en")
    ]
    assert form is not None
    assert form.label(form.field("a"), "en") == "Namn"


def test_a_property_that_means_nothing_is_a_warning() -> None:
    assert found(a_form(changed(**props(colour="red")))) == {"F116": "W"}


def test_a_bad_expression_is_named_with_its_place() -> None:
    _, findings = inspect_form(
        a_form(changed(**props(required_when="a = 1 and wrong"))), name="f.form", feel=Expression
    )
    assert [(f.element, f.prop, f.facts["position"], f.facts["feel"]) for f in findings] == [
        ("a", "required_when", 10, "D902")
    ]


def test_our_older_condition_is_read_and_no_longer_written() -> None:
    older = changed(key="b", **props(shown_when="a = 1"))
    form, findings = inspect_form(a_form(FIELD, older), name="f.form", feel=Expression)
    assert [(f.code, f.severity, f.element) for f in findings] == [("F121", "E", "b")]
    assert '"conditional": {"hide": "=(a = 1) != true"}' in findings[0].message
    assert form is not None
    hides = form.field("b").hidden_when
    assert hides is not None
    assert [hides.evaluate({"a": a}) for a in (None, Decimal(1), Decimal(2))] == [True, False, True]


def test_an_older_condition_hides_beside_one_of_form_js() -> None:
    both = changed(key="b", conditional={"hide": "=a = 2"}, **props(shown_when="a > 0"))
    form, _ = inspect_form(a_form(FIELD, both), name="f.form", feel=Expression)
    hides = form.field("b").hidden_when if form else None
    assert hides is not None
    assert [hides.evaluate({"a": Decimal(a)}) for a in (0, 1, 2)] == [True, False, True]


def holding(shape: str, hide: str) -> bytes:
    """A group or a list with two questions, the second one with a condition."""
    inner = changed(key="b", conditional={"hide": hide})
    return a_form(changed(shape, path="g", key="", components=[FIELD, inner]))


@pytest.mark.parametrize(
    ("shape", "hide", "findings"),
    [
        ("group", "=g.a = 1", {}),
        ("group", "=a = 1", {"F113": "E"}),
        ("group", "=g.c = 1", {"F113": "E"}),
        ("group", "=this.a = 1", {"F113": "E"}),
        ("dynamiclist", "=this.a = 1", {}),
        ("dynamiclist", "=a = 1", {"F113": "E"}),
        ("dynamiclist", "=this.c = 1", {"F113": "E"}),
        ("dynamiclist", '=this.a = "this.c"', {}),
    ],
)
def test_a_condition_names_answers_as_form_js_does(
    shape: str, hide: str, findings: dict[str, str]
) -> None:
    assert found(holding(shape, hide)) == findings


def test_a_yes_or_no_is_written_as_form_js_writes_it() -> None:
    values = [{"value": True, "label": "A"}, {"value": False, "label": "A"}]
    form = read_form(
        a_form(changed("radio", values=values, **props(**{"as": "yesno"}))),
        name="f.form",
        feel=Expression,
    )
    assert form.field("a").values == ("true", "false")


def test_headings_hold_fields_and_fields_may_stand_outside_them() -> None:
    heading = {"type": "group", "label": "A", "components": [changed(key="b"), changed(key="c")]}
    form = read_form(a_form(FIELD, heading, changed(key="d")), name="f.form", feel=Expression)
    assert [(s.label, [f.key for f in s.fields]) for s in form.sections] == [
        ("", ["a"]),
        ("A", ["b", "c"]),
        ("", ["d"]),
    ]


def test_a_condition_may_read_what_the_form_says_it_uses() -> None:
    data = a_form(
        changed(
            **props(
                required_when='"REFER" in consents and isMinor = true and count(before.isMinor) > 0'
            )
        ),
        **{"x-uses": {"isMinor": "yesno"}},
    )
    assert isinstance(read_form(data, name="f.form", feel=Expression), Form)


ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["a", "A", "text", "group", "yes", "C0", "=1", "X", "true"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "key",
                    "path",
                    "properties",
                    "components",
                    "values",
                    "value",
                    "class",
                    "as",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
SHAPES = st.sampled_from(
    [
        "textfield",
        "radio",
        "dynamiclist",
        "group",
        "expression",
        "checklist",
        "number",
        "html",
        "filepicker",
    ]
)


@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(
                [
                    "key",
                    "path",
                    "label",
                    "properties",
                    "components",
                    "values",
                    "validate",
                    "conditional",
                ]
            ),
            ANY_JSON,
        ),
        max_size=3,
    ),
    SHAPES,
)
@example([{"path": "rows", "components": [None]}], "dynamiclist")
def test_no_file_however_odd_makes_the_reader_fall(
    components: list[dict[str, Any]], shape: str
) -> None:
    inspect_form(
        a_form(*({**c, "type": shape} for c in components)), name="f.form", feel=Expression
    )


@given(st.binary(max_size=200))
def test_no_bytes_make_the_reader_fall(data: bytes) -> None:
    inspect_form(data, name="f.form", feel=Expression)


def test_a_worked_out_amount_is_in_the_first_currency() -> None:
    """Where the field works out no currency, that of the programme's first rate counts."""
    total = changed("expression", key="total", expression="=5", **props(**{"as": "money"}))
    form = read_form(a_form(total), name="f.form", feel=Expression)
    rates = {"NOK": Decimal(1), "DKK": Decimal(2)}
    found = FilledForm(form, {}, replace(a_case(), rates=rates)).values["total"]
    assert found == {"amount": Decimal(5), "currency": "NOK", "base": Decimal(5)}
    assert FilledForm(form, {}, replace(a_case(), rates={})).values["total"] is None
