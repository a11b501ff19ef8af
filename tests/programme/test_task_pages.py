"""What stands beside the forms of the programme names forms, answers and conditions that exist."""

from __future__ import annotations

import tomllib

from service.engine import Expression
from service.release.programme.task_page_rules import FILE, read_task_pages
from tests.forms.paper import shipped
from tests.programme.picture import WORKFLOWS

CONFIG = WORKFLOWS / "config"
PAGES = read_task_pages((CONFIG / FILE).read_text(encoding="utf-8"))
TYPES = tomllib.loads((CONFIG / "types.toml").read_text(encoding="utf-8"))
ANSWERS = {field.key for form in shipped().values() for field in form.fields if field.key}


def test_plan_and_checklist_stand_by_forms_that_exist() -> None:
    assert {"adapt_plan", "delivery", "final_check"} <= PAGES.keys()
    assert PAGES.keys() <= shipped().keys()
    assert PAGES["adapt_plan"].words == {"sv": "Planen", "en": "The plan"}


def test_they_show_answers_and_read_names_that_exist() -> None:
    for rule in PAGES.values():
        shown = {
            *rule.answers,
            *rule.newest,
            *(key for check in rule.checks for key in check.answers),
        }
        assert shown <= {*ANSWERS, *TYPES}
        for check in rule.checks:
            Expression(check.done, {*ANSWERS, *TYPES, "consents", "openAlerts"})


def test_the_checklist_asks_for_every_open_check() -> None:
    conditions = " ".join(check.done for check in PAGES["final_check"].checks)
    assert [v for v in TYPES["openChecks"]["values"] if f'"{v}"' not in conditions] == []


def test_who_calls_the_person_sees_the_safe_contact_first() -> None:
    calling = {"follow_up", "escalation", "close_case", "helsinki_arrival", "helsinki_contact"}
    for form in {*calling, "arrival_meeting", "briefing", "tell_person", "alert"}:
        assert PAGES[form].first, form
        assert PAGES[form].newest == ("safeContact", "newSafeContact", "newContactWay")
