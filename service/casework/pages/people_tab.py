"""The tab of a case about the person: what was answered, in groups that are opened one by one.

Beside them the offices of the case, with how each is reached.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.casework.casefile.case_view import CaseView
from service.casework.casefile.disclosure.answer_groups import (
    OPEN,
    AnswerGroup,
    GroupedAnswer,
    closed,
)
from service.casework.casefile.disclosure.hidden_answers import hidden_groups
from service.casework.casefile.disclosure.opened_groups import (
    FOR_TASK,
    DisclosedAnswers,
    load_disclosed_answers,
    open_for_letter,
    open_groups,
    read_of_opened,
)
from service.casework.pages.tab_content import FIRST, ON_A_PAGE, TabContent
from service.people.office_contacts import NONE, OfficeContact, office_contacts, read_of_contacts
from service.store.at_hand import Read
from service.store.keyset import PageRequest, page_of_rows
from service.store.transaction import Tx

Address = Callable[[Sequence[str], str], str]
"""Ids of groups to the address at which these are open; and the group whose page it is, "" where
all stand on one."""


@dataclass(frozen=True, slots=True)
class GroupCard:
    """A group of answers on the page."""

    id: str
    anchor: str
    """Its id in the page."""
    title: str
    at: datetime
    answers: tuple[GroupedAnswer, ...]
    """Those that are shown now."""
    sealed: int
    """How many more it holds."""
    opened: bool
    asks: bool
    """Whether it is opened only with a reason."""
    facts: bool
    """Whether it holds nothing but facts of the process, which anybody may unfold."""
    link: str
    """The address at which it is open; of an open one, at which it is closed again."""


@dataclass(frozen=True, slots=True)
class CaseOffice:
    """An office that takes part in the case, in which roles, and how it is reached."""

    name: str
    roles: tuple[str, ...]
    contact: OfficeContact


def case_offices(at: CaseView) -> tuple[CaseOffice, ...]:
    """The offices of a case, by name: whom to call, write to or visit."""
    contacts = office_contacts(at.at_hand)
    roles = dict[str, list[str]]()
    for role, office in sorted(at.parties.items()):
        roles.setdefault(office, []).append(at.visibility.release.role_name(role, at.lang))
    found = (
        CaseOffice(at.places.get(office, ""), tuple(names), contacts.get(office, NONE))
        for office, names in roles.items()
    )
    return tuple(sorted(found, key=lambda office: office.name))


def reads_of_people(case_id: str) -> list[Read]:
    """What `people` reads besides the view of the case."""
    return [read_of_opened(case_id), read_of_contacts()]


def people(
    tx: Tx,
    at: CaseView,
    address: Address,
    asked: Sequence[str],
    letter: str = "",
    step: PageRequest = FIRST,
    group_id: str = "",
) -> TabContent:
    """A page of the answers of the case in groups, and the offices of the case.

    Groups that are asked for are opened, with an entry in the read log, unless one needs a reason.

    Args:
        tx: writes these entries.
        at: loaded with `reads_of_people`.
        asked: ids of the groups that the address names.
        letter: the letter that led here, which opens a group of its own; "" for none.
        step: the page of groups.
        group_id: the group whose page is wanted instead; the last that is asked for, if "".
    """
    found, led = load_disclosed_answers(at), ""
    if letter:
        found, led = open_for_letter(tx, at, found, letter)
    wanted = [group.id for group in found.groups if group.id in {led, *asked}]
    free = [g.id for g in found.groups if g.id in wanted and not found.needs_reason(g)]
    found = open_groups(tx, at, found, free)
    groups = sorted(found.groups, key=lambda group: group.id != led)
    last = next((id_ for id_ in reversed(asked) if id_ in wanted), "")
    place = "" if step.after or step.before else group_id or led or last
    page = page_of_rows(groups, lambda group: group.id, step, ON_A_PAGE, place)
    paged = len(groups) > ON_A_PAGE
    cards = tuple(_card(found, group, wanted, address, paged=paged) for group in page.rows)
    values = {
        "groups": cards,
        "previous": page.previous,
        "next": page.next,
        "offices": case_offices(at),
        "hidden": hidden_groups(at),
        "reasons": tuple((code, at.say(f"lookup.{code}")) for code in found.reasons),
        "reason": FOR_TASK if found.has_task else "",
        "shown": tuple(wanted),
    }
    return TabContent(values, frozenset({OPEN, *(a.klass for card in cards for a in card.answers)}))


def _card(
    found: DisclosedAnswers,
    group: AnswerGroup,
    wanted: Sequence[str],
    address: Address,
    *,
    paged: bool,
) -> GroupCard:
    facts = group.classes <= {OPEN}
    opened = facts or (group.id in wanted and found.is_open(group))
    shown = group if opened else closed(group)
    others = [id_ for id_ in wanted if id_ != group.id]
    return GroupCard(
        id=group.id,
        anchor=anchor(group.id),
        title=group.title,
        at=group.at,
        answers=shown.answers,
        sealed=shown.sealed,
        opened=opened,
        asks=found.needs_reason(group),
        facts=facts,
        link=address(others if opened else [*others, group.id], group.id if paged else ""),
    )


def anchor(group: str) -> str:
    """The id in the page of a group of answers."""
    return f"group-{group.replace('.', '-')}"
