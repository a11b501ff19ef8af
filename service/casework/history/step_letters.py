"""The letters that each fact of a case made: what they were about, to which office and role, and
what has become of them. Neither an address nor a text: they are no part of an auditor's page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from service.records.context import Services
from service.release.programme.channel_rules import on_call_office
from service.store.at_hand import Reader
from service.store.casefile import facts
from service.store.installation import offices
from service.store.work import letters
from service.text import known, say

Pair = tuple[str, str]
"""What a letter was about, and to whom it went with its state today."""


def load_step_letters(
    reader: Reader, services: Services, case_id: str, history: Sequence[facts.Fact], lang: str
) -> Mapping[int, tuple[Pair, ...]]:
    """Load the letters of a case by the number of the fact that made them, in the order of their
    making.

    Args:
        history: the facts; their releases can be read.
    """
    places, on = offices.names(reader), {fact.rev: fact.release_id for fact in history}
    releases = {id_: services.release(reader, id_) for id_ in dict.fromkeys(on.values())}
    answered = {fact.work_id: fact.rev for fact in history if fact.kind == "answer"}
    found: dict[int, tuple[Pair, ...]] = {}
    for letter in letters.of_case(reader, case_id):
        rev = made_in(letter, answered)
        if rev not in on:
            continue
        office = places.get(letter.office_id, "")
        if on_call_office(letter.channel):
            office = say("word.on_call", lang, office=office)
        channel = services.programme.channels.get(letter.channel)
        role = releases[on[rev]].role_name(letter.role, lang)
        receiver = f"{office or letter.channel} ({role})" if role else office or letter.channel
        to = channel.name(lang) if channel is not None else receiver
        state = say(f"status.{'waiting' if letter.state == 'leased' else letter.state}", lang)
        text = say("event.letter_to", lang, to=to, state=state)
        found[rev] = (*found.get(rev, ()), (letter_kind(letter.template, lang), text))
    return found


def made_in(letter: letters.Letter, answered: Mapping[str, int]) -> int:
    """The number of the fact that made a letter; 0 for one that no fact made, such as a reminder.

    Args:
        answered: calls of handlers to the number of the fact that holds the answer.
    """
    place, _, nth = letter.number.rpartition(":")
    if place.isdecimal() and nth.isdecimal():
        return int(place)
    return answered.get(place, 0) if nth[:1] == "r" and nth[1:].isdecimal() else 0


def letter_kind(template: str, lang: str) -> str:
    """Name the kind of a letter, by its template where it has no name."""
    key = f"letter_kind.{template}"
    return say(key, lang) if known(key) else template
