"""Lines about who answers for the processing, what it is for, and about whom and what it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from service.access import CLASSES
from service.release.consent_texts import read_consent_texts
from service.release.programme.controllers import Controller
from service.workshop.register.parts import RegisterHost, RegisterLine, RegisterSection
from service.workshop.register.source import RegisterSource, in_sentence

NOTHING = "–"


def answers_for(source: RegisterSource, host: RegisterHost) -> RegisterSection:
    """Who answers for the processing: each kind of office for its own records, and the host."""
    controllers = source.services.programme.controllers
    lines = [_controller(source, kind, controllers) for kind in source.kinds]
    known = [host.name, host.contact]
    text = source.say("host_known", who=", ".join(filter(None, known))) if any(known) else ""
    officer = source.say("officer", contact=host.officer) if host.officer else ""
    lines.append(
        RegisterLine(
            "host",
            source.say("host"),
            " ".join(filter(None, (source.say("host_text"), text, officer))),
        )
    )
    return RegisterSection(
        "answers",
        source.say("answers"),
        source.say("answers_lead"),
        tuple(lines),
        missing=" ".join(_missing(source, host)),
    )


def _controller(
    source: RegisterSource, kind: str, controllers: tuple[Controller, ...]
) -> RegisterLine:
    held = [role for role in source.roles if kind in source.kinds_of(role)]
    named = [
        source.say("controller", name=one.name, contact=one.contact or NOTHING)
        + (f" {source.say('officer', contact=one.officer)}" if one.officer else "")
        for one in controllers
        if one.kind == kind
    ]
    text = " ".join([source.say("controller_roles", roles=source.roles_named(held)), *named])
    return RegisterLine(kind, source.words.office_kind(kind), text)


def _missing(source: RegisterSource, host: RegisterHost) -> Iterator[str]:
    known = {one.kind for one in source.services.programme.controllers}
    unnamed = [source.words.office_kind(kind) for kind in source.kinds if kind not in known]
    if unnamed:
        yield source.say("missing_controllers", kinds=", ".join(unnamed))
    no_officer = [
        one.name
        for one in source.services.programme.controllers
        if one.kind in source.kinds and not one.officer
    ]
    if no_officer:
        yield source.say("missing_officers", names=", ".join(no_officer))
    lacks = [
        source.say(f"missing_{part}")
        for part in ("name", "contact", "officer")
        if not getattr(host, part)
    ]
    if lacks:
        yield source.say("missing_host", what=", ".join(lacks))


def purposes(source: RegisterSource) -> RegisterSection:
    """What the process is for: the purposes that its forms, openings and referrals name."""
    lines = [
        RegisterLine("process", source.name, source.say("purpose_process")),
        *(_purpose(source, id_) for id_ in _used_purposes(source)),
        *(
            RegisterLine(
                f"referral {one.id}", source.words_of(one.words), source.say("purpose_referral")
            )
            for one in source.referrals
        ),
    ]
    return RegisterSection(
        "purposes", source.say("purposes"), source.say("purposes_lead"), tuple(lines)
    )


def _used_purposes(source: RegisterSource) -> Iterator[str]:
    """Purposes of consents that the process uses, in the order of the vocabulary; the main process
    uses all.
    """
    used = {form.purpose for form in source.forms}
    used |= {field.purpose for _, field in source.questions.values()}
    used |= {id_ for row in source.grants for id_ in row.consents}
    used |= {row.purpose for row in source.referring_steps}
    used |= {id_ for row in source.referrals for id_ in row.consents}
    main = source.process == source.services.programme.process
    yield from (id_ for id_ in source.words.vocabulary.ids("purpose") if main or id_ in used)


def _purpose(source: RegisterSource, id_: str) -> RegisterLine:
    months = source.configuration.consent_months.get(id_, 0)
    forms = sum(form.purpose == id_ for form in source.forms)
    texts = [source.say("purpose_consent")]
    if id_ not in read_consent_texts(source.side.bundle).purposes:
        texts.append(source.say("purpose_no_text"))
    if months:
        texts.append(source.say("purpose_months", n=months))
    if forms:
        texts.append(source.say("purpose_forms", n=forms))
    return RegisterLine(id_, source.words.purpose(id_), " ".join(texts))


def grounds(source: RegisterSource) -> RegisterSection:
    """The legal grounds on which offices get to see a case."""
    openings = Counter(id_ for row in source.grants for id_ in row.grounds)
    referrals = Counter(id_ for row in source.referrals for id_ in row.grounds)
    lines = []
    for id_ in dict.fromkeys([*openings, *referrals]):
        used = []
        if openings[id_]:
            used.append(source.say("ground_openings", n=openings[id_]))
        if referrals[id_]:
            used.append(source.say("ground_referrals", n=referrals[id_]))
        lines.append(RegisterLine(id_, source.ground(id_), " ".join(used)))
    return RegisterSection(
        "grounds",
        source.say("grounds"),
        source.say("grounds_lead"),
        tuple(lines),
        source.say("grounds_empty"),
        source.say("grounds_missing"),
    )


def persons(source: RegisterSource) -> RegisterSection:
    """About whom there are records."""
    groups = dict.fromkeys(field.group for _, field in source.questions.values() if field.group)
    names = ", ".join(in_sentence(source.group(one)) for one in groups)
    lines = [RegisterLine("person", source.say("person"), source.say("person_text"))]
    if names:
        lines.append(
            RegisterLine("others", source.say("others"), source.say("others_text", groups=names))
        )
    lines.append(RegisterLine("staff", source.say("staff"), source.say("staff_text")))
    return RegisterSection(
        "persons", source.say("persons"), source.say("persons_lead"), tuple(lines)
    )


def data(source: RegisterSource) -> RegisterSection:
    """Which data there is: each class, and in it each group of questions."""
    by_class: dict[str, dict[str, list[str]]] = {klass: {} for klass in CLASSES}
    for label, field in source.questions.values():
        by_class[field.data_class].setdefault(field.group, []).append(label)
    results = Counter(source.results.values())
    lines = []
    for klass, groups in by_class.items():
        name = source.words.data_class(klass)
        for group in sorted(groups, key=lambda id_: (id_ != "", source.group(id_).lower())):
            said = sorted(set(groups[group]), key=str.lower)
            about = f"{name} · {source.group(group)}" if group else name
            text = source.say("questions", n=len(said))
            lines.append(RegisterLine(f"{klass} {group}", about, text, tuple(said)))
        if results[klass]:
            text = source.say("results", n=results[klass])
            about = f"{name} · {source.say('results_name')}"
            lines.append(RegisterLine(f"{klass} =", about, text))
    return RegisterSection("data", source.say("data"), source.say("data_lead"), tuple(lines))


def security(source: RegisterSource) -> RegisterSection:
    """What the product itself does to protect the data."""
    lines = [
        RegisterLine(id_, source.say(f"security_{id_}"), source.say(f"security_{id_}_text"))
        for id_ in ("sealed", "sight", "two", "trace", "erasing", "backups")
    ]
    return RegisterSection(
        "security",
        source.say("security"),
        source.say("security_lead"),
        tuple(lines),
        missing=source.say("security_missing"),
    )


def open_path(source: RegisterSource) -> RegisterSection:
    """What can be read in the database without a key, also after an erasure."""
    lines = [
        RegisterLine(id_, source.say(f"open_{id_}"), source.say(f"open_{id_}_text"))
        for id_ in ("steps", "work", "case", "consents", "after")
    ]
    for klass in CLASSES[1:]:
        steering = sorted(
            {
                label
                for label, field in source.questions.values()
                if field.routing and field.data_class == klass
            },
            key=str.lower,
        )
        if steering:
            text = source.say("open_steers", n=len(steering))
            lines.append(
                RegisterLine(
                    f"steers {klass}", source.words.data_class(klass), text, tuple(steering)
                )
            )
    return RegisterSection("open", source.say("open"), source.say("open_lead"), tuple(lines))
