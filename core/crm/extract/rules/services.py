"""The services that the customer asks for, swaps and drops."""

import re

from core.crm.catalogue import Entry
from core.crm.draft import Role
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger, Service
from core.crm.extract.rules.mentions import (
    LIKES,
    either,
    is_listed,
    is_person,
    moment,
    same,
    swapped_out,
    taken_back,
    turned_down,
    unwanted,
    wanted_after,
)
from core.crm.extract.rules.removals import cut_down, settle_swaps, take_out
from core.crm.extract.rules.turns import Turn
from core.crm.extract.rules.wishes import is_plain, read_mood
from core.crm.extract.rules.withdrawals import leaves
from core.crm.resolve.roles import RoleMention

_DROP = re.compile(
    r"(?:\btoo\s+(?:cool|old|big|grown\s+up)\s+for|\bprea\s+mare\s+(?:pentru|pt|de)|\bsatur\w*\s+de|\btired\s+of|\bdon'?t\s+need|\bfara|\bnu\s+(?:mai\s+)?(?:vrem|vreau|vrea|trebuie|dorim|doresc|luam"
    r"|avem\s+nevoie\s+de"
    r"|e\s+nevoie\s+de)|\bwithout|\bno\b|\bnot|\bnu\b|\brenunt\w*\s+la|\bscoa\w+"
    r"|\banul\w+|\binstead\s+of|\bin\s+loc(?:ul)?\s+(?:de|lui)|\brather\s+than|\bdrop|\bremove"
    r"|\bcancel|\bskip|\bforget|\bdecat|\bthan)\s*(?:mai\s+)?(?:the|a|an|un|o|pe|la|cu|cel|de)?"
    r"(?:\s+(?:animatorul|mascota|personajul|masina\s+de|aparatul\s+de))?\s*$"
)


_THE_SAME = re.compile(
    r"\b(?:le|il|o|ii)\s+(?:vrem|vreau|dorim|luam)\s+(?:si\s+)?(?:acum|anul\s+(?:asta|acesta)|iar|din\s+nou|tot)\b"
    r"|\b(?:get|book|have|hire|want|need)\s+(?:her|him|them|that|the\s+same(?:\s+one)?)\s*(?:[.,!?]|$|(?:too|as\s+well|for|on|again)\b)"
    r"|\b(?:vrem|vreau|am\s+vrea|as\s+vrea)\s+(?:si\s+noi|si\s+eu|pe\s+ea|pe\s+el|la\s+fel|(?:tot\s+)?(?:asa|acelasi|aceeasi)(?:\s+ceva)?)\s*(?:[.,!?]|$|(?:pe|pt|pentru|la)\b)"
)
"""What was just spoken of is asked for: "Elsa was lovely at her party. Can we get her too?"."""
_WHAT_ABOUT = re.compile(r"\b(?:dar|what\s+about|how\s+about)\s+(?:un\s+|o\s+|cu\s+|a\s+)?$")
_MAYBE = re.compile(
    r"(?<!se )\b(?:eventual|poate|maybe|perhaps|possibly|cumva)\s+(?:(?:si|also|un|o|a|an|niste"
    r"|some|the)\s+){0,3}$"
)
_CHARACTER_WORD = re.compile(r"personaj|mascot|character|costum")


def _keeps_others(turn: Turn, mention: RoleMention) -> bool:
    """Whether what is taken out leaves all that was asked for.

    "Fără personaj" says that any animator will do, "mascota Stitch fără animator" that Stitch comes
    alone.
    """
    if mention.entry.label is not None or mention.entry.role_type != "ANIMATOR":
        return False
    begin, end = turn.sentence_span(mention.start)
    named = any(r.entry.exact_label and begin <= r.start < end for r in turn.roles)
    return named or bool(_CHARACTER_WORD.match(turn.folded, mention.start))


