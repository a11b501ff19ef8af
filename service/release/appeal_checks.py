"""Findings about the roads of appeal of a release: a decision that an office makes and nothing says
how to appeal, two texts for the same decision, a place in a text that nothing fills in, a road that
is not in force, and those that no lawyer has confirmed.

Which offices make which decision: requests about her own data are answered by every kind of office;
a public document is decided on by those that `grounds.toml` gives a ground to refuse one; and the
decision that a paper tells by those in whose lane its answer is given.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from itertools import combinations
from typing import Final

from service.engine import Files, read_model
from service.errors import BadDiagram, Finding
from service.forms import Form
from service.release.bundle import CONFIG, Bundle
from service.release.configuration_checks import line_of
from service.release.ground_checks import lane_roles, role_rows
from service.release.language_words import file_of, read_languages
from service.release.paper_templates import read_papers
from service.release.programme.appeal_roads import (
    ANY,
    DOCUMENT,
    FILE,
    PLACES,
    REQUEST,
    AppealRoad,
    AppealRoads,
    places,
    read_appeals,
)
from service.release.programme.ground_rules import FILE as GROUNDS
from service.release.programme.ground_rules import REFUSAL, read_grounds
from service.release.programme.vocabulary import FILE as WORDS
from service.release.programme.vocabulary import OFFICE_KIND, Vocabulary
from service.release.release_configuration import read_release_vocabulary

SENTENCES: Final[Mapping[str, str]] = {
    "K137": "Nothing says how a decision of the kind {name} is appealed where these decide: "
    "{names}. Write a row for them.",
    "K138": "On {day} no row is in force that says how a decision of the kind {name} is appealed "
    "where these decide: {names}. Those that were or will be in force: {other}.",
    "K139": "{place} and {other} are in force on the same day for decisions of the kind {name} of "
    "{names}. End one of them before the other begins.",
    "K140": "{place} has a place that nothing fills in: {names}. These are filled in: {other}.",
    "K141": "{place} names the kind of office {name}, which {other} does not have.",
    "K142": "No lawyer has confirmed the text on appeals of {names}: it says so wherever it "
    "stands. Who does writes under [confirmed] name, role and day, and behind them the digest in "
    "the brackets.",
    "K143": "The confirmation does not count, for the text on appeals was changed after it or it "
    "is not complete: {names}. Who confirms it writes name, role and day anew, and behind them the "
    "digest in the brackets.",
    "K144": "{place} has no row in {other}.",
}
"""Code of a finding to its sentence."""
_SEVERITY: Final = {"K138": "W", "K142": "I", "K143": "I"}
"""Codes of findings that are no errors."""
Deciding = Mapping[str, Collection[str]]
"""Kind of decision to the kinds of office that make it."""


def appeal_findings(bundle: Bundle, forms: Mapping[str, Form], files: Files) -> Iterator[Finding]:
    """Yield findings about `appeals.toml` of a release; none where it has none, or where it cannot
    be read: that is a finding already.
    """
    roads = _roads(bundle)
    if roads is None:
        return
    text = bundle.text(CONFIG + FILE)
    kinds = _kinds(bundle)
    for decision, deciding in _deciding(bundle, forms, files, kinds).items():
        lacking = [kind for kind in deciding if not _for(roads, decision, kind)]
        if lacking:
            yield _finding("K137", {"name": decision, "names": ", ".join(lacking)})
    yield from _of_overlaps(roads, text)
    yield from _of_rows(roads, kinds, text)
    yield from _of_languages(bundle, roads)
    yield from appeal_confirmations(roads)


def appeals_in_force(bundle: Bundle, today: date) -> Iterator[Finding]:
    """Yield a warning for each kind of decision that has rows, and on a day none in force for some
    kind of office.
    """
    roads = _roads(bundle)
    if roads is None:
        return
    yield from missing_on(roads, _kinds(bundle), today)


def missing_on(roads: AppealRoads, kinds: Collection[str], today: date) -> Iterator[Finding]:
    """Yield the warnings of `appeals_in_force` for some roads.

    Args:
        kinds: kinds of office that there are.
    """
    for decision in dict.fromkeys(road.decision for road in roads.roads):
        rows = {kind: _for(roads, decision, kind) for kind in kinds}
        lacking = [kind for kind in kinds if rows[kind] and not roads.of(decision, kind, on=today)]
        others = dict.fromkeys(road.id for kind in lacking for road in rows[kind])
        if lacking:
            names, other = ", ".join(lacking), ", ".join(others)
            facts = {"day": today.isoformat(), "name": decision, "names": names, "other": other}
            yield _finding("K138", facts)


def appeal_confirmations(roads: AppealRoads) -> Iterator[Finding]:
    """Yield the hints about roads that no lawyer has confirmed, or that were changed since."""
    waiting = [one.id for one in roads.roads if not roads.is_confirmed(one.id)]
    for code, here in (("K142", False), ("K143", True)):
        mine = [id_ for id_ in waiting if bool(roads.confirmed.get(id_)) is here]
        if names := ", ".join(f"{id_} [{roads.digest(id_)}]" for id_ in mine):
            yield _finding(code, {"names": names})


def _roads(bundle: Bundle) -> AppealRoads | None:
    try:
        return read_appeals(bundle.text(CONFIG + FILE))
    except (BadDiagram, ValueError):
        return None


def _kinds(bundle: Bundle) -> tuple[str, ...]:
    return (read_release_vocabulary(bundle, []) or Vocabulary()).ids(OFFICE_KIND)


def _finding(
    code: str, facts: Mapping[str, object], line: int = 1, file: str = CONFIG + FILE
) -> Finding:
    sentence = SENTENCES[code].format_map(facts)
    return Finding(code, _SEVERITY.get(code, "E"), file, "", sentence, line=line, facts=dict(facts))


def _line(text: str, road: AppealRoad) -> int:
    return line_of(text, f'id = "{road.id}"') or 1


def _of_overlaps(roads: AppealRoads, text: str) -> Iterator[Finding]:
    """Two roads that are in force on the same day for the same decisions."""
    for one, other in combinations(roads.roads, 2):
        shared = _shared(one, other)
        if shared and one.meets(other):
            facts = {"place": one.id, "other": other.id, "name": one.decision, "names": shared}
            yield _finding("K139", facts, _line(text, other))


def _of_rows(roads: AppealRoads, kinds: Collection[str], text: str) -> Iterator[Finding]:
    """What a road names that there is not: a place in its text, a kind of office."""
    for road in roads.roads:
        line = _line(text, road)
        named = frozenset().union(*map(places, road.words.values()))
        if unknown := named - PLACES:
            yield _finding("K140", _unfilled(f"appeal {road.id}", unknown), line)
        for name in sorted({*road.owner} - {*kinds, ANY}) if kinds else ():
            yield _finding(
                "K141", {"place": f"appeal {road.id}", "name": name, "other": WORDS}, line
            )


def _for(roads: AppealRoads, decision: str, kind: str) -> tuple[AppealRoad, ...]:
    return tuple(road for road in roads.roads if road.is_for(decision, kind))


def _shared(one: AppealRoad, other: AppealRoad) -> str:
    """The kinds of office of which two roads are for the same decisions; "" for none."""
    if one.decision != other.decision:
        return ""
    if ANY in one.owner or ANY in other.owner:
        narrower = one.owner if ANY in other.owner else other.owner
        return ", ".join(narrower)
    return ", ".join(kind for kind in one.owner if kind in other.owner)


def _unfilled(place: str, names: Collection[str]) -> dict[str, object]:
    named, known = (", ".join(f"{{{one}}}" for one in sorted(some)) for some in (names, PLACES))
    return {"place": place, "names": named, "other": known}


def _of_languages(bundle: Bundle, roads: AppealRoads) -> Iterator[Finding]:
    """Texts of further languages: of a road that is there, with places that are filled in."""
    for lang, words in read_languages(bundle).files.items():
        file = file_of(lang)
        for id_, translated in words.appeals.items():
            place = f"appeals, {id_}"
            line = line_of(bundle.text(file), id_) or 1
            if roads.road(id_) is None:
                yield _finding("K144", {"place": place, "other": FILE}, line, file)
            elif unknown := places(translated) - PLACES:
                yield _finding("K140", _unfilled(place, unknown), line, file)


def _deciding(
    bundle: Bundle, forms: Mapping[str, Form], files: Files, kinds: Collection[str]
) -> Deciding:
    """Every kind of decision that is known to be made, and by which kinds of office."""
    found: dict[str, Collection[str]] = {REQUEST: kinds}
    try:
        grounds = read_grounds(bundle.text(CONFIG + GROUNDS)).grounds
    except (BadDiagram, ValueError):
        grounds = ()
    able = [one for one in grounds if REFUSAL in one.uses]
    found[DOCUMENT] = [kind for kind in kinds if any(one.is_for(kind) for one in able)]
    roles = role_rows(bundle)
    lanes = lane_roles(files, roles)
    model, _ = read_model(files)
    for decision in filter(None, (one.appeal for one in read_papers(bundle).values())):
        asking = {
            id_ for id_, form in forms.items() if decision.answer in {f.key for f in form.fields}
        }
        nodes = [node for one in model.processes.values() for _, node in one.scope.walk()]
        held = {lanes[node.id] for node in nodes if node.form in asking and node.id in lanes}
        allowed = [{*(roles[role].get("offices") or kinds)} for role in held]
        mine = frozenset().union(*allowed, found.get(decision.kind, ()))
        found[decision.kind] = [kind for kind in kinds if kind in mine]
    return found
