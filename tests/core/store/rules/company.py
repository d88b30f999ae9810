"""A company of one account, everybody who may ask for its documents, and what they ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.clock import Clock
from core.crm.events import Event, EventSource, event_data
from core.model.documents import StaffProfile, to_data
from core.model.ids import (
    Jid,
    account_path,
    client_path,
    counter_path,
    event_path,
    extraction_path,
    history_path,
    make_thread_id,
    message_path,
    outbox_path,
    staff_path,
    thread_path,
)
from core.store.embedded import EmbeddedStore
from core.store.port import SERVER_TIMESTAMP, Query, Set, Store
from core.store.rules.guard import RulesGuard
from core.store.rules.ruleset import Auth, Ruleset

NOW = datetime(2026, 1, 19, 12, 30, tzinfo=UTC)
ACCOUNT = "WA-01"
PHONE = "+40712345678"
THREAD = make_thread_id(ACCOUNT, Jid.of_phone(PHONE))
KINDS = ("nobody", "stranger", "outsider", "insider", "admin", "former", "server")

_PROFILES = (
    StaffProfile(uid="outsider", allowed_account_ids=["WA-02"]),
    StaffProfile(uid="insider", allowed_account_ids=[ACCOUNT]),
    StaffProfile(uid="admin", role="admin"),
    StaffProfile(uid="former", role="admin", allowed_account_ids=[ACCOUNT], is_active=False),
    StaffProfile(uid="colleague"),
    StaffProfile(uid="server"),
)


def clock() -> datetime:
    return NOW


def event(event_id: str, uid: str, **fields: Any) -> dict[str, Any]:
    """Return a new event as the console writes it."""
    made = Event(
        event_id=event_id, phone_e164=PHONE, date="2026-02-10", created_by=uid, updated_by=uid,
        source=EventSource(thread_id=THREAD, account_id=ACCOUNT, client_request_id="r"),
    )  # fmt: skip
    stamps = {"createdAt": SERVER_TIMESTAMP, "updatedAt": SERVER_TIMESTAMP}
    return event_data(made) | stamps | fields


@dataclass(frozen=True)
class Case:
    """What is asked for: a document that is there, one to make, a query, a change."""

    path: str = ""
    query: Query | None = None
    new_path: str = ""
    new_data: Mapping[str, Any] = field(default_factory=dict)
    change: Mapping[str, Any] = field(default_factory=dict)

    @property
    def everything(self) -> Query:
        """The collection without a filter."""
        if self.path:
            return Query(self.path.rpartition("/")[0])
        assert self.query is not None
        return self.query


def cases(uid: str) -> dict[str, Case]:
    """Return what each row of the table is about, for one person."""
    fields = {"accountId": ACCOUNT}
    threads = Query("threads").where("accountId", "==", ACCOUNT)
    edit = {"notes": "mutat", "updatedBy": uid, "updatedAt": SERVER_TIMESTAMP}
    profile = to_data(StaffProfile(uid="new", email="new@example.com", display_name="Nou"))
    messages, presence = f"{thread_path(THREAD)}/messages", f"{thread_path(THREAD)}/presence"
    return {
        "accounts": Case(
            account_path(ACCOUNT), Query("accounts").where("accountId", "==", ACCOUNT),
            account_path("WA-09"), fields, {"qrCode": None},
        ),
        "threads": Case(
            thread_path(THREAD),
            threads.order_by("lastMessageAt", "desc").limit(100),
            thread_path(f"{ACCOUNT}__new@s.whatsapp.net"), fields, {"unreadCount": 0},
        ),
        "messages": Case(
            message_path(THREAD, "M1"), Query(messages).order_by("tsClient").limit(200),
            message_path(THREAD, "M2"), fields, {"body": "altceva"},
        ),
        "extractions": Case(
            extraction_path(THREAD, "M1"), Query(f"{thread_path(THREAD)}/extractions").limit(1),
            extraction_path(THREAD, "M2"), fields, {"status": "failed"},
        ),
        "presence": Case(
            f"{presence}/insider", Query(presence).where("expiresAt", ">", NOW),
            f"{presence}/{uid}", {"uid": uid}, {"state": "typing"},
        ),
        "outbox": Case(
            outbox_path("R1"), Query("outbox").where("status", "==", "queued"),
            outbox_path("R2"), fields | {"createdByUid": uid}, {"status": "cancelled"},
        ),
        "evenimente": Case(
            event_path("e1"), Query("evenimente").where("phoneE164", "==", PHONE),
            event_path("new"), event("new", uid), edit,
        ),
        "own event": Case(event_path(f"own-{uid}"), change=edit),
        "event history": Case(
            f"{history_path('e1')}/h1", Query(history_path("e1")).limit(10),
            f"{history_path('e1')}/h2", {"by": uid}, {"by": uid},
        ),
        "clients": Case(
            client_path(PHONE), Query("clients").where("eventsCount", "==", 1),
            client_path("+40700000000"), {"eventsCount": 0}, {"lifetimeSpendAll": 0},
        ),
        "staffProfiles": Case(
            staff_path("colleague"), Query("staffProfiles").where("isActive", "==", True),
            staff_path("new"), profile, {"allowedAccountIds": [ACCOUNT]},
        ),
        "own profile": Case(staff_path(uid), change={"displayName": "Eu"}),
        "counters": Case(
            counter_path("evenimente"), Query("counters").limit(1),
            counter_path("new"), {"value": 1}, {"value": 2},
        ),
        "ai_prompts": Case(
            "app_config/ai_prompts", None,
            "app_config/ai_prompts", {"answers": "Pe scurt."}, {"extraction": "Citește."},
        ),
        "app_config": Case(
            "app_config/other", Query("app_config").limit(1),
            "app_config/new", {"extraction": ""}, {"extraction": ""},
        ),
        "anything else": Case(
            "others/one", Query("others").where("accountId", "==", ACCOUNT),
            "others/two", fields, {"seen": 1},
        ),
        "all messages": Case(
            query=Query("messages", all_descendants=True).limit(5)
        ),
    }  # fmt: skip


def _documents() -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {
        account_path(ACCOUNT): {"accountId": ACCOUNT, "qrCode": "secret"},
        thread_path(THREAD): {"accountId": ACCOUNT, "lastMessageAt": NOW},
        message_path(THREAD, "M1"): {"accountId": ACCOUNT, "tsClient": NOW, "body": "Salut"},
        extraction_path(THREAD, "M1"): {"accountId": ACCOUNT, "status": "success"},
        f"{thread_path(THREAD)}/presence/insider": {"uid": "insider", "expiresAt": NOW},
        outbox_path("R1"): {"accountId": ACCOUNT, "status": "queued"},
        event_path("e1"): event("e1", "colleague"),
        f"{history_path('e1')}/h1": {"by": "colleague"},
        client_path(PHONE): {"phoneE164": PHONE, "eventsCount": 1},
        counter_path("evenimente"): {"value": 1},
        "app_config/ai_prompts": {"extraction": "…"},
        "app_config/other": {},
        "others/one": {"accountId": ACCOUNT},
    }
    found |= {staff_path(each.uid): to_data(each) for each in _PROFILES}
    found |= {event_path(f"own-{uid}"): event(f"own-{uid}", uid) for uid in KINDS}
    return found


async def settle(store: Store) -> None:
    """Write the company's documents."""
    await store.commit([Set(path, data) for path, data in _documents().items()])


def handle_of(file: Path, kind: str, *, now: Clock = clock) -> EmbeddedStore:
    """Return the handle of a kind of person, who is signed in under that name."""
    if kind == "server":
        return EmbeddedStore.open(file, clock=now)
    auth = None if kind == "nobody" else Auth(kind)
    return EmbeddedStore.open(file, clock=now, guard=RulesGuard(Ruleset.packaged(), auth, now))
