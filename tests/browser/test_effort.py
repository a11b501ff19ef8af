"""What a whole case costs the people who type it: clicks and fields, from new to closed.

The case is that of an adult, alone, a citizen of the European Union with a valid passport.
Everybody answers what is asked of her, and leaves out what she may leave out. Moving between the
steps of a long form is counted apart: it stands for the scrolling of a long page, which no count
has ever seen.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page

from tests.browser.conftest import Opener, Screen, Site
from tests.browser.filler import answers_of, fill
from tests.browser.test_tour import STORY, ZONES, Act, Walker, walks_all_twelve_nodes

CLICKS: Final = 190
FIELDS: Final = 155
MOVES: Final = 44
OUTSIDE: Final = ("/demo", "/language", "/sign-in")
"""Where people change places and move the clock: no part of the work."""
LOOKS_FOR: Final = "looks for a task"
LISTEN: Final = """
document.addEventListener("click", (event) => {
  const pressed = event.isTrusted && event.target.closest("a, button, summary, input, select")
  const kind = event.target.closest("[data-steps], [data-step-next]") ? "move" : "click"
  if (pressed && !/^(text|search)$/.test(pressed.type || "")) tally(kind, location.pathname, "")
}, true)
for (const kind of ["input", "change"])
  document.addEventListener(kind, (event) => {
    const { name, tagName } = event.target
    if (name) tally(tagName === "SELECT" ? "list" : "field", location.pathname, name)
  }, true)
"""
"""A click is a press of a link, a button, a choice; a field of text is reached by the tab key."""


@dataclass
class Effort:
    """What was clicked and filled in on the pages of the work, by page."""

    clicks: dict[str, int] = field(default_factory=dict)
    fields: dict[str, set[str]] = field(default_factory=dict)
    lists: set[tuple[str, str]] = field(default_factory=set)
    moves: int = 0
    """Between the steps of long forms."""
    doing: str = "start"
    """The step that somebody is at."""

    def listen(self, page: Page) -> None:
        """Hear of everything that is done on the pages of a window."""
        page.expose_function("tally", self.hear)
        page.add_init_script(LISTEN)

    def hear(self, kind: str, path: str, name: str) -> None:
        """Count one event of a page."""
        if urlsplit(path).path.startswith(OUTSIDE):
            return
        if kind == "move":
            self.moves += 1
            return
        if kind == "click" or (kind == "list" and (self.doing, name) not in self.lists):
            self.clicks[self.doing] = self.clicks.get(self.doing, 0) + 1
            self.lists.add((self.doing, name))
        if kind != "click":
            self.fields.setdefault(self.doing, set()).add(name)

    def lines(self) -> list[str]:
        """One line a step: its clicks and its fields."""
        return [
            f"{step}: {self.clicks.get(step, 0)} clicks, {len(self.fields.get(step, ()))} fields "
            f"({', '.join(sorted(self.fields.get(step, ())))})"
            for step in {**self.clicks, **self.fields}
        ]


SIMPLEST: Final[dict[str, dict[str, Any]]] = {
    "new_case": {
        "dateOfBirth": "1997-05-01",
        "approxBirthYear": None,
        "estimatedBy": None,
        "estimatedOn": None,
    },
    "informed_decision": {"travelDocuments": []},
    "needs_assessment": {
        "needs": [{"domain": "HOUSING", "severity": 2, "when": "ARRIVAL"}],
        "supportRequests": [{"domain": "HOUSING", "what": "boende tre månader"}],
    },
    "confirm_support": {"supportReplies": [{"request": 1, "answer": "AVAILABLE"}]},
    "reintegration_plan": {
        "goals": [{"dimension": "SOCIAL", "inHerWords": "Jag vill bo tryggt."}],
        "activities": [
            {
                "kind": "HOUSING",
                "provider": "Provhuset (demo)",
                "mode": "SERVICE",
                "goal": "SOCIAL",
                "responsible": "Insatsansvarig (demo)",
                "cost": {"amount": "900", "currency": "EUR"},
                "from": "@today+P20D",
                "proof": False,
            }
        ],
    },
    "journey_booking": {
        "segments": [
            {
                "mode": "AIR",
                "from": "Stockholm",
                "to": "Sofia",
                "departs": "@now+P7D",
                "arrives": "@now+P7DT3H",
                "departsZone": "Europe/Stockholm",
                "arrivesZone": "Europe/Sofia",
            }
        ]
    },
    "arrival_arrangement": {"onwardTransport": False, "onwardLegs": []},
    "adapt_plan": {"activities": [{"state": "PLANNED"}]},
    "delivery": {"supportDone": True},
    "follow_up": {"attempts": [{"result": "REACHED"}]},
}
"""One need, one activity, one flight: what the simplest case of an adult needs."""


class CountedWalker(Walker):
    """People who answer only what they must, and who are counted."""

    def __init__(self, screen: Screen, site: Site) -> None:
        super().__init__(screen, site)
        self.step = self.sender = ""
        self.effort = Effort()
        self.effort.listen(screen.page)

    def answer(self, who: str, form: str, own: dict[str, Any]) -> Locator:
        now = self.site.program.clock.now()
        answers = answers_of(form, now, ZONES[who], {**SIMPLEST.get(form, {}), **own})
        return fill(self.page, answers, leaves_out=True)

    def does(self, act: Act) -> None:
        self.step = f"{len(self.effort.clicks)} {act.step}"
        super().does(act)
        self.sender, self.effort.doing = act.who, LOOKS_FOR

    def opens_a_case(self, who: str) -> None:
        super().opens_a_case(who)
        self.sender = who

    def comes_to(self, who: str, step: str) -> None:
        """Open the task: one click, however often the test looks for it; none for who was led to it
        by what she sent.
        """
        if who == self.sender and self.is_at(step):
            self.effort.doing = self.step
            return
        self.effort.doing = LOOKS_FOR
        super().comes_to(who, step)
        self.effort.clicks.pop(LOOKS_FOR, None)
        self.effort.doing = self.step
        self.effort.hear("click", "/inbox", "")


def simplest_story() -> list[Act]:
    """One activity, and nothing has changed when the risks are looked at again."""
    acts = [act for act in STORY if act.own.get("activity") != "A2"]
    again = [at for at, act in enumerate(acts) if act.form == "risk_assessment"][1]
    looked = {"riskChange": "SAME", "riskChecked": "Ringt personen och kontoret."}
    acts[again] = replace(acts[again], own=looked)
    return acts


def test_a_case_is_walked_through_all_twelve_nodes_in_190_clicks_and_155_fields(
    quiet_site: Site, screen: Opener
) -> None:
    walker = CountedWalker(screen(at=quiet_site), quiet_site)
    walks_all_twelve_nodes(walker, simplest_story())
    effort = walker.effort
    effort.clicks.pop(LOOKS_FOR)  # the test itself opens the ended case
    clicks, fields = sum(effort.clicks.values()), sum(map(len, effort.fields.values()))
    counts = f"{clicks} clicks, {fields} fields, {effort.moves} moves"
    told = "\n".join([*effort.lines(), counts])
    kept = (clicks <= CLICKS, fields <= FIELDS, effort.moves <= MOVES)
    assert kept == (True, True, True), told
