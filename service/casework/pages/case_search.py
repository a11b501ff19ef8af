"""Search among the cases that a viewer may see: by a part of their pseudonym or number, by their
number in an own register, or by the name of a person.

Answers are opened in memory and compared there; no name is stored or logged in the open. However
many cases there are, a search takes the same statements.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.cases import given_answers
from service.casework.cases.case_officers import officer_names
from service.casework.cases.given_answers import GivenAnswer
from service.casework.pages.case_page import owner
from service.casework.pages.visible_cases import MOST as MOST_SEARCHED
from service.casework.pages.visible_cases import VisibleCase, load_visibilities, only_visible
from service.casework.tasks.inbox_list import desk_reader
from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.release.programme.named_fields import FieldNames
from service.store.at_hand import Reader
from service.store.casefile import case_officers, facts
from service.store.installation import keys, offices
from service.store.read_models import case_search
from service.store.read_models.case_search import folded_words
from service.store.transaction import Tx
from service.text import say

SHORTEST = 3
"""Shortest name, or number of an own register, that is searched for, in characters."""
SHORTEST_REF = 2
"""Shortest part of a pseudonym or number."""
MOST = 50
"""Most hits that are shown."""
NAMED = frozenset({"name"})
"""Groups of fields that a person is found by."""
CLASSES = ("C0", "C1")


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A case that a search found; `why` says by what."""

    id: str
    ref: str
    number: str
    why: str
    stage: str
    owner: str
    ended: bool


@dataclass(frozen=True, slots=True)
class MatchingCase:
    """A case that was found, by what, and whether the words name it in full."""

    row: VisibleCase
    by: str
    in_full: bool = False


@dataclass(frozen=True, slots=True)
class SearchResult:
    """What a search found: `by` is what the first case was found by (`by_ref`, `by_number`,
    `by_diary`, `by_name`).
    """

    by: str
    cases: tuple[MatchingCase, ...] = ()
    exact: str = ""
    """The case, when one alone is named in full by its pseudonym or a number."""
    more: bool = False
    """Whether there are more than these."""


def search_cases(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, words: str
) -> SearchResult:
    """Find cases.

    Args:
        words: a part of a pseudonym or number, with a hyphen or a space between its words; or at
            least three letters of a name or of a number in an own register.
    """
    wanted = folded_words(words)
    if len("".join(wanted)) < SHORTEST_REF:
        return SearchResult("by_ref")
    reader = desk_reader(viewer, now)
    newest = MOST_SEARCHED if len("".join(wanted)) >= SHORTEST else 0
    named, recent = case_search.search(tx, reader, wanted, limit=MOST + 1, newest=newest)
    ids = {case.id for case in named}
    others = [case for case in recent if case.id not in ids]
    seen = only_visible(tx, services, viewer, now, [*named, *others])
    by_ref = [_by_ref(row, wanted) for row in seen if row.case.id in ids]
    rest = [row for row in seen if row.case.id not in ids]
    by_answers = _by_answers(tx, services, viewer, now, rest, " ".join(wanted))
    return _result([*by_ref, *by_answers])


def _folded(text: str) -> str:
    return "-".join(folded_words(text))


def _by_ref(row: VisibleCase, words: Sequence[str]) -> MatchingCase:
    """A case that was found by its pseudonym, else by its number."""
    ref = _folded(row.case.ref)
    number = _folded(row.case.number)
    whole = "-".join(words)
    by = "by_ref" if all(word in ref for word in words) else "by_number"
    return MatchingCase(row, by, whole in (ref, number))


def _result(found: Sequence[MatchingCase]) -> SearchResult:
    exact = [one.row.case.id for one in found if one.in_full]
    return SearchResult(
        by=found[0].by if found else "by_name",
        cases=(*found[:MOST],),
        exact=exact[0] if len(exact) == 1 else "",
        more=len(found) > MOST,
    )


