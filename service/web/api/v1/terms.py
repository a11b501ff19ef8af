"""What a program may count on: limits, service level, whom to ask; by page and by document."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from service.operations.housekeeping import ONCE
from service.people.rate_limits import ACCOUNT_WRONG, WRITES
from service.sandbox.media_types import MIB
from service.settings import Settings
from service.text import say
from service.web.api.v1.operations import LIMIT, MOST
from service.web.body_sizes import FORM_BYTES

ADDRESS = re.compile(r"[^\s,;:<>()]+@[^\s,;:<>()]+")
LIMITS = ("writes", "bodies", "lists", "keys", "session", "passwords")
SERVICE = ("availability", "response_time", "support")


def limits(settings: Settings, lang: str) -> list[str]:
    """The limits of an installation, a sentence each."""
    figures = {
        "writes": WRITES,
        "json": FORM_BYTES // MIB,
        "file": settings.upload_max_mb,
        "usual": LIMIT,
        "most": MOST,
        "days": ONCE.days,
        "idle": settings.session_idle_minutes,
        "hours": settings.session_max_hours,
        "wrong": ACCOUNT_WRONG,
    }
    return [say(f"api.limit_{name}", lang, **figures) for name in LIMITS]


def service_level(settings: Settings, lang: str) -> dict[str, str]:
    """What is promised, a sentence each."""
    who = settings.host_name or say("api.host_unknown", lang)
    reached = settings.help_contact or f"{settings.base_url}/help"
    return {name: say(f"api.service_{name}", lang, who=who, contact=reached) for name in SERVICE}


def contact(settings: Settings) -> Mapping[str, str]:
    """Whom a programmer asks: those whom people ask for help."""
    found = ADDRESS.search(settings.help_contact) or ADDRESS.search(settings.mail_from)
    return {
        "name": settings.host_name or say("api.host_unknown", "en"),
        "url": f"{settings.base_url}/help",
        **({"email": found[0]} if found else {}),
    }


def information(settings: Settings, version: str) -> dict[str, Any]:
    """The `info` of the document."""
    level = service_level(settings, "en")
    return {
        "title": "Tresteg",
        "version": version,
        "description": "\n\n".join(say("api.about", lang) for lang in ("en", "sv")),
        "termsOfService": f"{settings.base_url}/api#terms",
        "contact": contact(settings),
        "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
        "x-limitations": limits(settings, "en"),
        "x-sla": {
            "availability": level["availability"],
            "responseTime": level["response_time"],
            "support": level["support"],
        },
    }
