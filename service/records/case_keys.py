"""The keys of one case: its own, and one for each class of what each office wrote in it.

Its own key seals what the running of the case needs: the snapshot, routing values, inputs of calls,
unsent answers, reasons of acts, and keyed digests. Answers, documents, notes and consents are
records of the office that wrote them, and each class of them has a key. So the records of one
office, or one class of them, are erased by deleting rows of `vault_key`, and nobody else's are
touched. A case that begun before that has one key for everything. Source: decisions/0117.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from service.errors import CannotOpen
from service.security.records import WrappedKey
from service.security.vault import OwnerKey, Vault
from service.store.installation import keys

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


class CaseKeys:
    """The keys of one case, opened as they are asked for. Those that are not there are erased, or
    nothing was ever sealed with them.

    Args:
        stored: rows of `vault_key` of this case.
    """

    def __init__(self, vault: Vault, case_id: str, stored: Iterable[WrappedKey]) -> None:
        self.case_id = case_id
        self._vault = vault
        self._stored = {key.owner: key for key in stored}

    def newest(self, reader: Reader) -> CaseKeys:
        """The keys that are there now: what was read since may be sealed for a newer one."""
        return CaseKeys(self._vault, self.case_id, keys.of_case(reader, self.case_id))

    @property
    def own(self) -> OwnerKey | None:
        """The case's own key; None once it is erased.

        Raises:
            CannotOpen: its epoch is gone, or the row was changed.
        """
        stored = self._stored.get(own_name(self.case_id))
        return None if stored is None else self._vault.open_key(stored)

    @property
    def has_own(self) -> bool:
        """Whether the case's own key is there, whether it opens or not."""
        return own_name(self.case_id) in self._stored

    @property
    def is_whole(self) -> bool:
        """Whether the case's own key opens everything, as in a case that begun before offices had
        keys of their own.
        """
        stored = self._stored.get(own_name(self.case_id))
        return stored is not None and stored.klass == keys.WHOLE

    def require_own(self) -> OwnerKey:
        """The case's own key.

        Raises:
            CannotOpen: it is erased, its epoch is gone, or the row was changed.
        """
        found = self.own
        if found is None:
            raise CannotOpen(owner=own_name(self.case_id), table="vault_key", column="wrapped")
        return found

    def has(self, office: str, klass: str) -> bool:
        """Whether there is a key for what an office wrote of a class."""
        return self.is_whole or records_name(self.case_id, office, klass) in self._stored

    def of(self, office: str, klass: str) -> OwnerKey:
        """The key of what an office wrote of a class.

        Args:
            office: id of the office; "" for what no office wrote, such as a paper of a handler.
        Raises:
            CannotOpen: it is erased, its epoch is gone, or the row was changed.
        """
        if self.is_whole:
            return self.require_own()
        name = records_name(self.case_id, office, klass)
        stored = self._stored.get(name)
        if stored is None:
            raise CannotOpen(owner=name, table="vault_key", column="wrapped")
        return self._vault.open_key(stored)

    def offices_of(self, klass: str) -> list[str]:
        """The offices that have a key for what they wrote of a class."""
        return [str(key.office_id) for key in self._stored.values() if key.klass == klass]

    def for_writing(self, writer: Writer, office: str, klass: str) -> OwnerKey:
        """The same, made where there is none yet; the next entry of the case binds it.

        Raises:
            CannotOpen: the case is erased, so nothing is sealed for it any more.
        """
        self.require_own()
        if self.has(office, klass):
            return self.of(office, klass)
        name = records_name(self.case_id, office, klass)
        made = writer.changes.made_keys.get(name)
        if made is None:
            made = self._vault.new_key(name, case_id=self.case_id, office_id=office, klass=klass)
            keys.add(writer, made, stream=f"case/{self.case_id}")
        return self._vault.open_key(made)


def own_name(case_id: str) -> str:
    """The owner of a case's own key, as `vault_key` names it."""
    return f"case:{case_id}"


def records_name(case_id: str, office: str, klass: str) -> str:
    """The owner of the key of what an office wrote of a class, as `vault_key` names it."""
    return f"records:{case_id}:{office}:{klass}"


def is_found_by_its_owner(key: WrappedKey) -> bool:
    """Whether the columns by which a key is found say what its owner says."""
    if key.owner.startswith("case:"):
        of_all = (key.office_id, key.klass) in {("", ""), (None, keys.WHOLE)}
        return of_all and key.owner == own_name(str(key.case_id))
    if key.owner.startswith("records:"):
        return key.owner == records_name(str(key.case_id), str(key.office_id), str(key.klass))
    return (key.case_id, key.office_id, key.klass) == (None, None, None)
