"""Findings about the grounds of a release: one that a rule of grants or referrals names and nothing
has, that it may not use, or that does not lift the secrecy of who gives; one that is not in force;
those that no lawyer has confirmed; and texts of consents that do not say that there are duties.

Who gives is known of a referral by its senders, and of a grant by the lane of its element where
that is not the lane of who gets it. A ground that nothing uses is no finding.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from service.engine import Files, read_model
from service.errors import BadDiagram, Finding
from service.forms import Form
from service.release.bundle import CONFIG, ROLES, Bundle
from service.release.configuration_checks import line_of
from service.release.consent_texts import file_of, read_consent_texts
from service.release.programme.ground_rules import (
    ANY,
    FILE,
    GRANT,
    REFERRAL,
    SecrecyGrounds,
    read_grounds,
)
from service.release.programme.process_configuration import GRANTS, REFERRALS
from service.release.programme.vocabulary import FILE as WORDS
from service.release.programme.vocabulary import OFFICE_KIND, Vocabulary
from service.release.release_configuration import (
    read_own_file,
    read_release_vocabulary,
    reading_context,
)

SENTENCES: Final[Mapping[str, str]] = {
    "K129": "{place} rests on {name}, which is in force from {first} to {last} only. Name a ground "
    "that is in force.",
    "K130": "{place} rests on {name}, which {other} does not have as a ground.",
    "K131": "{place} rests on {name}, which may be used for {other} only. Name a ground that may "
    "be used for this, or say so under for.",
    "K132": "{place} lets {names} give on {name}, which that kind of office may not use. Name "
    "another ground, or one more behind it: the first that an office may use counts.",
    "K133": "{place} lets {names} give on {name}, which does not lift this secrecy: {other}. Name "
    "a ground that does.",
    "K134": "{place} names the kind of office {name}, which {other} does not have.",
    "K135": "No lawyer has confirmed {names}: wherever a ground is named, it says so. Who does "
    "writes under [confirmed] name, role and day, and behind them the digest in the brackets.",
    "K136": "The confirmation does not count, for the ground was changed after it or it is not "
    "complete: {names}. Who confirms it writes name, role and day anew, and behind them the digest "
    "in the brackets.",
    "K150": "This text of a consent does not say that a law may demand something to be given, "
    "whatever she has said. Write: {name}",
}
"""Code of a finding to its sentence."""
_SEVERITY: Final = {"K129": "W", "K135": "I", "K136": "I", "K150": "W"}
"""Codes of findings that are no errors."""


@dataclass(frozen=True, slots=True)
class _RuleOnGrounds:
    """A rule that rests on grounds: what it does, and what it gives out of whose records."""

    file: str
    place: str
    """The row, as a person finds it."""
    use: str
    grounds: tuple[str, ...]
    givers: frozenset[str] = frozenset()
    """Kinds of office that give, as far as they are known."""
    classes: frozenset[str] = frozenset()

    def found(self, code: str, text: str, **facts: object) -> Finding:
        """A finding about it, with its line in the text of its file."""
        said = {"place": self.place, **facts}
        line = line_of(text, f'"{self.place}"', "ground") or 1
        return _finding(code, CONFIG + self.file, said, line)


def ground_findings(bundle: Bundle, forms: Mapping[str, Form], files: Files) -> Iterator[Finding]:
    """Yield findings about `grounds.toml` of a release and the rules that rest on it; none where it
    has none, or where it cannot be read: that is a finding already.
    """
    grounds = _grounds(bundle)
    if grounds is None:
        return
    kinds = (read_release_vocabulary(bundle, []) or Vocabulary()).ids(OFFICE_KIND)
    text = bundle.text(CONFIG + FILE)
    yield from _of_owners(grounds, kinds, text)
    for rule in _rules(bundle, forms, files, kinds):
        yield from _of_rule(grounds, rule, bundle.text(CONFIG + rule.file))
    yield from confirmation_findings(grounds)
    yield from _of_consents(grounds, bundle)


def force_findings(bundle: Bundle, today: date) -> Iterator[Finding]:
    """Yield a warning for each rule of a release that rests on a ground that has ended or not
    begun.
    """
    grounds = _grounds(bundle)
    if grounds is None:
        return
    for rule in _rules(bundle, {}, None, ()):
        for ground in (one for one in grounds.grounds if one.id in rule.grounds):
            if not ground.in_force(today):
                last = ground.end.isoformat() if ground.end is not None else "…"
                facts = {"first": ground.start.isoformat(), "last": last}
                text = bundle.text(CONFIG + rule.file)
                yield rule.found("K129", text, name=ground.id, **facts)


def confirmation_findings(grounds: SecrecyGrounds) -> Iterator[Finding]:
    """Yield the hints about grounds that no lawyer has confirmed, or that were changed since."""
    waiting = [one.id for one in grounds.grounds if not grounds.is_confirmed(one.id)]
    for code, here in (("K135", False), ("K136", True)):
        mine = [id_ for id_ in waiting if bool(grounds.confirmed.get(id_)) is here]
        if names := ", ".join(f"{id_} [{grounds.digest(id_)}]" for id_ in mine):
            yield _finding(code, CONFIG + FILE, {"names": names}, 1)


def _of_consents(grounds: SecrecyGrounds, bundle: Bundle) -> Iterator[Finding]:
    """Yield a warning for each text of a consent that does not say that there are duties in law."""
    for languages in read_consent_texts(bundle).texts.values():
        for text in languages.values():
            sentence = grounds.consents.get(text.lang, "")
            if sentence not in " ".join(said for _, said in text.blocks):
                yield _finding("K150", file_of(text.purpose, text.lang), {"name": sentence}, 1)


def _grounds(bundle: Bundle) -> SecrecyGrounds | None:
    try:
        return read_grounds(bundle.text(CONFIG + FILE))
    except (BadDiagram, ValueError):
        return None


def _finding(code: str, file: str, facts: dict[str, object], line: int) -> Finding:
    sentence = SENTENCES[code].format_map(facts)
    severity = _SEVERITY.get(code, "E")
    return Finding(code, severity, file, "", sentence, line=line, facts=facts)


def _of_owners(grounds: SecrecyGrounds, kinds: Collection[str], text: str) -> Iterator[Finding]:
    rows = [(f"secrecy {one.id}", one.id, one.owner) for one in grounds.secrecies]
    rows += [(f"ground {one.id}", one.id, one.owner) for one in grounds.grounds]
    for place, id_, named in rows if kinds else ():
        for name in sorted({*named} - {*kinds, ANY}):
            facts: dict[str, object] = {"place": place, "name": name, "other": WORDS}
            yield _finding("K134", CONFIG + FILE, facts, line_of(text, f'id = "{id_}"') or 1)


def _of_rule(grounds: SecrecyGrounds, rule: _RuleOnGrounds, text: str) -> Iterator[Finding]:
    usable = True
    for id_ in rule.grounds:
        ground = grounds.ground(id_)
        if ground is None:
            usable = False
            yield rule.found("K130", text, name=id_, other=FILE)
        elif rule.use not in ground.uses:
            usable = False
            yield rule.found("K131", text, name=id_, other=", ".join(ground.uses))
    for kind in sorted(rule.givers) if usable else ():
        id_ = grounds.of_office(rule.grounds, kind)
        ground = grounds.ground(id_)
        if ground is not None and not ground.is_for(kind):
            yield rule.found("K132", text, name=", ".join(rule.grounds), names=kind)
        elif left := grounds.not_lifted(id_, kind, rule.classes):
            other = ", ".join(f"{one.id} ({one.paragraph})" for one in left)
            yield rule.found("K133", text, name=id_, names=kind, other=other)


def _rules(
    bundle: Bundle, forms: Mapping[str, Form], files: Files | None, kinds: Collection[str]
) -> Iterator[_RuleOnGrounds]:
    """Every rule of grants and referrals that can be read.

    Args:
        files: diagrams whose lanes say who gives; None where nobody asks.
        kinds: kinds of office that there are.
    """
    roles = role_rows(bundle)
    found = dict[str, Any]()
    context = reading_context(bundle)
    for name in (GRANTS, REFERRALS):
        try:
            found |= read_own_file(bundle, name, context)
        except BadDiagram:
            continue  # it has a finding of its own
    offices = {id_: frozenset(row.get("offices") or kinds) for id_, row in roles.items()}
    lanes = lane_roles(files, roles) if files is not None else {}
    for grant in found["grants"].grants if "grants" in found else ():
        giver = "" if grant.own_only else lanes.get(grant.element, "")
        gives = offices.get(giver, frozenset()) if giver != grant.role else frozenset[str]()
        yield _RuleOnGrounds(GRANTS, grant.rule, GRANT, grant.grounds, gives, grant.classes)
    classes = {f.key: f.data_class for form in forms.values() for _, f in form.walk()}
    for purpose in found["referrals"].purposes if "referrals" in found else ():
        gives = frozenset().union(*(offices.get(role, frozenset()) for role in purpose.senders))
        given = frozenset(classes.get(key, "C3") for key in purpose.fields)
        yield _RuleOnGrounds(REFERRALS, purpose.id, REFERRAL, purpose.grounds, gives, given)


def role_rows(bundle: Bundle) -> Mapping[str, Mapping[str, Any]]:
    """The rows of `roles.toml`; none where it cannot be read."""
    try:
        table = tomllib.loads(bundle.text(ROLES))
    except (BadDiagram, tomllib.TOMLDecodeError):
        return {}
    return {id_: row for id_, row in table.items() if isinstance(row, dict)}


def lane_roles(files: Files, roles: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Element to the role of its lane, in the diagrams that can be read."""
    model, _ = read_model(files)
    named = {str(row.get("sv")): id_ for id_, row in roles.items() if not row.get("house")}
    return {
        element: named[lane]
        for process in model.processes.values()
        for element, lane in process.lanes.items()
        if lane in named
    }
