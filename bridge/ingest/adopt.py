"""How imported messages and WhatsApp's telling of them become one. Pure.

Which message is which is decided by the import's own rules, and what it then says is the same as if
the import had come later.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from bridge.chat_import.matching import (
    EXPORT_PRECISION,
    EXPORT_TEXT,
    Known,
    Matcher,
    is_from_export,
    printed_from,
    slot,
)
from bridge.chat_import.placing import Placer
from bridge.ingest.messages import Doc
from core.model.ids import GROUP_SERVER
from core.store.port import Document


def pair(around: Iterable[Document], told_of: Sequence[tuple[Known, bool]]) -> dict[str, str]:
    """Return by the id of a message that is told the id of the imported one that it is.

    `told_of` are messages, and whether each is of a history.
    """
    waiting: defaultdict[int, list[Document]] = defaultdict(list)
    for document in around:
        if is_from_export(document.data):
            waiting[document.data[EXPORT_PRECISION]].append(document)
    found: dict[str, str] = {}
    for seconds, documents in sorted(waiting.items()):
        matcher = Matcher(timedelta(seconds=seconds), found.values())
        for is_history in (True, False):
            left = [each for each in documents if each.id not in found]
            told_so = [each for each, was_history in told_of if was_history == is_history]
            # Live messages are newer than an export: what differs there is another message.
            matches = matcher.match([printed_from(one) for one in left], told_so, guess=is_history)
            found |= {
                one.id: same.message_id for one, same in zip(left, matches, strict=True) if same
            }
    return {told_id: own for own, told_id in found.items()}


def placed_anew(
    around: Sequence[Document], moments: Mapping[str, datetime]
) -> Iterator[tuple[str, datetime]]:
    """Yield ids and new times of imported messages, whose order stays when others' get exact.

    `around` is in order; `moments` are the exact times by message id.
    """
    slots: dict[tuple[datetime, timedelta], list[Document]] = {}
    for document in around:
        if document.id in moments:
            precision = timedelta(seconds=document.data[EXPORT_PRECISION])
            slots[slot(document.data["tsClient"], precision), precision] = []
    precisions = {precision for _begin, precision in slots}
    for document in around:
        for precision in precisions:
            if (key := (slot(document.data["tsClient"], precision), precision)) in slots:
                slots[key].append(document)
    for (begin, precision), documents in slots.items():
        placer = Placer()
        for document in documents:
            at: datetime = document.data["tsClient"]
            is_free = is_from_export(document.data) and document.id not in moments
            exact = None if is_free else moments.get(document.id, at)
            placed = placer.place(begin, exact, precision)
            if is_free and placed != at:
                yield document.id, placed


def adopted(imported: Doc, news: Doc) -> Doc:
    """Return an imported message after WhatsApp told it as `news`.

    It is as if the import had come later: WhatsApp's words stand, and the export's file, edit and
    deletion.
    """
    after = {**imported, **news, "messageId": imported["messageId"]}
    after["heading"] = news.get("heading")
    after.pop(EXPORT_TEXT, None)
    for flag in ("isEdited", "isRevoked"):
        after[flag] = bool(imported.get(flag) or news.get(flag))
    if not news.get("senderName"):
        is_member = imported["clientJid"].endswith(GROUP_SERVER) and news["direction"] == "inbound"
        after["senderName"] = imported.get("senderName", "") if is_member else ""
    after["senderJid"] = news.get("senderJid") or imported.get("senderJid", "")
    media, held = imported.get("media") or {}, news.get("media") or {}
    if media.get("localPath"):
        after["media"] = {**media, **{name: value for name, value in held.items() if value}}
    elif not held:
        after["media"] = None
    if news.get("isPlaceholder") and imported["type"] != "unsupported":
        del after["isPlaceholder"]
        after |= {name: imported.get(name) for name in ("type", "heading", "body", "media")}
    elif imported.get("isEdited") and imported["type"] == "text" and not news.get("isEdited"):
        after["body"] = imported["body"]
    return after
