"""Where data flows wider than with the release in force: each kind is seen, and what narrows is
not.
"""

from __future__ import annotations

import json
import re
from functools import cache
from types import SimpleNamespace
from typing import Any, cast

from service.application.shipped_files import config_files, shipped_bundle
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.programme.configuration import read_programme
from service.sandbox import handlers
from service.sandbox.release_linting import SHARED
from service.settings import Settings
from service.workshop.data_flow.wider import SHARING, wider_flows
from tests.support.world import shipped

CASE, CONFIG = "workflows/return_case.bpmn", "workflows/config"
FORM = "forms/new_case.form"
ROLES = f"{CONFIG}/roles.toml"


@cache
def services() -> Services:
    """What the comparison reads of an installation: its programme and its handlers' contracts."""
    programme = read_programme(config_files(Settings()))
    read = SimpleNamespace(programme=programme, topics=handlers.declared(), judge=SHARED.findings)
    return cast(Services, read)


def found(after: Bundle, before: Bundle | None = None, **more: Any) -> list[tuple[str, str]]:
    """Kinds and sentences of the flows that are wider in a bundle than in another."""
    flows = wider_flows(services(), before or shipped(), after, "en", **more)
    return [(one.kind, one.text) for one in flows]


def with_text(file: str, pattern: str, by: str, bundle: Bundle | None = None) -> Bundle:
    """The shipped release after one text of a file was replaced."""
    bundle = bundle or shipped()
    text, n = re.subn(pattern, by, bundle.text(file), count=1, flags=re.DOTALL)
    assert n, f"{file} has no {pattern}"
    return bundle.with_file(file, text.encode())


def with_question(key: str, klass: str, **properties: str) -> Bundle:
    """The shipped release with one question more in the form of the first task."""
    form = json.loads(shipped().text(FORM))
    own = {"class": klass, **properties}
    asked = {"type": "textfield", "key": key, "id": f"Field_{key}", "label": "Skostorlek"}
    form["components"].append({**asked, "properties": own})
    return shipped().with_file(FORM, json.dumps(form, ensure_ascii=False).encode())


def question(form: Any, key: str) -> Any:
    """A question of a form file, at whatever depth."""
    inner = form.get("components", [])
    return next(
        (hit for one in inner if (hit := one if one.get("key") == key else question(one, key))),
        None,
    )


def with_class(key: str, klass: str, **properties: str) -> Bundle:
    """The shipped release with another class of one question."""
    form = json.loads(shipped().text(FORM))
    asked = question(form, key)
    asked["properties"] |= {"class": klass, **properties}
    return shipped().with_file(FORM, json.dumps(form, ensure_ascii=False).encode())


def test_equal_files_and_words_widen_nothing() -> None:
    assert found(Bundle(dict(shipped().files))) == []
    assert found(with_text(CASE, "NYTT ÄRENDE – erbjud information", "Nytt ärende")) == []
    assert found(with_text(CASE, 'dueDate="P5D"', 'dueDate="P7D"')) == []


def test_a_new_question_about_a_person_names_who_sees_it() -> None:
    ((kind, sentence),) = found(with_question("shoeSize", "C3"))
    assert kind == "field"
    assert "C3 – safety" in sentence
    assert "“Skostorlek”" in sentence
    assert "Local IOM office" in sentence
    assert "Case approver" not in sentence, "who sees nothing of the class is not named"


def test_a_new_question_about_the_process_is_none() -> None:
    assert found(with_question("shoeSize", "C0")) == []
    assert found(shipped(), with_question("shoeSize", "C3")) == [], "to ask less is no wider flow"


def test_a_lower_class_shows_a_question_to_more() -> None:
    safer = with_class("childrenWorry", "C3")
    flows = found(shipped(), safer)
    assert [kind for kind, _ in flows] == ["classed"]
    assert "Child services" in flows[0][1] or "Social services, child" in flows[0][1]
    ((_, other),) = found(with_class("exploitationForms", "C3"))
    assert "Local IOM office" in other, "a higher class can have readers of its own"


def test_a_group_and_a_purpose_are_each_said() -> None:
    ((_, group),) = found(with_class("accompanyingChildren", "C1", group="elsewhere"))
    assert "another group of questions" in group
    ((_, purpose),) = found(with_class("accompanyingChildren", "C1", purpose="FEEDBACK"))
    assert "another purpose" in purpose


