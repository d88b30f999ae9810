"""What a console tells of its operator, and what it shows of others, by a clock that is held."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from core.service.presence import (
    HOLDS_SECONDS,
    REPEAT_SECONDS,
    SETTLE_SECONDS,
    TYPING_STOPS_SECONDS,
    PresenceTeller,
    Sign,
    visitors,
)
from core.store.port import Document

NOON = datetime(2026, 1, 19, 12, tzinfo=UTC)


class Console:
    """Tells what is due, as a console does, and remembers when."""

    def __init__(self) -> None:
        self.now = NOON
        self.teller = PresenceTeller(lambda: self.now)
        self.told: list[tuple[float, Sign]] = []

    @property
    def at(self) -> float:
        return (self.now - NOON).total_seconds()

    def tell(self) -> None:
        while (sign := self.teller.due()) is not None:
            self.told.append((self.at, sign))
            self.teller.told(sign)

    def goes_on(self, seconds: float) -> None:
        """Let time pass, waking exactly when the teller asks for it."""
        end = self.now + timedelta(seconds=seconds)
        self.tell()
        while True:
            wait = self.teller.wait_seconds()
            if wait is None or self.now + timedelta(seconds=wait) > end:
                break
            assert wait > 0
            self.now += timedelta(seconds=wait)
            self.tell()
        self.now = end
        self.tell()


def test_an_open_chat_is_told_and_repeated_until_it_is_left() -> None:
    console = Console()
    console.teller.look_at("a")
    console.goes_on(45)
    console.teller.look_at("")
    console.goes_on(100)
    begin, again = SETTLE_SECONDS, REPEAT_SECONDS["viewing"]
    assert console.told == [
        (begin, ("a", "viewing")),
        (begin + again, ("a", "viewing")),
        (begin + 2 * again, ("a", "viewing")),
        (45, ("a", "left")),
    ]


def test_a_clock_that_was_set_back_does_not_keep_a_sign_from_being_repeated() -> None:
    console = Console()
    console.teller.look_at("A")
    console.goes_on(60)
    console.now -= timedelta(hours=1)
    before = len(console.told)
    console.goes_on(REPEAT_SECONDS["viewing"] * 2)
    assert len(console.told) >= before + 2
    console.teller.type()
    console.goes_on(1)
    console.now -= timedelta(hours=1)
    console.goes_on(TYPING_STOPS_SECONDS + 1)
    assert console.teller.last == ("A", "viewing")


def test_whoever_passes_through_a_list_says_nothing() -> None:
    console = Console()
    for name in "abcdefgh":
        console.teller.look_at(name)
        console.goes_on(SETTLE_SECONDS / 2)
    assert console.told == []
    console.goes_on(1)
    assert [sign for _at, sign in console.told] == [("h", "viewing")]


def test_typing_is_told_at_once_then_seldom_and_ends_by_itself() -> None:
    console = Console()
    console.teller.look_at("a")
    console.goes_on(1)
    console.told.clear()
    for _key in range(100):
        console.teller.type()
        console.goes_on(0.1)
    console.goes_on(20)
    last_key = 10.9
    assert console.told == [
        (1.0, ("a", "typing")),
        (5.0, ("a", "typing")),
        (9.0, ("a", "typing")),
        (13.0, ("a", "typing")),
        (last_key + TYPING_STOPS_SECONDS, ("a", "viewing")),
    ]


def test_whoever_has_sent_the_text_types_no_more() -> None:
    console = Console()
    console.teller.look_at("a")
    console.teller.type()
    console.goes_on(1)
    console.teller.type(is_typing=False)
    console.goes_on(0)
    assert [sign for _at, sign in console.told] == [("a", "typing"), ("a", "viewing")]


def test_another_chat_ends_the_one_before() -> None:
    console = Console()
    console.teller.look_at("a")
    console.teller.type()
    console.tell()
    console.teller.look_at("b")
    console.goes_on(1)
    assert [sign for _at, sign in console.told] == [
        ("a", "typing"), ("a", "left"), ("b", "viewing"),
    ]  # fmt: skip


@given(
    st.lists(
        st.tuples(st.sampled_from(["a", "b", "", "type"]), st.floats(0, 30, allow_subnormal=False)),
        max_size=12,
    )
)
def test_what_is_told_always_holds_until_it_is_told_again(steps: list[tuple[str, float]]) -> None:
    """A colleague who reads the signs sees the open chat, and no other, at every moment."""
    console = Console()
    looked = ""
    for step, seconds in steps:
        if step == "type":
            console.teller.type()
        else:
            looked = step
            console.teller.look_at(step)
        console.goes_on(seconds)
        signs = {thread: (at, state) for at, (thread, state) in console.told}
        shown = {
            thread
            for thread, (at, state) in signs.items()
            if state != "left" and console.at < at + HOLDS_SECONDS[state]
        }
        assert shown <= {looked}
        if looked and seconds >= SETTLE_SECONDS:
            assert shown == {looked}


def sign(uid: str, state: object = "viewing", seconds: float = 30, **fields: object) -> Document:
    data = {"uid": uid, "name": uid.capitalize(), "state": state,
            "updatedAt": NOON, "expiresAt": NOON + timedelta(seconds=seconds)}  # fmt: skip
    return Document(f"threads/t/presence/{uid}", data | fields, NOON, NOON)


def test_signs_that_ran_out_and_ones_own_are_not_shown() -> None:
    documents = [sign("me"), sign("dan", "typing", 5), sign("ana"), sign("bob", "left", 0)]
    seen = visitors(documents, NOON, "me")
    assert [(each.name, each.is_typing) for each in seen] == [("Ana", False), ("Dan", True)]
    assert [each.name for each in visitors(documents, NOON + timedelta(seconds=5), "me")] == ["Ana"]
    assert visitors(documents, NOON + timedelta(seconds=30), "me") == []


def test_what_is_no_sign_is_passed_over_and_names_are_made_safe() -> None:
    documents = [
        sign("ana", "dancing"), sign("bob", expiresAt=None), sign("eve", name="Eve\x1b[2J\n"),
        sign("nameless", name=None),
    ]  # fmt: skip
    assert [each.name for each in visitors(documents, NOON, "me")] == ["Eve", "nameless"]
