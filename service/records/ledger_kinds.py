"""Kinds of ledger entries, and the keys that the body of each may have.

Both are hashed into the chain and kept for ever. An entry of another kind, or with another key, is
refused, so that a new one is added here first.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

_FACT: Final = frozenset({"rev", "reason"})
_TASK: Final = frozenset({"task", "element"})
_REFERRAL: Final = frozenset({"referral", "to"})
_LOOK: Final = frozenset(
    {
        "purpose",
        "classes",
        "task",
        "document",
        "referral",
        "step",
        "tab",
        "message",
        "matter",
        "unmasking",
        "glass",
    }
)
_APPROVAL: Final = frozenset({"approval", "what", "classes"})
_PLAN: Final = frozenset({"plan", "release"})
_NONE: Final[frozenset[str]] = frozenset()

KINDS: Final[Mapping[str, frozenset[str]]] = {
    # what moved a case: one entry for each fact
    "start": _FACT,
    "complete": _FACT,
    "answer": _FACT,
    "fail": _FACT,
    "due": _FACT,
    "message": _FACT,
    "move": _FACT,
    "restore": _FACT,
    "correction": _FACT,
    # tasks change hands
    "claim": _TASK,
    "take_over": _TASK | {"from", "why", "until"},
    "put_back": _TASK | {"why"},
    "claim_ended": _TASK,
    "hand_over": _TASK | {"to"},
    "follow_up": _TASK | {"until"},
    "follow_up_ended": _TASK,
    "officer": frozenset({"from", "to"}),
    "consent_withdrawn": frozenset({"purpose"}),
    # documents, notes and columns of a case
    "attach": frozenset({"document"}),
    "detach": frozenset({"document", "why", "word"}),
    "paper_made": frozenset({"document", "paper", "purpose"}),
    "paper_signed": frozenset({"document", "signs"}),
    "note": frozenset({"note"}),
    "marking": frozenset({"from", "to", "why", "word"}),
    "named": frozenset({"to", "how", "word"}),
    "unnamed": frozenset({"to", "word"}),
    "continues": frozenset({"word"}),
    "continued": frozenset({"word"}),
    "words_given": _NONE,
    "words_ended": _NONE,
    "barred": frozenset({"about", "person", "role"}),
    "left_case": frozenset({"about", "person"}),
    "hold_set": frozenset({"hold", "to", "until"}),
    "hold_lengthened": frozenset({"hold", "to", "until", "approval"}),
    "hold_ended": frozenset({"hold", "to"}),
    "retention_asked": frozenset({"act", "to", "does", "classes", "rule", "plan", "process"}),
    "retention_answered": frozenset({"act", "to", "does", "outcome", "word"}),
    "erased": frozenset({"act", "to", "classes", "rule", "plan", "approval", "facts", "again"}),
    "request_asked": frozenset({"request", "to", "what", "process"}),
    "request_identity": frozenset({"request", "to", "what", "how"}),
    "request_longer": frozenset({"request", "to", "what", "word"}),
    "request_read": frozenset({"request", "to", "what", "parts", "struck"}),
    "request_answered": frozenset({"request", "to", "what", "outcome"}),
    "request_given": frozenset({"request", "to", "what", "how"}),
    "duty_given": frozenset({"to", "word"}),
    "duty_wrong": frozenset({"to", "entry", "word"}),
    "document_disclosed": frozenset({"request", "to", "classes", "parts", "struck"}),
    "records_locked": frozenset({"act", "to", "classes", "rule", "plan"}),
    "case_packaged": frozenset(
        {"to", "package", "classes", "rule", "documents", "files", "digest"}
    ),
    "erasure_confirmed": frozenset({"act", "to", "files"}),
    "letter_made": frozenset({"letters", "template"}),
    "letter_sent": frozenset({"letter", "template", "to"}),
    "letter_held": frozenset({"letter", "template", "to"}),
    "letter_picked": frozenset({"letter", "template", "to"}),
    "letter_gathered": frozenset({"letter", "template", "to"}),
    # referrals
    "grant": _REFERRAL | {"ground", "consents"},
    "refer_sent": _REFERRAL | {"purpose", "fields", "packet", "ground", "consents"},
    "refer_opened": _REFERRAL,
    "refer_accepted": _REFERRAL | {"answer"},
    "refer_refused": _REFERRAL | {"answer", "note"},
    "refer_asked": _REFERRAL | {"note"},
    "refer_told": _REFERRAL | {"note"},
    "refer_done": _REFERRAL,
    "refer_revoked": _REFERRAL,
    "refer_lapsed": _REFERRAL,
    "refer_noted": _REFERRAL,
    # who looked
    "read": _LOOK,
    "print": _LOOK | {"paper", "reason", "digest"},
    "lookup": _LOOK | {"reason", "word", "marking"},
    "reveal": frozenset({"purpose", "classes", "group", "reason", "word", "marking", "unmasking"}),
    "protected_read": frozenset({"purpose", "to"}),
    "search": frozenset({"purpose", "by", "word", "hits"}),
    # what an auditor asked over all cases, and for which matter
    "audit_matter": frozenset({"word"}),
    "audit_search": frozenset({"purpose", "by", "hits", "matter"}),
    # the monthly log review: what it lists, how each look is judged, each step of its process
    "log_review_begun": frozenset(
        {"month", "process", "digest", "limits", "looks", "left_out", "offices"}
    ),
    "log_review_look": frozenset(
        {"look", "person", "of", "case", "why", "first", "last", "times", "cases"}
    ),
    "log_review_judged": frozenset({"look", "verdict", "word"}),
    "log_review_asked": frozenset({"look", "person", "word"}),
    "log_review_answered": frozenset({"look", "word"}),
    "log_review_closed": frozenset({"look"}),
    "log_review_signed": frozenset({"element", "own", "follow"}),
    "log_review_letter": frozenset({"element", "to", "late"}),
    # what an auditor verified and handed out
    "export": frozenset({"what", "scope", "digest", "word", "items", "options"}),
    "verify_begun": frozenset({"batch", "cases"}),
    "verified": frozenset({"lines", "faults", "cases", "batch", "state"}),
    # what a second person approves
    "approval_asked": _APPROVAL | {"digest", "until"},
    "approval_given": _APPROVAL | {"digest", "until"},
    "approval_refused": _APPROVAL | {"digest", "word"},
    "approval_used": _APPROVAL | {"digest"},
    "approval_expired": _APPROVAL,
    "approval_ended": _APPROVAL,
    "glass_reviewed": frozenset({"approval", "word"}),
    # who tried to break the glass over a case that there is not, or none for her
    "glass_tried": frozenset({"word"}),
    "glass_told": frozenset({"entry", "to"}),
    # what stopped, and what an operator did
    "incident": frozenset({"incident", "element", "what"}),
    "incident_retry": frozenset({"incident", "element"}),
    "part_failing": frozenset({"incident", "element"}),
    "part_over": frozenset({"incident", "element", "what"}),
    "snapshot_rebuilt": frozenset({"number", "state"}),
    "clock_jumped": frozenset({"seconds"}),
    "clock_confirmed": _NONE,
    "backup_made": frozenset({"sha256", "size", "copied"}),
    "keys_epoch_added": frozenset({"epoch"}),
    "keys_rotation_begun": frozenset({"epoch"}),
    "keys_rotated": frozenset({"epoch"}),
    "keys_retired": frozenset({"epoch"}),
    "entries_removed": frozenset({"of", "removed", "reason"}),
    "restored": frozenset({"copied", "found", "sessions", "number"}),
    "erased_again": frozenset({"acts", "failed", "untrusted"}),
    "restore_gap": frozenset({"missing"}),
    "restore_confirmed": frozenset({"copied", "missing", "letters", "held_back", "number", "who"}),
    # what anybody asks an office for: its stream never tells of a case
    "document_asked": frozenset({"request", "to"}),
    "document_decided": frozenset({"request", "to", "outcome"}),
    "document_given": frozenset({"request", "to", "how"}),
    "document_words_ended": frozenset({"request", "to"}),
    # offices and people
    "office_added": frozenset({"about"}),
    "office_address": frozenset({"about"}),
    "office_contact": frozenset({"about"}),
    "country_state": frozenset({"country", "from", "to"}),
    "configuration_noted": frozenset({"values", "number", "reason"}),
    "person_added": frozenset({"person", "roles"}),
    "person_closed": frozenset({"person"}),
    "program_added": frozenset({"person", "roles", "operations", "until"}),
    "program_ended": frozenset({"person"}),
    "role_given": frozenset({"person", "role"}),
    "role_taken": frozenset({"person", "role"}),
    "way_added": frozenset({"person", "way"}),
    "way_ended": frozenset({"person", "way"}),
    "way_renamed": frozenset({"person", "way"}),
    "passkey_counter_back": frozenset({"person"}),
    "proof_given": frozenset({"way"}),
    "invitation_made": frozenset({"person", "until"}),
    "invitation_mailed": frozenset({"person"}),
    "second_factor_grace": frozenset(),
    "password_set": frozenset({"person"}),
    "absence_set": frozenset({"person", "deputy", "from", "until"}),
    "absence_ended": frozenset({"person"}),
    "letters_chosen": frozenset({"person", "letters"}),
    "sessions_ended": frozenset({"person", "number"}),
    "sign_in": frozenset({"until", "way"}),
    "sign_out": _NONE,
    "sign_in_failed": frozenset({"account", "network"}),
    "sign_in_alarm": frozenset({"wrong"}),
    "provider_unknown": frozenset({"provider", "account"}),
    # releases
    "published": frozenset({"release", "number", "seen", "dossier"}),
    "draft_open": frozenset({"draft", "base"}),
    "draft_saved": frozenset({"draft", "file"}),
    "draft_discard": frozenset({"draft"}),
    "draft_reopen": frozenset({"draft"}),
    "release_current": frozenset({"release", "was", "approval"}),
    "dry_run_begun": frozenset({"batch", "draft", "rev", "release", "cases"}),
    "dry_run_ended": frozenset({"batch", "draft", "rev", "release", "state", "numbers"}),
    # the programme report
    "report_begun": frozenset({"batch", "first", "last", "cases"}),
    "report": frozenset({"batch", "first", "last", "version", "result", "tables"}),
    "report_exported": frozenset({"first", "last", "of", "format"}),
    # open cases go on with another release
    "migration_planned": _PLAN | {"was"},
    "migration_started": _PLAN | {"approval"},
    "migration_undone": _PLAN,
    "migration_ended": _PLAN | {"what", "state", "number", "left"},
}
"""Kind to the keys of its body."""
ROWS: Final = "rows"
"""Key that any entry may have besides: the MACs of rows that changed with it, which the store puts
in as the transaction ends."""


def check(kind: str, keys: Collection[str]) -> None:
    """Refuse an entry of no known form.

    Raises:
        ValueError: there is no such kind, or a key that it does not have.
    """
    if kind not in KINDS:
        raise ValueError(f"the ledger has no lines of kind {kind}")
    if wrong := set(keys) - KINDS[kind] - {ROWS}:
        raise ValueError(f"a line of kind {kind} has no {', '.join(sorted(wrong))}")


OF_CASE: Final = "the key of the case"
OF_PERSON: Final = "the key of who wrote them"
WORDS: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            *("detach", "marking", "named", "unnamed", "continues", "continued", "lookup"),
            *("reveal", "approval_refused", "glass_reviewed"),
        ),
        OF_CASE,
    ),
    **dict.fromkeys(
        ("log_review_judged", "log_review_asked", "log_review_answered"),
        f"{OF_CASE}; {OF_PERSON} where they are about a day, or about a case that was erased",
    ),
    "retention_answered": "the key of the records that it is about; the key of the office where "
    "nothing of them is left",
    "export": f"{OF_CASE} in its read log; {OF_PERSON} where they are about many cases",
    "request_longer": "the key of the office that was asked",
    **dict.fromkeys(
        ("duty_given", "duty_wrong"), "the key of the free text that the office wrote in the case"
    ),
    "search": f"{OF_PERSON}: a name or number of a case, or two words",
    "glass_tried": f"{OF_PERSON}: the name or number of a case, and why",
    "audit_matter": f"{OF_PERSON}: for which matter an auditor looks",
}
"""Kind of an entry whose body bears words that a person gave (`seal_reason`), to the key for which
they are sealed. Those of a case end with the first erasure in it (decisions/0122)."""