def read_services(turn: Turn, ledger: Ledger, people: list[tuple[int, int]]) -> None:
    """Note what a customer's message asks for; `people` are the offsets of names in it."""
    mentions = [m for m in turn.roles if not is_person(turn, m, people)]
    earlier = ledger.spoken_of
    swapped = swapped_out(turn, mentions) + taken_back(turn, mentions)
    open_choice = either(turn, mentions)
    named = [m for m in mentions if m.entry.exact_label and m.entry.role_type == "ANIMATOR"]
    mentions = [m for m in mentions if not (m.entry.world and named)]
    if left := left_alone(turn, mentions):
        asking = "?" in turn.sentence_at(left[0].start)
        cut_down(turn, ledger, left, asked=not asking)
        if not asking:
            keep_only(ledger, [m.entry for m in left])
            mentions = [m for m in mentions if m.start >= left[0].start]
    gone: set[str | None] = set()
    sought: list[Entry] = []
    for mention in mentions:
        entry = mention.entry
        begin, end = turn.sentence_span(mention.start)
        sentence = turn.folded[begin:end]
        if turn.is_aside(mention.start, "service") or unwanted(turn, mention):
            ledger.spoken_of = ledger.spoken_of if entry.asked_only else [entry]
            continue
        if (
            mention in swapped
            or turned_down(turn, mention)
            or leaves(turn, mention, ledger)
            or _DROP.search(turn.before(mention.start))
        ):
            if not _keeps_others(turn, mention):
                drop(ledger, entry)
                gone.add(entry.label)
                mood = read_mood(sentence)
                wished = not (mood.put_off or (mood.asking and not mood.wanted))
                take_out(ledger, entry, turn, asked=wished)
                if leaves(turn, mention, ledger) and not lexicon.CANCEL.search(turn.folded):
                    ledger.taken_back.add(turn.id)
            continue
        if entry.label is not None and entry.label in gone:
            continue
        mood = read_mood(sentence)
        listed = is_listed(turn, mention, mentions)
        if entry.asked_only and not (mood.wanted or listed or "roles" in ledger.asked):
            continue
        asking = mood.asking and not mood.wanted and not wanted_after(turn, mention)
        asking = asking or mood.put_off
        if entry.asked_only and re.search(
            r"\b(?:la|taiem|mananca|the|at)\s*$", turn.before(mention.start)
        ):
            continue
        if moment(turn, mention):
            continue
        if not (
            "roles" in ledger.asked
            or listed
            or mood.wished
            or is_plain(turn, mention, people)
            or LIKES.search(sentence)
        ):
            continue
        liked = LIKES.search(turn.clause_at(mention.start)) or _MAYBE.search(
            turn.before(mention.start, 28)
        )
        if _WHAT_ABOUT.search(turn.before(mention.start, 20)) and "?" in sentence:
            ledger.services = [
                s for s in ledger.services if s.asked or s.entry.role_type != entry.role_type
            ]
        doubtful = asking or mention in open_choice or bool(liked)
        ledger.spoken_of = []
        sought.append(entry)
        ask(ledger, entry, turn, asked=not doubtful, either=mention in open_choice)
    settle_swaps(ledger, turn, sought)
    same_again = ledger.spoken_of or earlier
    if same_again and _THE_SAME.search(turn.folded):
        ask(ledger, same_again[0], turn, asked=True)
        ledger.spoken_of = []


_ONLY = re.compile(
    r"\b(?:doar|numai|only|just|(?:ramanem|raman|ramane|mergem|ramana)\s+(?:doar\s+"
    r"|numai\s+)?(?:la|cu|pe)"
    r"|sticking?\s+(?:to|with)|stick\s+(?:to|with))\s+"
    r"(?:(?:un|o|pe|la|cu|cu\s+un|the|a|an|animatorul|animatoarea|mascota|personajul"
    r"|masina\s+de)\s+)*$"
)
_ADDS = re.compile(
    r"(?:(?<!\d )\bmai|\binca|\bplus|\balso|\badd\w*|\badaug\w*)\s+(?:\w+\s+)?$|\bsi\s+$"
)
_AND_THEN = re.compile(r"\bsi\s+\w+\s+$")
_NO_CHOICE = re.compile(
    r"(?:\bnu|\bnot|n't)\s+(?:\w+\s+){0,2}$|\b(?:daca|if|in\s+caz)\b[^,;]*$"
    r"|\b(?:scoat\w+|scot|renunt\w*|anul\w+|fara|minus|taiem|drop|remove|cancel|skip|without)\s+"
    r"(?:\w+\s+)?$"
    r"|\b(?:stie|stiu|cunoa\w+|knows?|tine\s+minte|asculta|se\s+uita|watch\w*|likes?"
    r"|poz[ae]\w*|photos?|pictures?)\s+(?:\w+\s+)?$"
)
"""Words before "only" by which it does not choose: "scoatem doar Elsa", "o știe doar pe Elsa"."""
_ALONE_THEN = re.compile(
    r"\s*(?:(?:vin|vine|vina|intra|apare|sta|poate|ajunge|pleaca|comes?|coming|arrives?|leaves?|can"
    r"|could|is)\s+(?:\w+\s+)?(?:la|de\s+la|pana|pe|dupa|mai|at|from|until|earlier|later)\b"
    r"|sa\b|are\b|has\b|should\b|must\b|'s\b)"
)
"""Words after the service by which only it does something: "doar Elsa vine la 17"."""


