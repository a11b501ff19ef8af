"""A case with something sealed in every table of cases, and its erasure."""

from __future__ import annotations

from collections.abc import Collection

from service.access import CLASSES
from service.casework.casefile import documents as case_documents
from service.casework.casefile import notes
from service.casework.cases import consents
from service.casework.retention.erasure import ErasureOrder, erase, erase_path, path_order
from service.casework.tasks import unsent_answers
from service.store.casefile import erasing
from service.store.casefile.retention_acts import RetentionAct
from service.store.read_models import whole_rows
from service.store.tables import metadata
from tests.support import small
from tests.support.directory import OFFICE
from tests.support.world import SEED, World

TWO = small.one(small.person("a", "ask") + small.person("b", "ask"), "s>a a>b b>e")


def fill_case(desk: World, mark: str = "") -> str:
    """An ended case with something sealed in every table of cases.

    Args:
        mark: written into all of it.
    """
    case_id = desk.start().case_id
    marked = {name: [texts[0] + mark] for name, texts in small.ANSWERS.items() if name != "answer"}
    answers = {**small.ANSWERS, **marked}
    desk.do(case_id, "a", answers)
    desk.do(case_id, "b", answers)
    services, who, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction() as tx:
        of_case = services.case_keys(tx, case_id)
        consents.give(
            tx,
            services.programme.configuration,
            key=of_case.for_writing(tx, who.office, consents.WORDS),
            case_id=case_id,
            given={"REFER": {"givenBy": "SELF", "language": f"bg{mark}"}},
            by=who.person,
            rev=2,
            now=now,
        )
        notes.write(tx, services, by=who, case_id=case_id, text=f"Ring hem{mark}", now=now)
        clean = case_documents.CheckedFile(f"intyg{mark}.pdf", "pdf", b"%PDF" + mark.encode())
        case_documents.attach(
            *(tx, services),
            by=who,
            case_id=case_id,
            task_key="",
            field="note",
            klass="C2",
            clean=clean,
            now=now,
        )
        unsent_answers.save_unsent(
            *(tx, services),
            by=who,
            key=f"later-{case_id}",
            case_id=case_id,
            raw={"note": [f"halvskrivet{mark}"]},
            base={},
            rev=0,
            now=now,
        )
    return case_id


def erased(desk: World, case: str, classes: Collection[str] = CLASSES) -> RetentionAct:
    """Erase what its office wrote in it."""
    with desk.database.transaction() as tx:
        release = desk.program.services.current(tx).id
        order = ErasureOrder(case, OFFICE, classes, "R6", release)
        return erase(tx, desk.program.services, order, by=SEED, now=desk.clock.now())


def sealed_values(desk: World) -> dict[str, int]:
    """Table and column of everything sealed of cases to the number of its values."""
    found: dict[str, int] = {}
    with desk.database.transaction(write=False) as tx:
        for table in metadata.sorted_tables:
            sealed = [c.name for c in table.c if c.info["class"] in ("C0", "C1", "C2", "C3")]
            sealed = [name for name in sealed if (table.name, name) in erasing.HOW]
            for row in whole_rows.stored(tx, table.name) if sealed else ():
                for name in sealed:
                    place = f"{table.name}.{name}"
                    found[place] = found.get(place, 0) + bool(row[name])
    return {place: n for place, n in found.items() if n}


def end_path(desk: World, case: str) -> RetentionAct:
    """Erase its path, of which nothing else is left."""
    with desk.database.transaction() as tx:
        order = path_order(case, "PATH", desk.program.services.current(tx).id)
        return erase_path(tx, desk.program.services, order, by=SEED, now=desk.clock.now())
