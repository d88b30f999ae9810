"""History of any size, made from a few words and a seed, the same each time."""

import hashlib
from collections.abc import Iterator
from typing import Any

import msgspec

_OPENERS = (
    "Bună ziua! ", "Salut, ", "Mulțumim frumos! ", "Da, ", "Super 🎉 ", "Revin cu o întrebare: ",
    "Hello! ", "Perfect, ", "Scuze de întârziere, ", "",
)  # fmt: skip
_WISHES = (
    "mai aveți liber sâmbătă pe {day}?", "cât costă două ore cu Spiderman?",
    "vrem și vată pe băț la petrecere.", "petrecerea e pe {day}, de la {hour}:00.",
    "vor fi cam {many} copii.", "v-am trimis avansul de {price} lei.",
    "se poate Elsa în loc de Ana?", "vă aștept la ora {hour}:30.",
    "could you do face painting for {many} kids?", "rămâne {price} lei, da?",
)  # fmt: skip
_FIRST_NAMES = ("Ioana", "Andrei", "Maria", "Radu", "Elena", "Mihai", "Sofia", "Vlad", "Ana", "Dan")
_LAST_NAMES = ("Pop", "Ionescu", "Dinu", "Marin", "Stan", "Rusu", "Toma", "Lazăr", "Crăciun", "Ene")


class GeneratedHistory(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much history a phone has; everything in it follows from these numbers."""

    conversations: int
    messages: int
    """Per conversation."""
    seed: int = 1
    until: int = 1_767_225_600
    """Time of the newest message of the newest conversation, seconds since the epoch."""
    days: int = 180
    """Over how many days the newest messages of the conversations are spread."""
    chunk_messages: int = 500
    """About how many messages one chunk holds."""
    body_length: int = 0
    """Least length of a text; 0 leaves it as it comes."""

    def recipes(self) -> Iterator[dict[str, Any]]:
        """Yield the chunks: whole conversations, or for long ones slices, newest first."""
        spec = msgspec.to_builtins(self)
        at_once = max(1, self.chunk_messages // max(1, self.messages))
        step = min(self.messages, self.chunk_messages) or 1
        for first in range(0, self.conversations, at_once):
            end = min(first + at_once, self.conversations)
            for newest in range(0, self.messages or 1, step):
                yield {
                    "what": "generated", "spec": spec, "first": first, "end": end,
                    "newest": newest, "oldest": min(newest + step, self.messages),
                }  # fmt: skip

    def has(self, number: str) -> bool:
        """Whether a phone number is one of the generated customers'."""
        index = number.removeprefix("407")
        is_number = index.isascii() and index.isdigit() and len(index) == len(number) - 3 == 8
        return is_number and int(index) < self.conversations


def customer_number(index: int) -> str:
    """Return the made-up phone number of a generated customer."""
    return f"407{index:08d}"


def customer_name(index: int) -> str:
    """Return the made-up name of a generated customer."""
    last = _LAST_NAMES[index // len(_FIRST_NAMES) % len(_LAST_NAMES)]
    return f"{_FIRST_NAMES[index % len(_FIRST_NAMES)]} {last}"


def generated_conversation(
    data: Any, spec: GeneratedHistory, index: int, *, newest: int, oldest: int, owner_jid: str
) -> None:
    """Add messages `newest` up to `oldest` (0 is the newest) of one conversation to a chunk."""
    jid = f"{customer_number(index)}@s.whatsapp.net"
    name = customer_name(index)
    top = spec.until - index * spec.days * 86_400 // max(1, spec.conversations)
    conversation = data.conversations.add()
    conversation.ID = jid
    conversation.displayName = name
    conversation.conversationTimestamp = conversation.lastMsgTimestamp = top
    conversation.unreadCount = 1 if index % 7 == 0 else 0
    for position in range(newest, oldest):
        dice = hashlib.blake2b(
            f"{spec.seed}|{owner_jid}|{index}|{position}".encode(), digest_size=12
        ).digest()
        # The newest message of an unread conversation has to be the customer's.
        from_me = bool(dice[0] & 1) and not (position == 0 and index % 7 == 0)
        entry = conversation.messages.add()
        entry.msgOrderID = spec.messages - position
        info = entry.message
        info.key.remoteJID = jid
        info.key.fromMe = from_me
        info.key.ID = "3A" + dice[:9].hex().upper()
        info.messageTimestamp = top - position * 240 - dice[1] % 120
        info.message.conversation = _text(spec, dice)
        if from_me:
            info.status = 4
        else:
            info.pushName = name


def _text(spec: GeneratedHistory, dice: bytes) -> str:
    wish = _WISHES[dice[3] % len(_WISHES)].format(
        day=dice[4] % 28 + 1, hour=dice[5] % 9 + 10,
        many=dice[6] % 20 + 6, price=dice[7] % 9 * 50 + 200,
    )  # fmt: skip
    text = _OPENERS[dice[2] % len(_OPENERS)] + wish
    missing = spec.body_length - len(text)
    return text + " " + (wish + " ") * (missing // len(wish) + 1) if missing > 0 else text
