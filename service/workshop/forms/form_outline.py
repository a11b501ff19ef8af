"""The outline of a form: its components in order, as the page of the editor lists them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from service.forms import SOURCE
from service.workshop.editor import FindingText
from service.workshop.forms.form_file import FormFile, FormNode, is_heading, key_of, properties_of
from service.workshop.forms.kinds import COMPUTED, DECORATION, HEADING, kind_of
from service.workshop.forms.question_settings import UNASKED, holds_questions


@dataclass(frozen=True, slots=True)
class OutlineRow:
    """One component of a form in its outline."""

    address: str
    depth: int
    """How many components are around it."""
    kind: str
    key: str
    label: str
    """In the language of the page, else in Swedish; the kind where it has no text."""
    marks: tuple[str, ...]
    """Ends of text keys that say what is special about it: required, conditional, routing,
    buttons."""
    data_class: str
    findings: tuple[FindingText, ...]
    can_go_up: bool
    can_go_down: bool
    holds: bool
    """Whether questions can be added in it."""


def outline_rows(
    form: FormFile, findings: Sequence[FindingText], lang: str
) -> tuple[OutlineRow, ...]:
    """Every component of a form, outer before inner, with its findings."""
    rows = []
    for address, node in form.by_address().items():
        component, kind = node.component, kind_of(node.component)
        rows.append(
            OutlineRow(
                address=address,
                depth=len(node.around),
                kind=kind,
                key=key_of(component),
                label=_label(form, node, lang),
                marks=_marks(node),
                data_class=str(properties_of(component).get("class", "")),
                findings=tuple(f for f in findings if is_about(f, node)),
                can_go_up=_can_move(form, node, -1),
                can_go_down=_can_move(form, node, 1),
                holds=holds_questions(kind) and kind != "money",
            )
        )
    return tuple(rows)


def questions_asked(form: FormFile) -> int:
    """How many questions a form asks, the columns of lists and parts of groups among them."""
    kinds = (kind_of(node.component) for node in form.nodes())
    return sum(kind not in {*UNASKED, COMPUTED, "group", "list"} for kind in kinds)


def is_about(finding: FindingText, node: FormNode) -> bool:
    """Whether a finding of a form is about a component: the linter names its path, its key where
    only that is known, or its id where it has no key.
    """
    component = node.component
    key = key_of(component)
    return bool(finding.element) and finding.element in {
        node.path,
        "" if node.is_inside else key,
        "" if key else str(component.get("id", "")),
    }


def unplaced(findings: Sequence[FindingText], form: FormFile) -> tuple[FindingText, ...]:
    """The findings of a form that are about no component of it."""
    nodes = list(form.nodes())
    return tuple(f for f in findings if not any(is_about(f, node) for node in nodes))


def _label(form: FormFile, node: FormNode, lang: str) -> str:
    text = str(node.component.get("label") or node.component.get("text") or "")
    return form.said(text, lang) if lang != SOURCE else text


def _marks(node: FormNode) -> tuple[str, ...]:
    component, kind = node.component, kind_of(node.component)
    if kind in (HEADING, DECORATION):
        return ()
    validate = component.get("validate")
    conditional = component.get("conditional")
    given = properties_of(component)
    asks = kind != COMPUTED
    is_required = asks and isinstance(validate, dict) and validate.get("required") is True
    found = (
        ("required", is_required),
        ("required_if", "required_when" in given and not is_required),
        ("conditional", isinstance(conditional, dict) and bool(conditional.get("hide"))),
        ("routing", given.get("routing") == "yes"),
        ("buttons", given.get("buttons") == "yes"),
    )
    return tuple(mark for mark, holds in found if holds)


def _can_move(form: FormFile, node: FormNode, step: int) -> bool:
    siblings = form.siblings(node)
    if 0 <= node.place[-1] + step < len(siblings):
        return True
    if not node.around or not is_heading(node.around[-1]):
        return False
    level = node.around[-2]["components"] if len(node.around) > 1 else form.content["components"]
    neighbour = node.place[-2] + step
    return 0 <= neighbour < len(level) and is_heading(level[neighbour])
