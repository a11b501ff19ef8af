"""The tab of a case about the person: each answer is shown when it is asked for, one at a time.

Beside them the offices of the case, with how each is reached.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from service.actions.casefile.case_view import CaseView
from service.actions.pages.tab_content import TabContent
from service.actions.people.office_contacts import NONE, OfficeContact, office_contacts
from service.actions.programme.vocabulary import GROUP
from service.store.transaction import Tx
from service.text import known

PERSONAL = ("C1", "C2", "C3")
Address = Callable[[str], str]
"""Key of a field to the address at which its answer is shown."""


@dataclass(frozen=True, slots=True)
class SealedAnswer:
    """An answer about a person; `text` is None until it is asked for."""

    label: str
    text: str | None
    show: str
    empty: str


@dataclass(frozen=True, slots=True)
class AnswerGroup:
    """Answers of one group of fields."""

    title: str
    fields: tuple[SealedAnswer, ...]


@dataclass(frozen=True, slots=True)
class CaseOffice:
    """An office that takes part in the case, in which roles, and how it is reached."""

    name: str
    roles: tuple[str, ...]
    contact: OfficeContact


def case_offices(tx: Tx, at: CaseView) -> tuple[CaseOffice, ...]:
    """The offices of a case, by name: whom to call, write to or visit."""
    contacts, roles = office_contacts(tx), dict[str, list[str]]()
    for role, office in sorted(at.parties.items()):
        roles.setdefault(office, []).append(at.visibility.release.role_name(role, at.lang))
    found = (
        CaseOffice(at.places.get(office, ""), tuple(names), contacts.get(office, NONE))
        for office, names in roles.items()
    )
    return tuple(sorted(found, key=lambda office: office.name))


def people(tx: Tx, at: CaseView, address: Address, asked: str, opened: str = "") -> TabContent:
    """The answers about the person, in groups, and the offices of the case.

    Args:
        address: where the answer to a field is shown.
        asked: the key of the one field that is shown now.
        opened: the group whose fields are all shown, and stand first; "" for none.
    """
    groups: dict[str, list[SealedAnswer]] = {}
    classes = {"C0"}
    for answer in at.words.in_order(at.shown.values()):
        if answer.klass not in PERSONAL:
            continue
        field, _ = at.field_of(answer)
        label, text = at.words.pair(answer)
        if answer.correction:
            text = f"{text} ({at.say('correction.mark', date=at.day(answer.at))})"
        group = (field.group if field is not None else "") or f"class_{answer.klass}"
        shown = answer.key == asked or group == opened
        classes |= {answer.klass} if shown else set()
        sealed = SealedAnswer(label, text if shown else None, address(answer.key), "")
        groups.setdefault(group, []).append(sealed)
    made = tuple(
        AnswerGroup(_group_name(at, group), tuple(fields))
        for group, fields in sorted(groups.items(), key=lambda one: (one[0] != opened, one[0]))
    )
    return TabContent({"groups": made, "offices": case_offices(tx, at)}, frozenset(classes))


def _group_name(at: CaseView, group: str) -> str:
    key, word = f"group.{group.replace('-', '_')}", at.term(GROUP, group)
    if known(key):
        return at.say(key)
    return word if word != group else at.say("group.other")