def left_alone(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the services that "only Elsa" speaks of, also where it asks; none without one."""
    for number, mention in enumerate(mentions):
        before = turn.before(mention.start)
        found = _ONLY.search(before)
        if found is None or _ADDS.search(before[: found.start()]):
            continue
        words = before[: found.start()]
        begin, end = turn.sentence_span(mention.start)
        if _AND_THEN.search(words) and any(begin <= m.start for m in mentions[:number]):
            continue  # "vrem Elsa și luăm doar popcorn"
        if _NO_CHOICE.search(words) or LIKES.search(turn.clause_at(mention.start)):
            continue
        left = [m for m in mentions[number:] if m.start < end]
        if _ALONE_THEN.match(turn.folded, left[-1].end) or turned_down(turn, left[-1]):
            continue
        return left
    return []


def only(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the services that "only Elsa", "ramanem la ursitoare" leaves, none in a question."""
    left = left_alone(turn, mentions)
    return [] if left and "?" in turn.sentence_at(left[0].start) else left


def _covers(kind: Entry, entry: Entry) -> bool:
    """Whether a service's plain name can mean the other one: "balloons" those with helium."""
    alike = {"BALLOONS", "HELIUM_BALLOONS"}
    return kind.role_type == entry.role_type or {kind.role_type, entry.role_type} == alike


def keep_only(ledger: Ledger, entries: list[Entry]) -> None:
    """Drop every service so far that is none of these; a kind keeps its characters."""

    def stays(service: Service) -> bool:
        return any(
            same(service.entry, e) or (e.label is None and _covers(e, service.entry))
            for e in entries
        )

    for service in [s for s in ledger.services if not stays(s)]:
        ledger.dropped.add((service.entry.role_type, service.entry.label))
    ledger.services = [s for s in ledger.services if stays(s)]


def drop(ledger: Ledger, entry: Entry) -> None:
    """Take a service out again: all of its kind when no variant is named."""

    def goes(service: Service) -> bool:
        if service.entry.role_type != entry.role_type:
            return False
        return entry.label is None or same(service.entry, entry)

    ledger.services = [service for service in ledger.services if not goes(service)]
    ledger.dropped.add((entry.role_type, entry.label))


def _plain_balloons(service: Service, turn: Turn) -> bool:
    """Whether an earlier message asked for balloons without saying which."""
    entry = service.entry
    return entry.role_type == "BALLOONS" and entry.label is None and turn.id not in service.ids


def ask(ledger: Ledger, entry: Entry, turn: Turn, *, asked: bool, either: bool = False) -> None:
    """Note a service; `asked` tells a wish from a question, `either` one of several."""
    ledger.dropped.discard((entry.role_type, entry.label))
    ledger.removals = [one for one in ledger.removals if one.sole or not same(one.entry, entry)]
    if entry.role_type == "HELIUM_BALLOONS":
        ledger.services = [s for s in ledger.services if not _plain_balloons(s, turn)]
    helium = any(s.entry.role_type == "HELIUM_BALLOONS" for s in ledger.services)
    if entry.role_type == "BALLOONS" and entry.label is None and helium:
        return
    for number, service in enumerate(ledger.services):
        if service.entry.role_type == entry.role_type and (
            same(service.entry, entry) or (entry.label is None and entry.role_type != "OTHER")
            or (service.entry.label is None and entry.role_type not in {"ANIMATOR", "OTHER"})
        ):  # fmt: skip
            if service.asked and not asked:
                return
            ids = service.ids if asked == service.asked else (turn.id,)
            best = service.entry if service.entry.label is not None else entry
            ledger.services[number] = Service(best, ids, service.asked or asked)
            if service.either and asked and not either:
                ledger.services = [s for s in ledger.services if not s.either]
            return
    ledger.services.append(Service(entry, (turn.id,), asked, either))


def added(ledger: Ledger, stored: list[Role]) -> list[Service]:
    """Return the services asked for that a stored event does not have yet."""
    return [
        s
        for s in ledger.services
        if s.asked and not any(is_stored(s.entry, role) for role in stored)
    ]


def is_stored(entry: Entry, role: Role) -> bool:
    """Whether an event has a service already; "Minecraft" is its "Steve Minecraft"."""
    return entry.role_type == role.role_type and entry.means(role.label)


def final_services(ledger: Ledger, stored: list[Role] | None) -> list[Service]:
    """Return the services of the draft: the kind `animator` only beside no character.

    `stored` are the services of the event that is changed, None for a new one.
    """
    asked_only = stored is not None
    chosen = added(ledger, stored or [])
    if not chosen and not asked_only:
        chosen = [s for s in ledger.services if not s.either]
    elif not asked_only and not any(
        s.entry.role_type == "ANIMATOR" and s.entry.label for s in chosen
    ):
        chosen = [
            s
            for s in ledger.services
            if s.asked or (s.entry.role_type == "ANIMATOR" and s.entry.exact_label and not s.either)
        ]
    open_choice = [s for s in ledger.services if s.either and s.entry.role_type == "ANIMATOR"]
    if open_choice and not any(s.entry.role_type == "ANIMATOR" for s in chosen):
        ids = tuple(dict.fromkeys(i for s in open_choice for i in s.ids))
        chosen = [*chosen, Service(Entry("ANIMATOR", None), ids, asked=True)]
    if any(s.entry.exact_label and s.entry.role_type == "ANIMATOR" for s in chosen):
        chosen = [s for s in chosen if not s.entry.world]
    labelled = any(s.entry.role_type == "ANIMATOR" and s.entry.label for s in chosen)
    return [s for s in chosen if s.entry.label or s.entry.role_type != "ANIMATOR" or not labelled]
