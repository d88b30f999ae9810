"""What lies in the store of a firm: its account, its conversations, their messages."""

from datetime import timedelta
from typing import Any

from core.model.documents import Account, to_data
from core.model.ids import Jid, account_path, make_thread_id, message_path, thread_path
from core.store.port import Create, Set
from tests.support.neonize_events import OWN_PHONE, past
from tests.support.virtual_time import START

ACCOUNT = "WA-01"


def past_messages(number: int, count: int) -> list[Any]:
    """Return messages of a conversation, every other one ours, the newest first as phones do."""
    begin = round(START.timestamp()) - 1_000_000
    return [
        past(f"H{number}-{place}", f"nr {place}", at=begin + 60 * place,
             chat=jid_of(number), from_me=place % 2 > 0)
        for place in reversed(range(count))
    ]  # fmt: skip


def jid_of(number: int) -> str:
    """Return a customer's address."""
    return f"40{700_000_000 + number}@s.whatsapp.net"


def thread_of(number: int, account_id: str = ACCOUNT) -> str:
    """Return a customer's thread."""
    return make_thread_id(account_id, Jid.parse(jid_of(number)))


def a_thread(number: int, *, unread: int = 0, account_id: str = ACCOUNT) -> Create:
    """Return a conversation as the bridge would have written it."""
    moment = START - timedelta(minutes=number + 1)
    phone = Jid.parse(jid_of(number)).phone_e164
    return Create(
        thread_path(thread_of(number, account_id)),
        {
            "threadId": thread_of(number, account_id), "accountId": account_id,
            "clientJid": jid_of(number), "lidJid": None, "phoneE164": phone,
            "displayName": f"Client {number}", "nameSource": "contact", "isGroup": False,
            "lastMessageText": "Bună", "lastMessageAt": moment, "lastMessageId": "M0",
            "lastMessageDirection": "inbound", "lastMessageStatus": None, "unreadCount": unread,
            "lastInboundAt": moment, "ownerUid": None, "coWriterUids": [], "labels": [],
            "isArchived": False, "createdAt": moment, "updatedAt": moment,
        },
    )  # fmt: skip


def a_message(number: int, place: int, text: str = "Bună") -> Create:
    """Return one of a conversation's messages, 0 being the newest."""
    moment = START - timedelta(minutes=number + 1 + place)
    return Create(
        message_path(thread_of(number), f"M{place}"),
        {
            "messageId": f"M{place}", "waMessageId": f"M{place}", "accountId": ACCOUNT,
            "clientJid": jid_of(number), "senderJid": jid_of(number), "direction": "inbound",
            "type": "text", "body": text, "tsClient": moment, "createdAt": moment, "isLive": True,
        },
    )  # fmt: skip


def an_account(account_id: str = ACCOUNT) -> Set:
    """Return a paired account."""
    return Set(
        account_path(account_id),
        to_data(
            Account(
                account_id=account_id, name=account_id, status="connected", jid=OWN_PHONE,
                phone_e164="+40711111111", created_at=START, updated_at=START,
            )
        ),
    )  # fmt: skip
