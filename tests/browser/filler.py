"""Fill in a form through its page, as a person does.

Look for each question, answer it, and answer what is asked because of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, Request, expect

from service.forms import flatten
from service.workshop.trial.scenario_times import merge, resolve

ANSWERS = Path(__file__).parents[2] / "workflows" / "scenarios" / "answers.json"
ROUNDS = 4
"""How deep questions hang on one another, and one more."""


@cache
def usual() -> Mapping[str, Mapping[str, Any]]:
    """Form to what people usually answer."""
    found: Mapping[str, Mapping[str, Any]] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found


def answers_of(
    form: str, now: datetime, zone: str = "Europe/Stockholm", own: Mapping[str, Any] | None = None
) -> dict[str, list[str]]:
    """What is typed into a form: name of an input to its texts."""
    return flatten(resolve(merge(usual()[form], own or {}), now, ZoneInfo(zone)))


def fill(page: Page, answers: Mapping[str, list[str]], *, leaves_out: bool = False) -> Locator:
    """Answer every question that the page asks, and then those that it asks because of the answers;
    gives the button that sends them. A form in steps is walked through from the first to the last.

    Args:
        leaves_out: whether to leave out what the page says may be left out.
    """
    next_step = page.locator("[data-step-next]")
    if in_steps(page):
        to_step(page, "1")
    while True:
        _fill_shown(page, answers, leaves_out=leaves_out)
        if not next_step.is_visible():
            return button_of(page, answers)
        _go_on(page)


def follow(page: Page, link: Locator) -> None:
    """Press what leads to another page, and wait for that page."""
    # what is looked for at once would else be looked for on the page that is left
    with page.expect_navigation():
        link.click()


def in_steps(page: Page) -> bool:
    """Whether the form on the page is shown one step at a time."""
    page.wait_for_load_state()  # the script divides it
    return page.locator(".t-part--away").count() > 0


def to_step(page: Page, step: str) -> None:
    """Open a step of a form by the list of its steps; the last is called `review`."""
    link = page.locator(f'[data-step-of="{step}"] a')
    if link.get_attribute("aria-current"):
        return
    if not link.is_visible():
        page.locator("[data-step-now]").click()
    link.click()
    expect(link).to_have_attribute("aria-current", "step")


def to_question(page: Page, path: str) -> Locator:
    """Open the step that asks a question; gives the field."""
    field = page.locator(f'[name="{path}"]').first
    step = field.evaluate("field => field.closest('[data-step]')?.dataset.step")
    if step and in_steps(page):
        to_step(page, step)
    return field


def _go_on(page: Page) -> None:
    """Press Next; the page says at once what is wrong with the answers of the step."""
    name = page.locator("[data-step-of] [aria-current=step]").text_content()
    page.locator("[data-step-next]").click()
    page.wait_for_function(MOVED_OR_REFUSED, arg=name)
    refused = page.locator("[data-step-anyway]:visible")
    assert not refused.count(), page.locator("[data-step-fault]").all_inner_texts()


MOVED_OR_REFUSED = """name =>
    document.querySelector('[data-step-of] [aria-current=step]').textContent !== name
    || !document.querySelector('[data-step-anyway]').hidden"""


def _fill_shown(page: Page, answers: Mapping[str, list[str]], *, leaves_out: bool) -> None:
    """Answer every question that is shown, and then those that are shown because of the answers."""
    left = dict(answers)
    for _ in range(ROUNDS):
        _rows(page, answers)
        answered = [
            path
            for path in _shown(page, left)
            if not (
                leaves_out and (_is_optional(page, path) or _is_answered(page, path, left[path]))
            )
            and _answer(page, path, left[path])
        ]
        if not answered:
            break
        for path in answered:
            del left[path]
        settle(page)


def _shown(page: Page, paths: Iterable[str]) -> list[str]:
    """Those of the questions that the page shows: one look, for a long form hides most of them."""
    names = page.locator("[name]:visible").evaluate_all("fields => fields.map(f => f.name)")
    shown = set(names)
    return [path for path in paths if path in shown]


def button_of(page: Page, answers: Mapping[str, list[str]]) -> Locator:
    """The button that is itself an answer; else the first."""
    buttons = page.locator("#buttons .t-choice button")
    name = buttons.first.get_attribute("name") or ""
    return (
        page.locator(f'#buttons button[name="{name}"][value="{answers[name][0]}"]')
        if name in answers
        else buttons.first
    )


def answer_now(page: Page, answers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Answer what the page asks as it stands; gives what it does not ask yet."""
    return {path: texts for path, texts in answers.items() if not _answer(page, path, texts)}


def settle(page: Page) -> None:
    """Wait until the page has asked the server once more what its buttons lead to, and shows it."""
    answered: list[Request] = []

    def note(request: Request) -> None:
        answered.append(request)

    page.on("requestfinished", note)
    with page.expect_request("**/preview") as asked:
        page.locator("form.t-form").dispatch_event("change")
    while asked.value not in answered:  # an earlier question may be answered first
        page.wait_for_event("requestfinished")
    page.remove_listener("requestfinished", note)
    page.wait_for_function("() => !document.querySelector('.t-consequences--working')")


def _rows(page: Page, answers: Mapping[str, list[str]]) -> None:
    """As many rows in each list that is asked for as there are answers."""
    for of in page.locator("[data-rows]:visible").all():
        path = of.get_attribute("data-rows") or ""
        wanted = {
            name.removeprefix(f"{path}.").partition(".")[0]
            for name in answers
            if name.startswith(f"{path}.")
        }
        there = of.locator(":scope > [data-row-list] > li").count()
        for _ in range(len(wanted) - there):
            of.locator(":scope > [data-add]").click()
            page.wait_for_load_state()


def _is_optional(page: Page, path: str) -> bool:
    """Whether the page says of a question, or of what it is part of, that it may be left out."""
    asked = page.locator(f'[name="{path}"]:visible').first
    if not asked.count():
        return False
    return bool(
        asked.evaluate(
            """field => {
              const mark = ":is(:scope > .label, :scope > fieldset > legend) .t-optional"
              const around = (part) => part.closest(".t-field")
              for (let at = around(field); at; at = around(at.parentElement))
                if (at.querySelector(mark)) return true
              return false
            }"""
        )
    )


def _is_answered(page: Page, path: str, texts: list[str]) -> bool:
    """Whether a question has the answer already, as the page was opened."""
    fields = page.locator(f'[name="{path}"]:visible')
    there = fields.evaluate_all(
        """fields => fields.filter(f => !/^(radio|checkbox)$/.test(f.type) || f.checked)
          .map(f => f.value)"""
    )
    return bool(fields.count()) and there == texts


def _answer(page: Page, path: str, texts: list[str]) -> bool:
    """Answer one question; whether it was asked."""
    fields = page.locator(f'[name="{path}"]:visible')
    if not fields.count():
        return False
    first = fields.first
    kind = first.evaluate("field => field.type")
    if kind == "submit":
        return True
    if kind in ("radio", "checkbox"):
        for field in fields.all():
            if field.get_attribute("value") in texts or kind == "checkbox":
                field.set_checked(field.get_attribute("value") in texts)
    elif kind.startswith("select"):
        first.select_option(texts)
    elif kind == "file":
        first.set_input_files({"name": "prov.pdf", "mimeType": "application/pdf", "buffer": PAPER})
    else:
        first.fill(texts[-1])
    return True


PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""A paper with nothing on it."""
