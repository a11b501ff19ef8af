"""Rules about zeebe settings and calendar files, each of which needs only the step.

D352, D601, D603 to D608, misplaced settings of D510, D620, D621.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from json import JSONDecodeError, loads
from zoneinfo import ZoneInfo

from lxml import etree

from service.engine.bpmn.elements import ZEEBE, local
from service.engine.bpmn.zeebe_dialect import (
    HOSTS,
    REFUSED_ZEEBE,
    TOLD_BY_THE_ELEMENT,
    ZEEBE_ATTRIBUTES,
    maps_inputs,
    maps_outputs,
)
from service.engine.lint.context import LintContext, Rule, joined, near_fact
from service.errors import Finding

_BACK = "propagateAllChildVariables"
_FEW = 24
"""Longest zone or calendar name that a sentence repeats."""


def d352_propagation(context: LintContext) -> Iterator[Finding]:
    """A call activity says by its mappings alone what goes in and comes back; else the called
    process shares the case's variables.
    """
    for file, element in _zeebe(context, "calledElement"):
        names = [
            name
            for name in (_BACK, "propagateAllParentVariables")
            if name in element.attrib and not (name == _BACK and _has_outputs(element))
        ]
        if names:
            yield context.report_element("D352", file, element, {"name": joined(names)})


def d510_idle_mapping(context: LintContext) -> Iterator[Finding]:
    """An input or output mapping stands on an element on which it runs."""
    for _, node in context.nodes():
        idle = [
            f"zeebe:{which}"
            for which, pairs, runs in (
                ("input", node.inputs, maps_inputs(node)),
                ("output", node.outputs, maps_outputs(node)),
            )
            if pairs and not runs
        ]
        if idle and node.kind in HOSTS["ioMapping"]:
            yield context.report("D510", node, {"names": joined(idle)}, prop="ioMapping")


def d510_misplaced(context: LintContext) -> Iterator[Finding]:
    """A zeebe setting has a meaning on its element."""
    for file, element in _zeebe(context):
        name = _name(element)
        host = context.xml.host(element)
        parent = element.getparent()
        if (
            parent is not None
            and local(parent) == "extensionElements"
            and host not in HOSTS.get(name, {host})
        ):
            yield context.report_element(
                "D510", file, element, {"names": f"zeebe:{name}"}, prop=name
            )


def d603_form(context: LintContext) -> Iterator[Finding]:
    """The form of a step is in the release."""
    for _, node in context.nodes():
        if node.form and node.form not in context.files.forms:
            facts = {"id": node.form, **near_fact(node.form, context.files.forms)}
            yield context.report("D603", node, facts, prop="formId")


def d601_tries(context: LintContext) -> Iterator[Finding]:
    """The number of tries of a call is 1 to 20."""
    for _, node in context.nodes():
        tries = int(node.retries) if node.retries.isdecimal() else 0
        if node.retries and not 1 <= tries <= 20:  # noqa: PLR2004 - the figure stands in the sentence
            yield context.report("D601", node, prop="retries")


def d604_old_form(context: LintContext) -> Iterator[Finding]:
    """A form is named by its id in the release."""
    for file, element in _zeebe(context):
        if _name(element) == "userTaskForm":
            yield context.report_element("D604", file, element, {"name": "userTaskForm"})
        elif _name(element) == "formDefinition":
            for name in ("formKey", "externalReference"):
                if element.get(name):
                    yield context.report_element("D604", file, element, {"name": name}, prop=name)


def d605_person(context: LintContext) -> Iterator[Finding]:
    """A task is assigned to roles; a person whom it names is not asked for."""
    for file, element in _zeebe(context, "assignmentDefinition"):
        for name in ("assignee", "candidateUsers"):
            if element.get(name):
                yield context.report_element("D605", file, element, {"name": name}, prop=name)


def d606_correlation(context: LintContext) -> Iterator[Finding]:
    """A correlation key is reported; `= caseId` is not, which says what holds anyhow."""
    for file, element in _zeebe(context, "subscription"):
        if "".join(element.get("correlationKey", "=caseId").split()) != "=caseId":
            yield context.report_element("D606", file, element, prop="correlationKey")


def d607_binding(context: LintContext) -> Iterator[Finding]:
    """Forms, rules and processes have no binding: a release contains one version of each."""
    for file, element in _zeebe(context):
        bound = element.get("bindingType", "deployment")
        tagged = element.get("versionTag") and _name(element) != "versionTag"
        if bound not in {"deployment", "latest"} or tagged:
            yield context.report_element("D607", file, element, prop="bindingType")
        elif bound == "latest":
            yield context.report_element("D607.latest", file, element, prop="bindingType")


def d608_refused(context: LintContext) -> Iterator[Finding]:
    """Settings of Camunda 8 that do not run here, and unknown ones, are refused; listeners are
    reported.
    """
    for file, element in _zeebe(context):
        name = _name(element)
        parent = element.getparent()
        inside_refused = (
            parent is not None
            and parent.tag.startswith(ZEEBE)
            and _name(parent) not in ZEEBE_ATTRIBUTES
        )
        if inside_refused or context.xml.host(element) == TOLD_BY_THE_ELEMENT.get(name):
            continue
        if name not in ZEEBE_ATTRIBUTES:
            key = REFUSED_ZEEBE.get(name, "D608")
            yield context.report_element(key, file, element, {"name": f"zeebe:{name}"}, prop=name)
            continue
        for attribute in map(str, element.attrib):
            if not attribute.startswith("{") and attribute not in ZEEBE_ATTRIBUTES[name]:
                yield context.report_element(
                    "D608", file, element, {"name": f"zeebe:{name} {attribute}"}, prop=attribute
                )
    for file, element, names in _other_attributes(context):
        yield context.report_element("D608", file, element, {"name": names})


def d620_calendar(context: LintContext) -> Iterator[Finding]:
    """A calendar file has a zone, the working days of a week and the days off."""
    for file, data in context.files.calendars.items():
        reason = calendar_fault(data)
        if reason:
            yield context.report_file(
                "D620", file, {"name": _calendar_name(file)[:_FEW], "reason": reason}
            )


def d621_default_calendar(context: LintContext) -> Iterator[Finding]:
    """Working days are counted by a calendar of the release."""
    if context.files.calendars:
        return
    for _, node in context.nodes():
        if node.properties.get("days") == "working":
            yield context.report("D621", node, {"name": "default"}, prop="days")


def calendar_fault(data: bytes) -> str:
    """The reason why a calendar file cannot be used; empty when it can.

    Args:
        data: JSON `{"zone": IANA name, "week": [1..7], "off": ["YYYY-MM-DD", ...]}`; 1 is Monday.
    """
    try:
        content = loads(data.decode("utf-8"))
    except (UnicodeDecodeError, JSONDecodeError, RecursionError):
        return "it is not JSON"
    if not isinstance(content, dict) or not {"zone", "week", "off"} <= set(content):
        return "it needs zone, week and off"
    if not is_zone(content["zone"]):
        return "its zone is not known"
    week = content["week"]
    if not isinstance(week, list) or not week or not all(_is_weekday(day) for day in week):
        return "its week must list days from 1 (Monday) to 7"
    if not isinstance(content["off"], list) or not all(_is_day(day) for day in content["off"]):
        return "its days off must be dates such as 2026-06-19"
    return ""


def _is_weekday(day: object) -> bool:
    return type(day) is int and 1 <= day <= 7  # noqa: PLR2004 - a week has seven days


def is_zone(name: object) -> bool:
    """Whether a text is an IANA zone that this machine knows."""
    if not isinstance(name, str) or not name or name.startswith(("/", ".")):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_day(text: object) -> bool:
    try:
        return isinstance(text, str) and date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _calendar_name(file: str) -> str:
    return file.rpartition("/")[2].removesuffix(".json")


def _zeebe(context: LintContext, *names: str) -> Iterator[tuple[str, etree._Element]]:
    """Each zeebe element of the release, of those names if any are given."""
    wanted = {f"{ZEEBE}{name}" for name in names}
    for file, element in context.xml.settings:
        if not wanted or element.tag in wanted:
            yield file, element


def _other_attributes(context: LintContext) -> Iterator[tuple[str, etree._Element, str]]:
    """Elements with zeebe attributes other than those of element templates, and their names.

    Those of templates are kept and have no meaning here.
    """
    for parts in context.xml.foreign:
        names = sorted(
            f"zeebe:{name.removeprefix(ZEEBE)}"
            for name in parts.attributes
            if name.startswith(ZEEBE) and not name.startswith(f"{ZEEBE}modelerTemplate")
        )
        if names:
            yield parts.file, parts.element, joined(names)


def _has_outputs(setting: etree._Element) -> bool:
    """Whether an output mapping stands next to a setting."""
    holder = setting.getparent()
    return holder is not None and holder.find(f"{ZEEBE}ioMapping/{ZEEBE}output") is not None


def _name(element: etree._Element) -> str:
    return element.tag.removeprefix(ZEEBE)


RULES: tuple[Rule, ...] = (
    d352_propagation,
    d510_misplaced,
    d510_idle_mapping,
    d601_tries,
    d603_form,
    d604_old_form,
    d605_person,
    d606_correlation,
    d607_binding,
    d608_refused,
    d620_calendar,
    d621_default_calendar,
)
