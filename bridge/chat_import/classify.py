"""What one entry of an export says: who, and what kind of message."""

import re
import string
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bridge.chat_import.lines import MARKS, SPACES
from bridge.chat_import.matching import without_mentions
from bridge.chat_import.phrases import LANGUAGES, Phrases
from core.model.documents import MessageType
from core.text import clean_line, clean_text

_LONGEST_SENDER = 150
"""Characters; a group's subject, which iOS prints as the sender of notices, has at most 100."""
_LONGEST_PHRASE = 400
_LONGEST_PLACEHOLDER = 250

_FOLD = str.maketrans(
    {"ş": "ș", "ţ": "ț", "Ş": "Ș", "Ţ": "Ț", "’": "'"} | dict.fromkeys(SPACES, " ")
)
_ALL_MARKS = re.compile(f"[{MARKS}]+")
_LOCATION = re.compile(
    r"(?:[^\W\d_][\w ]{0,30}:?\s)?"
    r"(https://(?:maps\.google\.com/(?:maps)?\?q=|www\.google\.com/maps\?q=)-?[\d.]+,-?[\d.]+\S*)"
)
_FOURSQUARE = re.compile(r"[^\n]{1,200}\n?[^\n]{0,300}: https://foursquare\.com/\S+")


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds."""

    type: MessageType
    body: str = ""
    file_name: str = ""
    """As printed in the export: the name to look for in its archive."""
    has_media: bool = False
    """Whether something besides text was sent, whether or not it was exported."""
    is_edited: bool = False
    is_revoked: bool = False
    heading: str = ""
    """The code of its `Heading`, if it has one."""
    comparable: str = ""
    """Set where it differs from the body: mentions cut to `@`, as `without_mentions` does."""


def fold(text: str) -> str:
    """Return text for comparing wordings: no marks, one kind of blank, comma-below letters."""
    return _ALL_MARKS.sub("", text).translate(_FOLD).casefold().strip()


def _pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    alternatives = (
        ".*?".join(re.escape(part) for part in fold(phrase).split("*")) for phrase in phrases
    )
    return re.compile(f"(?:{'|'.join(alternatives)})\\.?", re.DOTALL)


def _all(pick: Callable[[Phrases], Iterable[str]]) -> Iterator[str]:
    for language in LANGUAGES:
        yield from pick(language)


_OMITTED: dict[str, MessageType] = {
    fold(text).strip("<>. "): kind for each in LANGUAGES for text, kind in each.omitted.items()
}
_DELETED = _pattern(_all(lambda each: each.deleted))
_CALLS = _pattern(_all(lambda each: each.calls))
_BARE_CALLS = _pattern(_all(lambda each: (text for text in each.calls if "*" not in text)))
"""Android tells no more, and nothing marks it: what goes on is a person's words."""
_LIVE = _pattern(_all(lambda each: each.live_location))
_NOTICES = {each.code: _pattern((*each.notices, *each.group_notices)) for each in LANGUAGES}
_GROUP_NOTICES = _pattern(_all(lambda each: each.group_notices))
_CHAT_NOTICES = _pattern(each.notices[0] for each in LANGUAGES)
_IN_SENDER = re.compile(
    "|".join(
        re.escape(part)
        for part in sorted(
            {
                part
                for phrase in _all(lambda each: (*each.notices, *each.group_notices))
                for part in fold(phrase).split("*")
                if len(part) >= 12
            }
        )
    )
)
"""Long pieces of notices: a sender that holds one is a notice with a colon in it."""


def _words(pick: Callable[[Phrases], Iterable[str]]) -> str:
    return "|".join(re.escape(word) for word in _all(pick))


def with_cedillas(pattern: str) -> str:
    """Return a pattern that finds the Romanian letters with commas below also with cedillas."""
    return pattern.replace("ș", "[șş]").replace("ț", "[țţ]").replace("Ț", "[ȚŢ]")