def _by_answers(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    now: datetime,
    rows: Sequence[VisibleCase],
    words: str,
) -> list[MatchingCase]:
    """Those of some cases that are found by an answer that the viewer may see."""
    matching = {
        row.case.id: found
        for row, answers in _searched(reader, services, rows)
        if (found := _matching(_names(reader, services, row), answers, words))
    }
    wanted = [row for row in rows if row.case.id in matching]
    sights = load_visibilities(reader, services, viewer, now, wanted) if wanted else {}
    hits = []
    for row in wanted:
        register = _names(reader, services, row).diary_number
        seen = [one for one in matching[row.case.id] if sights[row.case.id].see(one)]
        if seen and seen[0].key == register:
            in_full = " ".join(folded_words(str(seen[0].value))) == words
            hits.append(MatchingCase(row, "by_diary", in_full))
        elif seen:
            hits.append(MatchingCase(row, "by_name"))
    return hits


def _searched(
    reader: Reader, services: Services, rows: Sequence[VisibleCase]
) -> list[tuple[VisibleCase, dict[str, GivenAnswer]]]:
    """Cases with the last answers that a search reads, by key; none of one whose key is gone."""
    releases = {row.case.release_id: _names(reader, services, row).diary_number for row in rows}
    forms = {
        name
        for id_, register in releases.items()
        for name, form in services.release(reader, id_).forms.items()
        if any(field.key == register or field.group in NAMED for field in form.fields)
    }
    if not forms:
        return []
    kept: dict[str, list[facts.Answers]] = {row.case.id: [] for row in rows}
    for one in facts.answers_of_cases(reader, kept, classes=CLASSES, forms=forms):
        kept[one.case_id].append(one)
    # the keys last: what is read was sealed for a key that was there before it
    wrapped = keys.of_cases(reader, kept)
    opened = []
    for row in rows:
        of_case = CaseKeys(services.vault, row.case.id, wrapped.get(row.case.id, ()))
        fields = services.release(reader, row.case.release_id).fields
        register = releases[row.case.release_id]
        try:
            answers = list(given_answers.open_answers(of_case, kept[row.case.id]))
        except CannotOpen:
            continue
        read = {
            one.key: one
            for one in answers
            if one.key == register or fields.get(one.key, ("", ""))[1] in NAMED
        }
        opened.append((row, read))
    return opened


def _names(reader: Reader, services: Services, row: VisibleCase) -> FieldNames:
    """The fields that a search reads, as the case's release names them."""
    return services.configuration_of(reader, row.case.release_id).named_fields.answers


def _matching(
    names: FieldNames, answers: Mapping[str, GivenAnswer], words: str
) -> list[GivenAnswer]:
    """The answers that have the words; for a whole name the family name."""
    texts = {
        key: " ".join(folded_words(answer.value))
        for key, answer in answers.items()
        if isinstance(answer.value, str)
    }
    matching = [answers[key] for key, text in texts.items() if words in text]
    whole = " ".join(texts[key] for key in (names.given_names, names.family_name) if key in texts)
    if words in whole and names.family_name in answers:
        matching.append(answers[names.family_name])
    return matching


def load_hits(
    reader: Reader, services: Services, viewer: Viewer, found: Sequence[MatchingCase]
) -> tuple[SearchHit, ...]:
    """What a page shows of the cases that a search found."""
    if not found:
        return ()
    places = offices.names(reader)
    officers = case_officers.of_cases(reader, [match.row.case.id for match in found])
    names = officer_names(reader, services, officers)
    return tuple(
        SearchHit(
            id=case.id,
            ref=case.ref,
            number=case.number,
            why=say(f"cases.{match.by}", viewer.lang),
            stage=case.stage or configuration.vocabulary.first_stage,
            owner=owner(
                configuration.named_fields.duties,
                match.row.parties,
                officers[case.id],
                places,
                names,
            ),
            ended=case.status == "ended",
        )
        for match in found
        for case in (match.row.case,)
        for configuration in (services.configuration_of(reader, case.release_id),)
    )
