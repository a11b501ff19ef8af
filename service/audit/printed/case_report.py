"""The report of a case for print: what an auditor's replay of it shows, its diagrams, the promises,
what verification found, and how to check it without us.

Nothing is in it that the auditor's pages do not show her.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from service.access import Viewer
from service.audit import verify
from service.audit.case_replay import CaseReplay, load_case_replay, load_lines_alone
from service.audit.printed.plane_drawing import draw_plane
from service.audit.replay_view import process_title
from service.audit.verify import VerifyReport
from service.audit.violation_text import violation_text
from service.casework.casefile import read_log
from service.casework.casefile.diagram_state import DONE, DiagramState, element_states
from service.casework.history import promises
from service.engine import DrawnPlane, drawn_planes, in_language
from service.errors import RowRefused
from service.records.context import Services
from service.release.labels import element_name, localized_name
from service.release.prepared import PreparedRelease
from service.release.printed.report import PrintedReport, template
from service.security.checkpoint import parse
from service.store.installation import checkpoints
from service.store.transaction import Tx
from service.text import say

PAPER: Final = "case_report"
"""What the read log calls it."""
MOST: Final = 2000
"""Lines of history in one report; of a longer one the newest are printed."""
WIDE: Final = 1400
"""From this width on, in units of the file, a diagram is printed on A3."""
SOURCE: Final = Path(__file__).with_name("case_report.typ")


@cache
def _source() -> str:
    return template("page") + SOURCE.read_text("utf-8")


def compose_case_report(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime, *, by_name: str
) -> PrintedReport:
    """Put together the report of a case, in the reader's language.

    Args:
        by_name: the reader's name, as it stands on the report.
    Raises:
        NotFound: there is no such case.
    """
    try:
        replay = load_case_replay(tx, services, viewer, case_id, now)
    except RowRefused:  # which the report names
        replay = load_lines_alone(tx, services, viewer, case_id)
    verified = verify.verify_alone(tx, services, case_id, now=now)
    sheet = _Sheet(tx, services, replay, verified, now, by_name)
    return PrintedReport(_source(), sheet.data(), f"{replay.case.ref}.report.pdf")


def record_case_report(tx: Tx, *, by: Viewer, now: datetime, case_id: str, digest: str) -> None:
    """Record that the report of a case was printed, before it is sent.

    Args:
        digest: SHA-256 of the file.
    """
    read_log.record_read(
        tx,
        by=by,
        now=now,
        case_id=case_id,
        purpose="print",
        classes=("C0",),
        about={"paper": PAPER, "digest": digest},
    )


@dataclass(frozen=True)
class _Sheet:
    """What the report of one case prints."""

    tx: Tx
    services: Services
    replay: CaseReplay
    verified: VerifyReport
    now: datetime
    by_name: str

    def t(self, key: str, **facts: object) -> str:
        return say(f"case_report.{key}", self.replay.viewer.lang, **facts)

    def data(self) -> dict[str, Any]:
        """Everything that the template reads."""
        replay, case = self.replay, self.replay.case
        process = process_title(self.tx, self.services, replay)
        title = self.t("title", ref=case.ref)
        moment = replay.when(self.now)
        lines = len(replay.entries)
        return {
            "title": title,
            "lang": replay.viewer.lang,
            "over": process,
            "under": case.number,
            "foot": self.t("foot", ref=case.ref, who=self.by_name, when=moment),
            "lead": self.t("lead"),
            "about": self._about(moment),
            "verdict": self.t("broken") if self.verified.faults else self.t("whole", n=lines),
            "faults": self._faults(),
            "promises": list(self._promises()),
            "hidden": [self.t("hidden_lead"), self.t("hidden_not"), *replay.locked],
            "classes": list(self._classes()),
            "cut": self.t("cut", n=MOST, of=lines) if lines > MOST else "",
            "heads": [self.t(f"head_{head}") for head in ("line", "when", "what", "who")],
            "lines": [self._line(i) for i in range(max(0, lines - MOST), lines)],
            "offline": self._offline(),
            "planes": list(self._planes()),
            "words": {word: self.t(word) for word in WORDS},
        }

    def _about(self, moment: str) -> list[tuple[str, str]]:
        replay = self.replay
        ended = replay.case.status == "ended"
        used = list(dict.fromkeys(replay.release_name(rev) for rev in sorted(replay.history)))
        return [
            (self.t("case"), f"{replay.case.ref} · {replay.case.number}"),
            (self.t("began"), replay.when(replay.entries[0].at) if replay.entries else ""),
            (self.t("state"), self.t("ended" if ended else "open")),
            (self.t("releases"), ", ".join(used) or ", ".join(replay.missing)),
            (self.t("lines"), str(len(replay.entries))),
            (self.t("made_by"), self.by_name),
            (self.t("made_at"), moment),
        ]

    def _faults(self) -> list[dict[str, str]]:
        said = [violation_text(f, self.replay.viewer.lang) for f in self.verified.faults]
        return [{"text": one.text, "code": one.code} for one in dict.fromkeys(said)]

    def _promises(self) -> Iterator[dict[str, Any]]:
        """The promises of the release that the case is on, the broken ones first."""
        replay = self.replay
        known = dict(replay.promise(breach)[::-1] for breach in self.verified.breaches)
        for text, line in known.items():
            yield {"text": text, "broken": True, "state": self.t("promise_broken", n=line)}
        if (shown := replay.diagram) is None:
            return
        kept = shown.definition.promises
        for promise in kept:
            text = promises.promise_text(
                shown.release, shown.definition, promise, replay.viewer.lang
            )
            if text not in known:
                yield {"text": text, "broken": False, "state": ""}

    def _classes(self) -> Iterator[tuple[str, str]]:
        """What is hidden in this case: the class in words, and what was asked for in it."""
        asked: dict[str, list[str]] = {}
        for name, labels in self.replay.sealed_texts:
            known = asked.setdefault(name, [])
            known += [label for label in labels.split(" · ") if label and label not in known]
        yield from ((name, ", ".join(labels)) for name, labels in asked.items())

    # ---- the timeline

    def _line(self, i: int) -> dict[str, Any]:
        row, replay = self.replay.row(i), self.replay
        broken = replay.first_broken(self.verified.faults)
        return {
            "n": str(row["n"]),
            "when": row["when"],
            "text": row["text"],
            "by": row["by"],
            "kind": row["kind_name"],
            "release": replay.release_name(replay.fact_at(i)),
            "parts": [part for part in self._parts(row) if part[1]],
            "broken": say("event.broken_here", replay.viewer.lang) if row["n"] == broken else "",
        }

    def _parts(self, row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
        """What a line says besides its sentence, as (label, text)."""
        lang = self.replay.viewer.lang
        yield say("event.purpose", lang), row.get("purpose", "")
        yield say("event.reason", lang), row.get("reason", "")
        yield "", row.get("moved", "")
        for label, before, after in row.get("facts", ()):
            yield label, after if before in ("", after) else f"{before} → {after or '–'}"
        yield say("audit.values", lang), row.get("gone", "")
        places = [self.replay.sealed_texts[place][0] for place in row.get("sealed", ())]
        yield self.t("hidden_here"), ", ".join(dict.fromkeys(places))
        for rule in row.get("rules", ()):
            yield self.t("rule"), self._rule(rule)
        yield say("audit.led_to", lang), "; ".join(row.get("caused", ()))
        yield self.t("hash_short"), row["hash"][:SHORT]

    def _rule(self, rule: Mapping[str, Any]) -> str:
        """A rule that answered: its name, what it gave, and which row or why that is hidden."""
        lang = self.replay.viewer.lang
        name = rule["step"] or self.replay.rules.tables[rule["table"]].name
        gave = ", ".join(f"{label}: {text}" for label, text in rule["result"])
        row = ", ".join(map(str, rule["rows"]))
        said = say("event.rule_rows", lang, rows=row) if row else ""
        if rule["hidden"]:
            said = f"{say('event.hidden_row', lang)} {rule['hidden']}"
        return ". ".join(part.rstrip(".") for part in (name, gave, said) if part)

    # ---- how to check it, and the diagrams

    def _offline(self) -> dict[str, Any]:
        entries, ref = self.replay.entries, self.replay.case.ref
        hashes: list[tuple[str, str]] = []
        fact = next((entry for entry in reversed(entries) if entry.rev), None)
        if fact is not None:
            hashes.append((self.t("hash_fact", n=fact.n), fact.hash))
        if entries and entries[-1] is not fact:
            hashes.append((self.t("hash_line", n=entries[-1].n), entries[-1].hash))
        kept = checkpoints.newest(self.tx)
        if kept is not None:
            hashes.append((self.t("hash_head", n=kept.size), parse(kept.note).root.hex()))
        steps = [self.t(f"step_{n}", ref=ref) for n in (1, 2, 3, 4)]
        return {"lead": [self.t("offline_lead")], "steps": steps, "hashes": hashes}

    def _planes(self) -> Iterator[dict[str, Any]]:
        """The planes that the case has been on, the main one first."""
        shown = self.replay.diagram
        if shown is None:
            return
        lang, states = self.replay.viewer.lang, element_states(shown, shown.newest)
        times = dict(shown.marks[shown.newest].done)
        for n, plane in enumerate(_planes(shown, lang)):
            there = [shape.id for shape in plane.shapes if shape.id in states]
            if n and not there:
                continue
            drawing = draw_plane(plane, states, times)
            title = self.t("diagram", name=plane.name, release=f"v{shown.release.number}")
            yield {
                "title": title,
                "svg": drawing.svg,
                "wide": drawing.width > WIDE,
                "alt": self._alt(shown, title, there, states),
            }

    def _alt(
        self, shown: DiagramState, title: str, there: Sequence[str], states: Mapping[str, str]
    ) -> str:
        """What a drawing shows, for who hears it: what is done, and what goes on."""
        lang, elements = self.replay.viewer.lang, shown.definition.elements
        named = [(id_, element_name(elements[id_], lang)) for id_ in there if id_ in elements]
        named = [(id_, name) for id_, name in named if elements[id_].names]
        done = ", ".join(name for id_, name in named if states[id_] == DONE)
        now = ", ".join(name for id_, name in named if states[id_] != DONE)
        return f"{title}. {self.t('alt', done=done or '–', now=now or '–')}"


SHORT: Final = 16
"""Characters of a hash in the timeline; in full stand those by which the report is checked."""
WORDS: Final = (
    "page",
    "verified",
    "promises",
    "no_promises",
    "hidden",
    "timeline",
    "offline",
    "legend",
)


def _planes(shown: DiagramState, lang: str) -> Iterator[DrawnPlane]:
    """The planes of the release that the case is on, with names in a language."""
    release, process = shown.release, shown.definition.process
    lanes = _lane_names(release, lang)
    processes = dict.fromkeys([process, *(e.process for e in shown.definition.elements.values())])
    for file in dict.fromkeys(release.drawn_in[p] for p in processes):
        content = release.bundle.files[f"workflows/{file}"]
        yield from drawn_planes(in_language(content, lang, lanes))


def _lane_names(release: PreparedRelease, lang: str) -> dict[str, str]:
    """Drawn name of a lane to its name in a language."""
    names = [role.names for role in release.roles.values()]
    return {localized_name(one, "sv"): localized_name(one, lang) for one in names}