_IOS_FILE = re.compile(
    with_cedillas(rf"(?P<before>.*?)<(?:{_words(lambda p: p.attached_tag)}): (?P<file>[^<>]+)>"),
    re.IGNORECASE | re.DOTALL,
)
_ANDROID_FILE = re.compile(
    with_cedillas(
        rf"(?P<file>[^\n]+\.\w{{1,8}}) \((?:{_words(lambda p: p.attached_note)})\)(?=\n|$)"
    ),
    re.IGNORECASE,
)
_DOCUMENT = re.compile(
    with_cedillas(
        rf"(?P<file>[^\n]+?\.\w{{1,8}})(?: • [^\n]*)? (?:{_words(lambda p: p.documents_omitted)})"
    ),
    re.IGNORECASE,
)
_EDITED = re.compile(with_cedillas(rf"<(?:{_words(lambda p: p.edited)})\.?>"), re.IGNORECASE)
_AROUND_EDITED = f"{string.whitespace}{SPACES}{MARKS}".replace("\u2069", "")
"""All but the mark that closes a mention."""
_POLL = re.compile(with_cedillas(rf"(?:{_words(lambda p: p.polls)})[{SPACES}]*\n"), re.IGNORECASE)
_OPTION = re.compile(
    with_cedillas(rf"^(?:{_words(lambda p: p.options)})[{SPACES}]*"), re.IGNORECASE | re.MULTILINE
)


def language_of(text: str) -> str:
    """Return the code of the language whose notices or placeholders hold `text`, or nothing."""
    if len(text) > _LONGEST_PHRASE:
        return ""
    folded = fold(text)
    bare = folded.strip("<>. ")
    for each in LANGUAGES:
        if bare in _omitted_in(each.code) or _NOTICES[each.code].fullmatch(folded):
            return each.code
    return ""


@lru_cache(maxsize=len(LANGUAGES))
def _omitted_in(code: str) -> frozenset[str]:
    shared = [
        {fold(text).strip("<>. ") for text in each.omitted}
        for each in LANGUAGES if each.code != code
    ]  # fmt: skip
    own = next(each for each in LANGUAGES if each.code == code)
    return frozenset(fold(text).strip("<>. ") for text in own.omitted).difference(*shared)


def is_group_notice(text: str) -> bool:
    """Whether a notice is one that only groups have."""
    return len(text) <= _LONGEST_PHRASE and _GROUP_NOTICES.fullmatch(fold(text)) is not None


def is_chat_notice(text: str) -> bool:
    """Whether this is the notice of encryption, which iOS prints with the chat as its sender."""
    if len(text) > _LONGEST_PHRASE or ("crypt" not in text and "cript" not in text):
        return False
    return _CHAT_NOTICES.fullmatch(fold(text)) is not None


@lru_cache(maxsize=4096)
def _is_sender(name: str) -> bool:
    return 0 < len(name) <= _LONGEST_SENDER and not _IN_SENDER.search(fold(name))


def split_sender(text: str, known: Iterable[str] = ()) -> tuple[str, str]:
    """Return the sender's name and the text; the name is empty for a notice.

    `known` are names that may hold a colon. Marks at the beginning of the text stay: they tell
    WhatsApp's own words from a person's.
    """
    first, newline, more = text.partition("\n")
    for name in known:
        if first.startswith(f"{name}: "):
            return clean_line(name), text[len(name) + 2 :]
    name, colon, rest = first.partition(": ")
    if not colon and first.endswith(":"):
        name, colon, rest = first[:-1], ":", ""
    if not colon or not _is_sender(name):
        return "", text
    return clean_line(name), rest + newline + more


