"""Choices for the sender of a referral: receivers, purposes, consents, packet rows."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReferralChoice:
    """The sender's choices so far; empty where nothing was chosen.

    `fields` is None until the proposed packet was shown.
    """

    office: str = ""
    purpose: str = ""
    fields: frozenset[str] | None = None
    days: int | None = None


@dataclass(frozen=True, slots=True)
class ReceiverOption:
    """An office of the directory: the roles in which it can get the case, or why it cannot."""

    id: str
    name: str
    roles: tuple[str, ...]
    why_not: str


@dataclass(frozen=True, slots=True)
class ConsentStep:
    """A step in which a consent is given, and its task if that waits for the viewer."""

    step: str
    role: str
    task: str


@dataclass(frozen=True, slots=True)
class PurposeOption:
    """A purpose that fits sender and receiver, and its legal basis."""

    id: str
    label: str
    ground: str
    consents: tuple[str, ...]
    missing: tuple[str, ...]
    waiting: str
    """Id of a referral to that office for the same purpose which still waits."""


@dataclass(frozen=True, slots=True)
class PacketRow:
    """One answer that may be sent along."""

    key: str
    label: str
    text: str
    ticked: bool
    proposed: bool
