"""The context of a form in its case: what it may read while it is filled in, checked and drawn."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from types import MappingProxyType
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

from service.access import CLASSES, Viewer
from service.casework.cases import given_answers
from service.casework.cases.loaded_case import LoadedCase
from service.casework.country_states import country_states, read_of_states
from service.engine import decided_columns
from service.forms import DIRECTORIES, Ask, ConsentWording, Form, FormContext, Json
from service.records.context import Services
from service.release.consent_texts import ConsentText
from service.release.language_words import direction
from service.release.names_read import OPEN_ALERTS, holder_name
from service.release.prepared import PreparedRelease
from service.release.programme.named_fields import OFFICE
from service.store.at_hand import Read, Reader
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents, facts
from service.store.installation import offices, people
from service.store.work import tasks

V = TypeVar("V")
NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})


class LazyMapping(Mapping[str, V]):
    """A mapping that is fetched when a key is asked for that is not `at_hand`."""

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
    reader: Reader,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    loaded: LoadedCase | None,
    now: datetime,
    answers: Sequence[given_answers.GivenAnswer] | None = None,
    task_key: str = "",
) -> FormContext:
    """Load everything that a form of this case may read.

    Args:
        loaded: None for a form that starts a case.
        answers: the case's answers, when they are open already.
        task_key: of the task whose form it is; "" for a form of none.
    """
    routing = dict[str, Json]()
    if loaded is not None:
        waiting = tasks.of_case(reader, loaded.case.id)
        alerts = _open_alerts(loaded, waiting)
        routing = {**loaded.variables, **_holders(loaded), OPEN_ALERTS: alerts}
        if answers is None:
            answers = given_answers.load_answers(reader, loaded.keys, loaded.case.id)
    answers = answers or []
    earlier = _values(answers)
    return FormContext(
        now=now,
        zone=ZoneInfo(viewer.zone),
        lang=viewer.lang,
        earlier=earlier,
        routing=routing,
        before=given_answers.series(answers),
        consents=_consents(reader, loaded, now),
        consent_texts=consent_wordings(release, viewer.lang),
        information=information_wordings(release),
        directories=load_directories(reader, services, viewer.lang),
        common=_common(services, viewer.lang),
        proposals=_proposals(reader, services, release, loaded, earlier),
        rates=_rates(services),
        currency=services.programme.ceiling[1],
        documents=_documents(reader, loaded, task_key),
        rule=_rules(release, loaded, viewer, now),
        forms=release.forms,
    )


def reads_of_context(case_id: str = "") -> list[Read]:
    """What `load_form_context` reads, but for answers and what the sight of the case rests on.

    Args:
        case_id: "" for a form that starts a case.
    """
    reads = [*reads_of_directories(), read_of_states()]
    return reads + ([(documents.OF_CASE, {"case_id": case_id})] if case_id else [])


def load_check_context(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    release: PreparedRelease,
    loaded: LoadedCase | None,
    now: datetime,
    form: Form,
    load_earlier: Callable[[], Sequence[given_answers.GivenAnswer]],
    task_key: str = "",
) -> FormContext:
    """Build the context of one form while its answers are checked: opened and put together only
    where the form reads it.

    Args:
        reader: holds what `reads_of_check` asks for.
        load_earlier: gives the case's answers to what the form asks or reads, or all of them.
        task_key: of the task whose form it is; "" for a form of none.
    """
    lang, routing = viewer.lang, dict[str, Json]()
    kept: LazyMapping[str] | None = None
    if loaded is not None:
        routing = {**loaded.variables, **_holders(loaded)}
        if OPEN_ALERTS in form.uses:
            routing[OPEN_ALERTS] = _open_alerts(loaded, loaded.work.genuine)
        kept = LazyMapping(
            lambda: dict.fromkeys(_sent_or_own(loaded.documents, loaded.work.genuine, task_key), "")
        )
    own = services.directories.get(lang, {})
    return FormContext(
        now=now,
        zone=ZoneInfo(viewer.zone),
        lang=lang,
        earlier=LazyMapping(lambda: _values(load_earlier())),
        routing=routing,
        before=LazyMapping(lambda: given_answers.series(load_earlier())),
        consents=LazyMapping(lambda: _consents(reader, loaded, now)),
        consent_texts=LazyMapping(lambda: consent_wordings(release, lang)),
        information=LazyMapping(lambda: information_wordings(release)),
        directories=LazyMapping(lambda: load_directories(reader, services, lang), own),
        rates=LazyMapping(lambda: _rates(services)),
        documents=kept,
        rule=_rules(release, loaded, viewer, now),
        forms=release.forms,
    )


def reads_of_check(
    services: Services,
    release: PreparedRelease,
    form: Form | None,
    lang: str,
    case_id: str = "",
) -> list[Read]:
    """What the check of a form reads (`load_check_context`), as the form says it.

    Args:
        case_id: "" for a form that starts a case.
    """
    if form is None:
        return []
    reads: list[Read] = []
    if _asks_offices(services, form, lang):
        reads += reads_of_directories()
    if not case_id:
        return reads
    if form.reads_earlier:
        reads += facts.reads_of_answers(case_id, CLASSES, forms_named(release, form))
    if form.live_options or "consents" in form.reads or "consent" in form.kinds:
        reads.append((consent_rows.OF_CASE, {"case_id": case_id}))
    if "file" in form.kinds:
        reads.append((documents.OF_CASE, {"case_id": case_id}))
    return reads


def _asks_offices(services: Services, form: Form, lang: str) -> bool:
    """Whether a field chooses from a directory that lies in the database: offices."""
    own = services.directories.get(lang, {})
    return any(
        source not in own or binds
        for named, kind, binds in form.sources
        if named not in form.uses and (source := named or DIRECTORIES.get(kind, ""))
    )


def reads_of_directories() -> list[Read]:
    """What `load_directories` reads."""
    return [(offices.DIRECTORY, {}), (people.ROLES_OF_OFFICES, {})]


def forms_named(release: PreparedRelease, form: Form) -> frozenset[str]:
    """Forms that ask for what a form asks or reads."""
    return frozenset().union(*(release.asked_in.get(key, ()) for key in form.named))


def _rates(services: Services) -> dict[str, Decimal]:
    """What each currency is worth."""
    return {code: Decimal(rate) for code, rate in services.programme.currency.items()}


def _values(answers: Sequence[given_answers.GivenAnswer]) -> dict[str, Json]:
    """Key to the newest value."""
    return {key: answer.value for key, answer in given_answers.newest(answers).items()}


def _documents(reader: Reader, loaded: LoadedCase | None, task_key: str) -> frozenset[str] | None:
    """The documents that a form may name; None for a form that starts a case."""
    if loaded is None:
        return None
    rows = documents.of_case(reader, loaded.case.id)
    return _sent_or_own(rows, tasks.of_case(reader, loaded.case.id) if rows else (), task_key)


def _sent_or_own(
    rows: Iterable[documents.Document], waiting: Iterable[tasks.Task], task_key: str
) -> frozenset[str]:
    """Documents of a case, and what is attached to a form itself, but not what is attached to
    another form and not sent.
    """
    others = {task.key for task in waiting} - {task_key}
    return frozenset(
        row.id for row in rows if row.state != "dropped" and row.task_key not in others
    )


def _holders(loaded: LoadedCase) -> dict[str, str]:
    """The office that holds each role in a case, under the name by which forms read it."""
    return {holder_name(role): office for role, office in loaded.parties.items()}


def _open_alerts(loaded: LoadedCase, waiting: Iterable[tasks.Task]) -> int:
    """Number of open tasks in event sub-processes: alerts that nobody has dealt with yet."""
    elements = loaded.definition.elements
    frames = (e for e in elements.values() if e.kind == "subProcess")
    of_events = {frame.id for frame in frames if not frame.incoming and not frame.outgoing}
    places = (task.element for task in waiting if task.element in elements)
    return sum(elements[element].scope in of_events for element in places)


def consent_wordings(release: PreparedRelease, lang: str) -> dict[str, ConsentWording]:
    """The texts of the consents as the release words them."""
    texts = release.consent_texts
    found = {purpose: texts.text(purpose, lang) for purpose in texts.purposes}
    return {purpose: _wording(text) for purpose, text in found.items() if text is not None}


def information_wordings(release: PreparedRelease) -> dict[str, Mapping[str, ConsentWording]]:
    """Information for persons as the release words it, by name and language."""
    return {
        name: {
            lang: _wording(text, counts=release.text_counts(f"information.{name}", lang))
            for lang, text in texts.items()
        }
        for name, texts in release.information_texts.texts.items()
    }


def _wording(text: ConsentText, *, counts: bool = True) -> ConsentWording:
    return ConsentWording(
        text.version, text.blocks, text.digest, text.title, direction(text.lang), counts
    )


def _consents(
    reader: Reader, loaded: LoadedCase | None, now: datetime
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
        for row in consent_rows.of_case(reader, loaded.case.id)
        if row.live(now.date())
    }


def _common(services: Services, lang: str) -> dict[str, int]:
    """How many entries of a directory the programme calls common; they stand first."""
    listed = {code for code, _ in services.directories.get(lang, {}).get("languages", ())}
    return {"languages": len(listed.intersection(services.programme.common_languages))}


def load_directories(
    reader: Reader, services: Services, lang: str
) -> dict[str, tuple[tuple[str, str], ...]]:
    """Load the directories that fields of forms choose from: those of the product in the reader's
    language, and the offices, all of them and by the roles that their people hold.
    """
    active = [office for office in offices.everyone(reader).values() if office.closed_at is None]
    directories = dict(services.directories.get(lang, {}))
    directories["offices"] = tuple((office.id, office.name) for office in active)
    by_office = people.roles_of_offices(reader)
    for role in {role for roles in by_office.values() for role in roles}:
        holders = (office for office in active if role in by_office.get(office.id, ()))
        directories[f"offices.{role}"] = tuple((office.id, office.name) for office in holders)
    return directories


def _proposals(
    reader: Reader,
    services: Services,
    release: PreparedRelease,
    loaded: LoadedCase | None,
    earlier: Mapping[str, object],
) -> dict[str, Json]:
    """Values that the installation proposes for fields: offices, the budget ceiling, the status of
    the country.
    """
    programme = services.programme
    amount, currency = programme.ceiling
    usual: dict[str, Json] = {
        **{f"{name}{OFFICE}": office for name, office in programme.offices.items()},
        "funding": programme.default_funding,
        "ceiling": {"amount": amount, "currency": currency},
    }
    proposals: dict[str, Json] = {}
    for field, (source, named) in services.configuration(release).named_fields.proposals.items():
        match source:
            case "party":
                proposed: Json = loaded.parties.get(named) if loaded is not None else None
            case "country":
                state = country_states(reader, services).get(str(earlier.get(named)))
                proposed = state.status if state is not None else None
            case _:
                proposed = usual.get(source)
        if proposed is not None:
            proposals[field] = proposed
    return proposals


def _rules(
    release: PreparedRelease, loaded: LoadedCase | None, viewer: Viewer, now: datetime
) -> Ask:
    """Evaluates a decision of the case's own release for a row of a list."""
    definition = loaded.definition if loaded else next(iter(release.definitions.values()))
    decisions, zone = definition.decisions, ZoneInfo(viewer.zone)

    def ask(rule: str, inputs: Mapping[str, object]) -> Mapping[str, object]:
        return decided_columns(decisions, rule, dict(inputs), now=now, zone=zone)

    return ask


def require_form(
    release: PreparedRelease, form: str, not_asked: Collection[str] = ()
) -> Form | None:
    """The form of a step in the release; None for a step that is a single button.

    Args:
        not_asked: keys of outermost fields that are left out, as `fields_not_asked` gives them.
    """
    found = release.forms.get(form) if form else None
    return found.without(not_asked) if found is not None and not_asked else found
