"""Fill in a form through its page, as a person does.

Look for each question, answer it, and answer what is asked because of it.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Locator, Page, expect

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
        # one whose questions are all left out is not in the list
        first = page.locator("[data-step-of]:not([hidden])").first
        to_step(page, first.get_attribute("data-step-of") or "")
    page.evaluate(HOLD_QUESTIONS)
    while True:
        _fill_shown(page, answers, leaves_out=leaves_out)
        if not next_step.is_visible():
            page.evaluate("() => ask.release()")
            return button_of(page, answers)
        _go_on(page)


HOLD_QUESTIONS = """() => {
    const wait = window.setTimeout
    let held = () => {}
    window.setTimeout = (what, after, ...more) =>
        after === 600 ? (held = what, 0) : wait(what, after, ...more)
    window.ask = {
        now: (form) => { form.dispatchEvent(new Event("change")); held() },
        release: () => { window.setTimeout = wait },
    }
}"""
"""The page asks what follows from answers when `ask.now` is called, and not 600 ms after the last
of them: most of the time of a filled form was that pause."""


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


@dataclass(frozen=True)
class Shown:
    """One field that the page shows, as it was when the page was looked at."""

    kind: str
    value: str
    checked: bool
    optional: bool
    """Whether the page says of the question, or of what it is part of, that it may be left out."""

    @property
    def is_choice(self) -> bool:
        return self.kind in ("radio", "checkbox")


LOOK = """fields => {
    const mark = ":is(:scope > .label, :scope > fieldset > legend) .t-optional"
    const around = (part) => part.closest(".t-field")
    const optional = (field) => {
        for (let at = around(field); at; at = around(at.parentElement))
            if (at.querySelector(mark)) return true
        return false
    }
    return fields.map(f => [f.name, f.type, f.value ?? "", Boolean(f.checked), optional(f)])
}"""


def _fill_shown(page: Page, answers: Mapping[str, list[str]], *, leaves_out: bool) -> None:
    """Answer every question that is shown, and then those that are shown because of the answers."""
    left = dict(answers)
    for _ in range(ROUNDS):
        _rows(page, answers)
        shown = _shown(page)
        asked = [path for path in left if path in shown]
        if leaves_out:
            asked = [path for path in asked if not _may_be_left(shown[path], left[path])]
        if not asked:
            break
        for path in asked:
            _answer(page, path, shown[path], left.pop(path))
        settle(page)


def _shown(page: Page) -> Mapping[str, list[Shown]]:
    """The fields that the page shows, by name: one look, for to ask of each takes far longer."""
    found = defaultdict[str, list[Shown]](list)
    for name, *about in page.locator("[name]:visible").evaluate_all(LOOK):
        found[name].append(Shown(*about))
    return found


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
    shown = _shown(page)
    for path, texts in answers.items():
        if path in shown:
            _answer(page, path, shown[path], texts)
    return {path: texts for path, texts in answers.items() if path not in shown}


def answer_by_updating(page: Page, answers: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """Answer what a page without script asks, and what it asks then by its button that updates the
    form; gives what it never asked.
    """
    left = answer_now(page, answers)
    for _ in range(ROUNDS):
        if left:
            follow(page, page.get_by_role("button", name="Uppdatera formuläret"))
            left = answer_now(page, left)
    return left


def settle(page: Page) -> None:
    """Have the page ask the server what follows from the answers, and wait until it shows it."""
    with page.expect_request("**/preview") as asked:
        page.locator("form.t-form").evaluate("form => ask.now(form)")
    answer = asked.value.response()  # an earlier question may be answered first
    assert answer is not None
    answer.finished()
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


def _may_be_left(fields: Sequence[Shown], texts: list[str]) -> bool:
    """Whether a question may be left out, or has the answer already, as the page was opened."""
    there = [one.value for one in fields if one.checked or not one.is_choice]
    return fields[0].optional or there == texts


def _answer(page: Page, path: str, shown: Sequence[Shown], texts: list[str]) -> None:
    """Answer one question that is shown."""
    fields, kind = page.locator(f'[name="{path}"]:visible'), shown[0].kind
    if kind == "submit":
        return
    if shown[0].is_choice:
        for at, one in enumerate(shown):
            wanted = one.value in texts
            if wanted != one.checked and (wanted or kind == "checkbox"):
                fields.nth(at).set_checked(wanted)
    elif kind.startswith("select"):
        fields.first.select_option(texts)
    elif kind == "file":
        fields.first.set_input_files(
            {"name": "prov.pdf", "mimeType": "application/pdf", "buffer": PAPER}
        )
    else:
        fields.first.fill(texts[-1])


PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""A paper with nothing on it."""
