"""Where an imported chat goes: the account and the thread."""

from dataclasses import dataclass

from bridge.chat_import.errors import ImportRefused, ImportUnclear
from bridge.chat_import.people import People
from core.clock import Clock
from core.i18n import _
from core.model.documents import Account, AccountError, Thread, to_data
from core.model.ids import (
    ACCOUNTS,
    THREADS,
    Jid,
    account_path,
    make_thread_id,
    thread_path,
)
from core.paths import DataFolder
from core.store.errors import AlreadyExists
from core.store.port import SERVER_TIMESTAMP, Create, Document, Query, Store, Transaction, Update

_LONGEST_CHAIN = 5
"""Merges of merges of threads that are followed."""


@dataclass(frozen=True, slots=True)
class Target:
    """The thread that messages are added to."""

    account_id: str
    thread_id: str
    jid: Jid
    exists: bool
    is_made_up: bool = False
    """Whether the address is no true one: a group that the account has not met yet."""


async def find_account(
    store: Store,
    folder: DataFolder,
    account_id: str,
    new_name: str,
    clock: Clock,
    *,
    dry_run: bool = False,
) -> str:
    """Return the id of the account to import into, made when `new_name` asks for it.

    Raises ImportRefused when it does not exist, ImportUnclear when it is open which one is meant.
    """
    if not account_id:
        if new_name:
            raise ImportUnclear(
                _("A new account needs an id."), hint=_("Say it by --account, such as WA-01.")
            )
        accounts = await store.query(Query(ACCOUNTS).limit(20))
        if len(accounts) == 1:
            return accounts[0].id
        raise ImportUnclear(
            _("It is open which account the chat belongs to."),
            hint=_("Say it by --account: {ids}.").format(
                ids=", ".join(each.id for each in accounts) or _("there is none yet")
            ),
        )
    folder.account(account_id)  # refuses ids that are no file names
    if await store.get(account_path(account_id)) is not None:
        return account_id
    if not new_name:
        raise ImportRefused(
            _("There is no account {id!r}.").format(id=account_id),
            hint=_("Choose one that exists, or make it with --create-account NAME."),
        )
    if not dry_run:
        await _create_account(store, account_id, new_name, clock)
    return account_id


async def _create_account(store: Store, account_id: str, name: str, clock: Clock) -> None:
    account = Account(
        account_id=account_id,
        name=name,
        status="disconnected",
        last_error=AccountError(code="stopped", at=clock()),
    )
    stamps = {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
    try:
        await store.commit([Create(account_path(account_id), {**to_data(account), **stamps})])
    except AlreadyExists:
        return  # somebody made it meanwhile, which is as good


async def find_target(store: Store, account_id: str, people: People) -> Target:
    """Return the thread of the customer or group with the account, whether or not it exists."""
    if people.phone_e164 is not None:
        return await _personal(store, account_id, Jid.of_phone(people.phone_e164))
    made_up = Jid.of_exported_group(account_id, people.name)
    groups = await store.query(
        Query(THREADS).where("accountId", "==", account_id).where("displayName", "==", people.name)
    )
    groups = [each for each in groups if each.data.get("isGroup")]
    groups.sort(key=lambda each: str(each.data.get("clientJid")) == str(made_up))
    if len(groups) > 1 and str(groups[1].data.get("clientJid")) != str(made_up):
        raise ImportUnclear(
            _("The account has several groups called {name!r}.").format(name=people.name),
            hint=_("Rename one of them on the phone, then import again."),
        )
    found = await _followed(store, groups[0]) if groups else None
    if found is None:
        return Target(account_id, make_thread_id(account_id, made_up), made_up, False, True)
    jid = Jid.parse(str(found.data["clientJid"]))
    return Target(account_id, found.id, jid, True, jid == made_up)


async def _personal(store: Store, account_id: str, jid: Jid) -> Target:
    thread_id = make_thread_id(account_id, jid)
    found = await store.get(thread_path(thread_id))
    if found is None:
        # Seen first under a hidden identity, the customer has a thread of another id.
        others = await store.query(
            Query(THREADS)
            .where("accountId", "==", account_id)
            .where("phoneE164", "==", jid.phone_e164)
            .limit(1)
        )
        found = others[0] if others else None
    found = await _followed(store, found)
    if found is None:
        return Target(account_id, thread_id, jid, False)
    return Target(account_id, found.id, Jid.parse(str(found.data["clientJid"])), True)


async def _followed(store: Store, thread: Document | None) -> Document | None:
    """Return the thread at the end of a chain of merges."""
    for _step in range(_LONGEST_CHAIN):
        if thread is None or not thread.data.get("mergedInto"):
            break
        thread = await store.get(thread_path(str(thread.data["mergedInto"])))
    return thread


async def prepare_thread(store: Store, target: Target, people: People) -> None:
    """Make the thread if it is not there, and give it a name if it has none."""

    async def body(transaction: Transaction) -> None:
        path = thread_path(target.thread_id)
        document = await transaction.get(path)
        if document is None:
            transaction.write(Create(path, _new_thread(target, people)))
            return
        called = document.data.get("displayName")
        is_named = called and called != document.data.get("phoneE164")
        if not is_named and not document.data.get("nameSource") and people.name != called:
            names = {"displayName": people.name, "nameSource": _name_source(people)}
            transaction.write(Update(path, {**names, "updatedAt": SERVER_TIMESTAMP}))

    await store.transact(body)


def _new_thread(target: Target, people: People) -> dict[str, object]:
    thread = Thread(
        thread_id=target.thread_id,
        account_id=target.account_id,
        client_jid=str(target.jid),
        phone_e164=people.phone_e164,
        display_name=people.name,
        is_group=people.is_group,
    )
    source = {"nameSource": _name_source(people)}
    stamps = {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
    return {**to_data(thread), **source, **stamps}


def _name_source(people: People) -> str:
    """Return where the name is from, as the ingest ranks it: exports print the phone's contacts."""
    if people.is_group:
        return "group"
    return "" if people.name == people.phone_e164 else "contact"