def test_a_question_that_steers_is_kept_in_the_open() -> None:
    steers = with_question("shoeSize", "C0", routing="yes")
    ((kind, sentence),) = found(steers, with_question("shoeSize", "C0"))
    assert kind == "classed"
    assert "steers the process" in sentence


def test_a_step_that_comes_to_a_further_role() -> None:
    pattern = r'(id="Task_SubmitReferral".*?<zeebe:properties>)'
    more = with_text(CASE, pattern, r'\1<zeebe:property name="roles" value="RegionalCoordinator"/>')
    ((kind, sentence),) = found(more)
    assert kind == "task"
    assert "comes to Regional coordinator" in sentence
    assert found(shipped(), more) == []


def test_a_step_of_a_later_stage_is_seen_by_others() -> None:
    flows = found(with_text(CASE, 'name="stage" value="1"', 'name="stage" value="2"'))
    assert [kind for kind, _ in flows] == ["stage"]
    assert "IOM medical" in flows[0][1]


def test_a_kind_of_office_and_a_role_are_receivers() -> None:
    wide = with_text(ROLES, r'offices = \["MYNDIGHET"\]', 'offices = ["MYNDIGHET", "NGO"]')
    ((kind, sentence),) = found(wide)
    assert kind == "office"
    assert "Case approver" in sentence
    assert found(shipped(), wide) == []
    every = with_text(ROLES, r'offices = \["MYNDIGHET"\]', "offices = []")
    assert "every office" in found(every)[0][1]
    text = shipped().text(ROLES) + '\n[Observer]\nsv = "Gäst"\nen = "Guest"\noffices = ["NGO"]\n'
    ((kind, sentence),) = found(shipped().with_file(ROLES, text.encode()))
    assert (kind, "Guest" in sentence) == ("office", True)


def test_an_automatic_step_that_is_new_says_what_it_gets() -> None:
    before = with_text(CASE, 'type="letters.final_report"', 'type="letters.feedback"')
    flows = [text for kind, text in found(shipped(), before) if kind == "topic"]
    assert len(flows) == 1
    assert "“letters.final_report”" in flows[0]
    assert "writes to" in flows[0]


def test_an_automatic_step_that_is_given_more() -> None:
    definition = '<zeebe:taskDefinition type="alarms.who_knows"/>'
    header = '<zeebe:header key="to" value="IomLocal"/>'
    headers = f"{definition}<zeebe:taskHeaders>{header}</zeebe:taskHeaders>"
    more = with_text("workflows/alarm_take.bpmn", definition, headers)
    ((kind, sentence),) = found(more)
    assert kind == "topic"
    assert "to: Local IOM office" in sentence


def test_a_paper_that_prints_more() -> None:
    file = "workflows/papers/application.typ"
    wide = with_text(file, '"givenNames", ', '"givenNames", "childrenWorry", ')
    ((kind, sentence),) = found(wide)
    assert kind == "paper"
    assert "prints more" in sentence
    assert found(shipped(), wide) == []
    without = Bundle({k: v for k, v in shipped().files.items() if k != file})
    assert [kind for kind, _ in found(shipped(), without)] == ["paper"]


def test_a_promise_that_is_dropped_is_said_in_words() -> None:
    less = with_text(CASE, r' *<zeebe:property name="promise.1" value="[^"]*"/>\n', "")
    ((kind, sentence),) = found(less)
    assert kind == "promise"
    assert "no longer made" in sentence
    assert "Svc_" not in sentence
    assert found(shipped(), less) == []


def test_rules_of_sharing_in_the_release_count() -> None:
    """For a release that has none of its own, those of the installation count."""
    rules = config_files(Settings())["grants.toml"].encode()
    assert SHARING[0].endswith("grants.toml")
    own, none = shipped().with_file(SHARING[0], rules), Bundle(_without(SHARING[0]))
    assert found(own, none) == found(none, own) == []
    changed = rules.replace(b"[[", b'[[extra]]\nid = "x"\nto = "NGO"\n\n[[', 1)
    other = shipped().with_file(SHARING[0], changed)
    assert {kind for kind, _ in found(other, own)} == {"rules"}
    assert {kind for kind, _ in found(none, other)} == {"rules"}, "taking the file out counts too"


def _without(file: str) -> dict[str, bytes]:
    return {name: data for name, data in shipped_bundle(Settings()).files.items() if name != file}
