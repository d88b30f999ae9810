"""Conversations written as exports in any dialect are read back equal."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from bridge.chat_import.naming import Named, Namer
from bridge.chat_import.placing import Placer
from bridge.chat_import.reader import Exported, Reading
from bridge.chat_import.survey import survey
from core.text import clean_text
from tests.support.chat_export import Dialect, Line

ZONE = ZoneInfo("Europe/Bucharest")
TODAY = date(2026, 2, 1)
NAMES = ("Ana Pop", "~ Ion", "+40 712 345 678", "Petreceri & Co 🎈", "Ștefan")

words = st.text(
    st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"), exclude_characters="\u2068\u2069"),
    min_size=1,
    max_size=30,
)


@st.composite
def bodies(draw: st.DrawFn) -> str:
    """Text of one or more lines that stays itself: nothing that WhatsApp would say."""
    lines = draw(st.lists(words, min_size=1, max_size=4))
    body = clean_text("\n".join(lines)).strip()
    assume(body and not body.lower().startswith(("null", "poll:", "sondaj:")))
    return f"x{body}"


@st.composite
def dialects(draw: st.DrawFn) -> Dialect:
    order = draw(st.sampled_from(("dmy", "mdy", "ymd")))
    return Dialect(
        is_ios=draw(st.booleans()),
        language=draw(st.sampled_from(("en", "ro"))),
        order=order,  # type: ignore[arg-type]
        separator=draw(st.sampled_from("/-." if order != "mdy" else "/-")),
        long_year=order == "ymd" or draw(st.booleans()),
        is_padded=draw(st.booleans()),
        clock=draw(st.sampled_from(("24", "AM", "am", "a.m.", "a. m."))),
        blank=draw(st.sampled_from((" ", "\u202f", "\u00a0"))),
        ending=draw(st.sampled_from(("\n", "\r\n"))),
    )


@st.composite
def conversations(draw: st.DrawFn) -> list[Line]:
    # Two dates that no other order fits, so that every conversation tells its own.
    moment = datetime(2023, 1, 13, 8, 0)
    lines = [Line(moment, NAMES[0], "text", "x")]
    for _index in range(draw(st.integers(1, 15))):
        moment += timedelta(seconds=draw(st.sampled_from((0, 0, 1, 59, 60, 3600, 86_400, 400_000))))
        kind = draw(
            st.sampled_from(("text", "text", "text", "omitted", "deleted", "location", "attached"))
        )
        text, edited = "", False
        if kind == "text":
            text, edited = draw(bodies()), draw(st.booleans())
        elif kind == "location":
            text = f"{draw(st.integers(-89, 89))}.25,{draw(st.integers(-179, 179))}.5"
        elif kind == "attached":
            text = f"IMG-{moment:%Y%m%d}-WA{draw(st.integers(0, 9999)):04}.jpg"
        lines.append(Line(moment, draw(st.sampled_from(NAMES)), kind, text, edited))  # type: ignore[arg-type]
    return lines


def read(text: str) -> Iterator[Exported]:
    lines = [line.rstrip("\r") for line in text.split("\n")]
    overview = survey(lines, TODAY)
    assert overview is not None
    assert overview.decision.certainty == "certain"
    reading = Reading(overview, overview.decision.order, ZONE, TODAY)
    yield from reading.messages(lines)
    assert reading.unread.count == 0


def expected(line: Line, is_ios: bool) -> tuple[object, ...]:
    local = line.local if is_ios else line.local.replace(second=0)
    at = local.replace(tzinfo=ZONE).astimezone(UTC)
    kind = {
        "omitted": "image" if is_ios else "unsupported",
        "attached": "image",
        "location": "location",
    }
    body = line.text if line.kind == "text" else ""
    if line.kind == "location":
        body = f"https://maps.google.com/?q={line.text}"
    return (
        at, line.sender, kind.get(line.kind, "text"), body,
        line.text if line.kind == "attached" else "", line.is_edited, line.kind == "deleted",
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(conversations(), dialects())
def test_what_was_written_is_read(conversation: list[Line], dialect: Dialect) -> None:
    found = [
        (each.at, each.sender, each.content.type, each.content.body, each.content.file_name,
         each.content.is_edited, each.content.is_revoked)
        for each in read(dialect.render(conversation))
    ]  # fmt: skip
    assert found == [expected(line, dialect.is_ios) for line in conversation]


@settings(max_examples=50, deadline=None)
@given(conversations(), dialects(), st.integers(0, 15))
def test_ids_do_not_depend_on_where_the_export_ends(
    conversation: list[Line], dialect: Dialect, cut: int
) -> None:
    def names(lines: list[Line]) -> list[Named]:
        namer = Namer("WA-01", "x@s.whatsapp.net", NAMES[3], is_group=False)
        return [namer.name(each) for each in read(dialect.render(lines))]

    whole = [each.message_id for each in names(conversation)]
    assert len(set(whole)) == len(whole)
    part = conversation[: 1 + cut]
    assert [each.message_id for each in names(part)] == whole[: len(part)]


@given(st.lists(st.tuples(st.integers(0, 2), st.none() | st.integers(0, 59)), max_size=20))
def test_messages_of_one_minute_keep_their_order(steps: list[tuple[int, int | None]]) -> None:
    placer, precision = Placer(), timedelta(minutes=1)
    slot = datetime(2025, 3, 12, 12, 0, tzinfo=UTC)
    known_last = slot
    last = slot - precision
    for minutes, second in steps:
        if minutes:
            known_last = slot = slot + minutes * precision
        known = None
        if second is not None:  # the store's own order is the true one
            known = known_last = max(known_last, slot + timedelta(seconds=second))
        at = placer.place(slot, known, precision)
        assert slot <= at < slot + precision
        assert at >= last or known is not None
        last = max(at, last)
