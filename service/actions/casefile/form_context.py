"""A form in its case: what it may read while it is filled in, checked and drawn."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.actions.cases import given_answers
from service.actions.cases.turn import LoadedCase
from service.actions.context import Services
from service.actions.releases.prepared import PreparedRelease
from service.engine import decide
from service.forms import Ask, Form, FormContext, Json
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents
from service.store.installation import offices, people
from service.store.transaction import Tx
from service.store.work import tasks

V = TypeVar("V")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class LazyMapping(Mapping[str, V]):
    """A mapping that is fetched when somebody asks it for what is not `at_hand`."""

    def __init__(
        self, fetch: Callable[[], Mapping[str, V]], at_hand: Mapping[str, V] = NOTHING
    ) -> None:
        self.fetch = fetch
        self.at_hand = at_hand

    @cached_property
    def whole(self) -> Mapping[str, V]:
        """Everything."""
        return self.fetch()

    def __getitem__(self, name: str) -> V:
        return self.at_hand[name] if name in self.at_hand else self.whole[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.whole)

    def __len__(self) -> int:
        return len(self.whole)


def load_form_context(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    loaded: LoadedCase | None,
    now: datetime,
    told: Sequence[given_answers.GivenAnswer] | None = None,
) -> FormContext:
    """Everything that a form of this case may know.

    Args:
        held: None for a form that starts a case.
        told: the case's answers, when they are open already.
    """
    everything = (
        told
        if told is not None
        else given_answers.load_answers(tx, loaded.key, loaded.case.id)
        if loaded is not None
        else []
    )
    earlier = {key: one.value for key, one in given_answers.newest(everything).items()}
    return FormContext(
        now=now,
        zone=ZoneInfo(viewer.zone),
        lang=viewer.lang,
        earlier=earlier,
        routing={**loaded.variables, "openAlerts": _open_alerts(tx, loaded)}
        if loaded is not None
        else {},
        before=given_answers.series(everything),
        consents=_consents(tx, loaded, now),
        directories=load_directories(tx, services, viewer.lang),
        proposals=_proposals(services, loaded, earlier),
        rates={code: Decimal(rate) for code, rate in services.programme.currency.items()},
        documents=_documents(tx, loaded),
        rule=_rules(release, loaded, viewer, now),
        forms=release.forms,
    )


def load_check_context(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    loaded: LoadedCase | None,
    now: datetime,
    form: Form,
) -> FormContext:
    """What one form may know while its answers are checked, fetched from the case only where the
    form asks for it.

    Not to be used when `tx` has ended.
    """
    told = LazyMapping(lambda: {"": _told(tx, release, loaded, form)})
    routing: Mapping[str, Json] = {}
    if loaded is not None:
        routing = {
            **loaded.variables,
            **({"openAlerts": _open_alerts(tx, loaded)} if "openAlerts" in form.uses else {}),
        }
    return FormContext(
        now=now,
        zone=ZoneInfo(viewer.zone),
        lang=viewer.lang,
        earlier=LazyMapping(
            lambda: {key: one.value for key, one in given_answers.newest(told[""]).items()}
        ),
        routing=routing,
        before=LazyMapping(lambda: given_answers.series(told[""])),
        consents=LazyMapping(lambda: _consents(tx, loaded, now)),
        directories=LazyMapping(
            lambda: load_directories(tx, services, viewer.lang),
            services.directories.get(viewer.lang, {}),
        ),
        rates={code: Decimal(rate) for code, rate in services.programme.currency.items()},
        documents=LazyMapping(lambda: dict.fromkeys(_documents(tx, loaded) or (), ""))
        if loaded is not None
        else None,
        rule=_rules(release, loaded, viewer, now),
        forms=release.forms,
    )


def _told(
    tx: Tx, release: PreparedRelease, loaded: LoadedCase | None, form: Form
) -> list[given_answers.GivenAnswer]:
    """Earlier answers to what the form asks or reads."""
    if loaded is None:
        return []
    asked = {*form.uses, *(f.key for f in form.fields)}
    return given_answers.load_answers(
        tx,
        loaded.key,
        loaded.case.id,
        forms={id_ for key in asked for id_ in release.asked_in.get(key, ())},
    )


def _documents(tx: Tx, loaded: LoadedCase | None) -> frozenset[str] | None:
    return (
        frozenset(d.id for d in documents.of_case(tx, loaded.case.id) if d.state != "dropped")
        if loaded is not None
        else None
    )


def _open_alerts(tx: Tx, loaded: LoadedCase) -> int:
    """Tasks that wait in event sub-processes: something has happened, and nobody has dealt with it
    yet.
    """
    elements = loaded.definition.elements
    aside = {
        e.id
        for e in elements.values()
        if e.kind == "subProcess" and not e.incoming and not e.outgoing
    }
    return sum(
        elements[t.element].scope in aside
        for t in tasks.of_case(tx, loaded.case.id)
        if t.element in elements
    )


def _consents(
    tx: Tx, loaded: LoadedCase | None, now: datetime
) -> dict[str, Mapping[str, str | None]]:
    if loaded is None:
        return {}
    return {
        row.purpose: {
            "givenBy": row.given_by,
            "how": row.how,
            "givenOn": row.given_on.isoformat(),
            "validTo": row.valid_to.isoformat() if row.valid_to else None,
        }
        for row in consent_rows.of_case(tx, loaded.case.id)
        if row.live(now.date())
    }


def load_directories(
    tx: Tx, services: Services, lang: str
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Words of the house in the reader's language, and the offices, once whole and once by the
    roles they may hold.
    """
    everywhere = [o for o in offices.everyone(tx).values() if o.closed_at is None]
    found = dict(services.directories.get(lang, {}))
    found["offices"] = tuple((o.id, o.name) for o in everywhere)
    roles = people.roles_of_offices(tx)
    for role in {r for loaded in roles.values() for r in loaded}:
        found[f"offices.{role}"] = tuple(
            (o.id, o.name) for o in everywhere if role in roles.get(o.id, ())
        )
    return found


def _proposals(
    services: Services, loaded: LoadedCase | None, earlier: Mapping[str, object]
) -> dict[str, Json]:
    """What the installation proposes: the usual offices, the ceiling, the state of the country."""
    programme = services.programme
    amount, currency = programme.ceiling
    usual: dict[str, Json] = {
        "iom_office": programme.iom_office,
        "funding": programme.default_funding,
        "ceiling": {"amount": amount, "currency": currency},
    }
    found: dict[str, Json] = {}
    for field, (source, named) in programme.named_fields.proposals.items():
        match source:
            case "party":
                proposed: Json = loaded.parties.get(named) if loaded is not None else None
            case "country":
                proposed = programme.countries.get(str(earlier.get(named)))
            case _:
                proposed = usual[source]
        if proposed is not None:
            found[field] = proposed
    return found


def _rules(
    release: PreparedRelease, loaded: LoadedCase | None, viewer: Viewer, now: datetime
) -> Ask:
    """Asks a rule of the case's own release for a row of a list."""
    definition = (
        loaded.definition if loaded is not None else next(iter(release.definitions.values()))
    )

    def ask(rule: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
        decided = decide(
            definition.decisions, rule, dict(inputs), now=now, zone=ZoneInfo(viewer.zone)
        )
        return decided.value if isinstance(decided.value, dict) else {rule: decided.value}

    return ask


def require_form(release: PreparedRelease, form: str) -> Form | None:
    """A form of the release; a step without one is a single button."""
    return release.forms.get(form) if form else None