@dataclass(frozen=True, slots=True)
class Classifier:
    """Tells the kinds of entries apart, knowing how the file at hand marks WhatsApp's words."""

    is_ios: bool
    has_marks: bool
    """Whether U+200E is there at all: then iOS puts it before everything WhatsApp says."""

    def notice(self, text: str) -> Content:
        """Return the content of an entry without a sender."""
        return Content("system", clean_text(text).strip())

    def content(self, text: str) -> Content:
        """Return what an entry of a sender holds."""
        text, is_edited = _without_edited(text)
        found = self._special(text)
        if found is None:
            body = clean_text(text).strip()
            comparable = clean_text(without_mentions(text)).strip() if "\u2068" in text else ""
            return Content("text", body, is_edited=is_edited, comparable=comparable)
        return replace(found, is_edited=True) if is_edited else found

    def _special(self, text: str) -> Content | None:
        is_marked = text[:1] in ("\u200e", "\u200f", "\u202a", "\ufeff")
        if self.is_ios and is_marked and language_of(text):
            folded = fold(text)
            if folded.strip("<>. ") not in _OMITTED:
                return Content("system", clean_text(text).strip())
        if is_chat_notice(text):
            return Content("system", clean_text(text).strip())
        if self.is_ios and self.has_marks and "\u200e" not in text:
            return _location(text) or _poll(text)
        return self._file(text) or self._placeholder(text) or _location(text) or _poll(text)

    def _file(self, text: str) -> Content | None:
        if "<" in text and (found := _IOS_FILE.match(text)):
            name = _file_name(found["file"])
            before = _ALL_MARKS.sub("", found["before"]).strip()
            if re.match(re.escape(_NUMBERED.sub("", name)) + r"(?: •|$)", before):
                before = ""  # iOS says a document's name and pages before it
            caption = "\n".join(part for part in (before, text[found.end() :].strip()) if part)
            return _attachment(name, caption)
        if "(" in text and (found := _ANDROID_FILE.match(_ALL_MARKS.sub("", text))):
            rest = _ALL_MARKS.sub("", text)[found.end() :]
            return _attachment(_file_name(found["file"]), rest)
        return None

    def _placeholder(self, text: str) -> Content | None:
        first, _, caption = text.partition("\n")
        if len(first) > _LONGEST_PLACEHOLDER:
            return None
        folded = fold(first)
        kind = _OMITTED.get(folded.strip("<>. "))
        if folded in ("null", "") and not self.is_ios and not caption:
            return Content("unsupported", clean_text(first).strip(), has_media=True)  # view once
        if kind is not None and (self.is_ios or folded.startswith("<")):
            return Content(kind, clean_text(caption).strip(), has_media=True)
        if not caption and (found := _DOCUMENT.fullmatch(_ALL_MARKS.sub("", first).strip())):
            return Content("document", "", _file_name(found["file"]), has_media=True)
        if caption:
            return None
        if _DELETED.fullmatch(folded):
            return Content("text", is_revoked=True)
        if (_CALLS if self.is_ios else _BARE_CALLS).fullmatch(folded):
            return Content("system", clean_text(first).strip())
        if _LIVE.fullmatch(folded):
            return Content("location", clean_text(first).strip())
        return None


def _without_edited(text: str) -> tuple[str, bool]:
    """Return a text without WhatsApp's word at its end that it was edited, and whether it was."""
    bare = text.rstrip(_AROUND_EDITED)
    start = bare.rfind("<")
    if start < 0 or not _EDITED.fullmatch(bare, start):
        return text, False
    return bare[:start].rstrip(_AROUND_EDITED), True


def _file_name(text: str) -> str:
    return clean_line(_ALL_MARKS.sub("", text))


def _location(text: str) -> Content | None:
    if "https://" not in text:
        return None
    bare = _ALL_MARKS.sub("", text).strip()
    if found := _LOCATION.fullmatch(bare):
        return Content("location", found[1])
    if "foursquare.com" in bare and _FOURSQUARE.fullmatch(bare):
        return Content("location", clean_text(bare))
    return None


def _poll(text: str) -> Content | None:
    bare = _ALL_MARKS.sub("", text)
    if ":" not in bare[:16] or not (found := _POLL.match(bare)):
        return None
    listed = clean_text(_OPTION.sub("• ", bare[found.end() :])).strip()
    return Content("poll", listed, heading="poll")


_NUMBERED = re.compile(r"^\d{8}-")
"""iOS numbers the files of an export."""
_BY_PREFIX: tuple[tuple[re.Pattern[str], MessageType], ...] = (
    (re.compile(r"(?:\d{8}-)?(?:IMG|PHOTO)-", re.IGNORECASE), "image"),
    (re.compile(r"(?:\d{8}-)?(?:VID|VIDEO|GIF)-", re.IGNORECASE), "video"),
    (re.compile(r"PTT-", re.IGNORECASE), "voice"),
    (re.compile(r"(?:\d{8}-)?(?:STK|STICKER)-", re.IGNORECASE), "sticker"),
    (re.compile(r"DOC-", re.IGNORECASE), "document"),
)
_BY_ENDING: dict[str, MessageType] = {
    "jpg": "image", "jpeg": "image", "png": "image", "heic": "image", "gif": "video",
    "webp": "sticker", "mp4": "video", "mov": "video", "3gp": "video", "mkv": "video",
    "opus": "voice", "ogg": "audio", "m4a": "audio", "mp3": "audio", "aac": "audio",
    "amr": "audio", "wav": "audio", "vcf": "contact",
}  # fmt: skip


def _attachment(name: str, caption: str) -> Content:
    ending = name.rpartition(".")[2].lower()
    kind = next((kind for prefix, kind in _BY_PREFIX if prefix.match(name)), None)
    kind = kind or _BY_ENDING.get(ending, "document")
    body = clean_text(caption).strip()
    if kind == "contact":
        body = _NUMBERED.sub("", name)[: -len(".vcf")]
    return Content(kind, body, name, has_media=True)
