"""The providers that a page shows: to sign in at, and to link to one's account."""

from __future__ import annotations

from collections.abc import Iterable
from types import SimpleNamespace

from service.store.installation.credentials import PROVIDER, Credential
from service.web.request_context import current


def sign_in_choices() -> list[tuple[str, str]]:
    """Id and name of each provider."""
    context = current()
    found = context.program.providers
    return [(id_, one.provider.name(context.lang)) for id_, one in found.items()]


def provider_name(id_: str) -> str:
    """What a provider is called; its id where the settings name it no longer."""
    return dict(sign_in_choices()).get(id_, id_)


def linked_choices(ways: Iterable[Credential]) -> list[tuple[str, str]]:
    """Id and name of each provider at which a person with these ways to sign in is known."""
    linked = {one.about["provider"] for one in ways if one.kind == PROVIDER}
    return [(id_, name) for id_, name in sign_in_choices() if id_ in linked]


def own_links(ways: Iterable[Credential]) -> list[SimpleNamespace]:
    """The links of the viewer among her ways to sign in, and the provider of her office where she
    has none there.
    """
    context = current()
    found = [
        SimpleNamespace(
            id=one.about["provider"],
            name=provider_name(one.about["provider"]),
            made_at=one.made_at,
        )
        for one in ways
        if one.kind == PROVIDER
    ]
    linked = {one.id for one in found}
    free = [
        SimpleNamespace(id=id_, name=provider_name(id_), made_at=None)
        for id_, client in context.program.providers.items()
        if client.provider.office == context.viewer.office and id_ not in linked
    ]
    return found + free
