"""The pages of auditors that are registered on the blueprint of the audit, for the application."""

from __future__ import annotations

from service.web.pages.auditors import (
    find,
    log_review,
    matter,
    printed,
    reads,
    streams,
    unmasking,
    verification,
)

MODULES = (find, matter, unmasking, log_review, reads, streams, printed, verification)
