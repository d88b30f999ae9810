"""The services that the customer asks for, swaps and drops."""

import itertools
import re
from dataclasses import replace

from core.crm.catalogue import Entry
from core.crm.extract.rules import lexicon
from core.crm.extract.rules.ledger import Ledger, Service
from core.crm.extract.rules.turns import Turn
from core.crm.folding import squash
from core.crm.resolve.roles import RoleMention

_DROP = re.compile(
    r"(?:\bfara|\bnu\s+(?:mai\s+)?(?:vrem|vreau|trebuie|dorim|doresc|luam|avem\s+nevoie\s+de"
    r"|e\s+nevoie\s+de)|\bwithout|\bno\b|\bnot|\bnu\b|\brenunt\w*\s+la|\bscoa\w+"
    r"|\banul\w+|\binstead\s+of|\bin\s+loc(?:ul)?\s+(?:de|lui)|\brather\s+than|\bdrop|\bremove"
    r"|\bcancel|\bskip|\bforget|\bdecat|\bthan)\s*(?:mai\s+)?(?:the|a|an|un|o|pe|la|cu|cel|de)?"
    r"(?:\s+(?:animatorul|mascota|personajul|masina\s+de|aparatul\s+de))?\s*$"
)
_SWAP = re.compile(r"\bschimb\w*|\binlocui\w*|\bswap\w*|\bchange\w*|\breplace\w*|\bswitch\w*")
_LIKES = re.compile(
    r"\bloves?\b|\badora|\bii\s+place|\bplac\b|\bobsessed|\bfan\b|\binnebun|\bfavorit"
    r"|\bfavou?rite|\bpasionat|\bcrazy\s+about|\bis\s+into\b|\bajunge\b|\bcostum\w*"
)
_NAMED = re.compile(
    r"(?:\bcheama|\blui|\blu'?|\bnumeste|\bname\s+is|\bname's|\bnumele|\bsunt|\bi'?m"
    r"|\bthis\s+is|\bnumesc|(?:fiul|fiica|fetita|baiatul|baietelul|baietelului|fetitei|fata"
    r"|copilul|nepotica|nepotul)"
    r"\s+(?:meu|mea|mele|nostru|noastra)\s*,?|\b(?:son|daughter|niece|nephew|girl|boy)\s*,?"
    r"|\bmr|\bmrs|\bmiss|\bdoamna|\bdomnul|\bstr\.?|\bstrada|\bmama|\btatal)\s*$"
)
_AGED = re.compile(
    r"\s*,?\s*(?:(?:care\s+)?(?:face|implineste|va\s+implini)|turns|is\s+turning|'s\b|"
    r"(?:de\s+)?\d{1,2}\s+ani)"
)
_WAITS = re.compile(r"\bon|\bnext|\bthis|\bat\b|\bplease|\bour|\bwe\b|\bfor\b")


def read_services(turn: Turn, ledger: Ledger, people: list[tuple[int, int]]) -> None:
    """Note what a customer's message asks for; `people` are the offsets of names in it."""
    mentions = [m for m in turn.roles if not _is_person(turn, m, people)]
    swapped = _swapped_out(turn, mentions)
    swapped += _taken_back(turn, mentions)
    either = _either(turn, mentions)
    named = [m for m in mentions if m.entry.exact_label and m.entry.role_type == "ANIMATOR"]
    mentions = [m for m in mentions if not (m.entry.world and named)]
    gone: set[str | None] = set()
    for mention in mentions:
        entry = mention.entry
        sentence = turn.sentence_at(mention.start)
        if turn.is_past(mention.start):
            continue
        if mention in swapped or _DROP.search(turn.before(mention.start)):
            _drop(ledger, entry)
            gone.add(entry.label)
            continue
        if entry.label is not None and entry.label in gone:
            continue
        changing = lexicon.CHANGE.search(sentence) and not lexicon.INQUIRY.search(sentence)
        wanted = bool(lexicon.REQUEST.search(sentence) or changing)
        if entry.asked_only and not wanted:
            continue
        asking = bool(lexicon.QUESTION_WORDS.search(sentence)) and not wanted
        asking = asking and not _wanted_after(turn, mention)
        if entry.asked_only and re.search(
            r"\b(?:la|taiem|mananca|the|at)\s*$", turn.before(mention.start)
        ):
            continue
        if _moment(turn, mention):
            continue
        doubtful = asking or mention in either or bool(_LIKES.search(sentence))
        _ask(ledger, entry, turn, asked=not doubtful, either=mention in either)


def _moment(turn: Turn, mention: RoleMention) -> bool:
    """Whether a word is the time, the place or the money of something rather than a service."""
    after = turn.folded[mention.end : mention.end + 14]
    return mention.entry.label is None and bool(re.match(r"\s*(?:de\s+sapun|park\b)", after))


def _is_person(turn: Turn, mention: RoleMention, people: list[tuple[int, int]]) -> bool:
    if any(start <= mention.start and mention.end < end for start, end in people):
        return True
    if mention.entry.label is None and _endearment(turn, mention):
        return True
    if mention.entry.role_type != "ANIMATOR" or not mention.entry.exact_label:
        return False
    if any(start < mention.end and mention.start < end for start, end in people):
        return True
    if mention.entry.label == "Wednesday":
        return bool(_WAITS.search(turn.folded))
    before = turn.before(mention.start)
    single = " " not in turn.folded[mention.start : mention.end].strip()
    return single and bool(_NAMED.search(before) or _AGED.match(turn.folded, mention.end))


def _endearment(turn: Turn, mention: RoleMention) -> bool:
    """Whether "our princess" is the child."""
    if not turn.folded.startswith(("print", "princ"), mention.start):
        return False
    after = re.match(r"\s+(?:noastra|mea|noastre|mele)\b", turn.folded[mention.end :])
    return bool(after or re.search(r"\b(?:our|my)\s+(?:little\s+)?$", turn.before(mention.start)))


def _swapped_out(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the mention that "swap X for Y" gives away."""
    for start, end in turn.sentences:
        inside = [m for m in mentions if start <= m.start < end]
        swap = _SWAP.search(turn.folded, start, end)
        if swap and len(inside) >= 2 and swap.start() < inside[0].start:
            between = turn.folded[inside[0].end : inside[1].start]
            if re.search(r"\b(?:cu|for|with|to|in|la|pe)\b", between):
                return inside[:1]
    return []


def _wanted_after(turn: Turn, mention: RoleMention) -> bool:
    """Whether the message goes on to ask for what it just asked about ("balloons? we want 20")."""
    for start, end in turn.sentences:
        if start >= mention.end and not any(start <= r.start < end for r in turn.roles):
            sentence = turn.folded[start:end]
            return bool(
                lexicon.REQUEST.search(sentence) and not lexicon.QUESTION_WORDS.search(sentence)
            )
    return False


def _either(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return the services of "Peppa or Bluey": neither is chosen yet."""
    found: list[RoleMention] = []
    for one, other in itertools.pairwise(mentions):
        if re.fullmatch(
            r"\s*(?:,\s*)?(?:sau|ori|or)\s+(?:un\s+|o\s+|an?\s+)?",
            turn.folded[one.end : other.start],
        ):
            found += [one, other]
    return found


_TAKEN_BACK = re.compile(
    r"\bactually\b|\bba\s+nu\b|\bno\s+(?:wait|sorry)|\bsau\s+nu\b|\bnu,|\bscuze|\bde\s+fapt\b"
    r"|\bmai\s+bine\b"
)


def _taken_back(turn: Turn, mentions: list[RoleMention]) -> list[RoleMention]:
    """Return what "a magician... actually no, a clown" takes back."""
    return [
        one
        for one, other in itertools.pairwise(mentions)
        if other.start - one.end < 40
        and _TAKEN_BACK.search(turn.folded, one.end, other.start)
        and not same(one.entry, other.entry)
    ]


def same(one: Entry, other: Entry) -> bool:
    """Whether two entries are the same service and variant."""
    return one.role_type == other.role_type and squash(one.label or "") == squash(other.label or "")


def _drop(ledger: Ledger, entry: Entry) -> None:
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


def _ask(ledger: Ledger, entry: Entry, turn: Turn, *, asked: bool, either: bool = False) -> None:
    ledger.dropped.discard((entry.role_type, entry.label))
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
            best = entry if entry.label is not None else service.entry
            ledger.services[number] = Service(best, ids, service.asked or asked)
            return
    ledger.services.append(Service(entry, (turn.id,), asked, either))


_BOTH = re.compile(r"\bboth\b|\bamandoua|\bambele|\btoate\b|\ball\s+of")
_BOOKS = re.compile(r"rezerv|\bbook|adaug|\badd\b|programam|\bluati\b|\bdoriti|\bvreti")


def accept_services(
    turn: Turn, ledger: Ledger, offered: list[tuple[Entry, str]], *, agreed: bool
) -> None:
    """Make what was only asked about, or offered, asked for by an acceptance that names nothing.

    `agreed` says whether the acceptance agreed a price.
    """
    booking = agreed or _BOOKS.search(ledger.last_outbound) or _BOOKS.search(turn.folded)
    if (not turn.roles and booking) or _BOTH.search(turn.folded):
        ledger.services = [
            s if s.asked or s.either else replace(s, asked=True, ids=(*s.ids, turn.id))
            for s in ledger.services
        ]
    if not ledger.services and not turn.roles and not ledger.dropped:
        for entry, sentence in offered:
            if not re.search(r"\bsau\b|\bor\b|\bavem\b|\bwe\s+have\b", sentence):
                _ask(ledger, entry, turn, asked=True)
        return
    for entry, sentence in offered:
        if (
            re.search(
                r"\b(?:doriti|vreti|adaug\w*|would\s+you\s+like|want|sa\s+punem|luati)\b", sentence
            )
            and "?" in sentence
        ) and not re.search(r"\bsau\b|\bor\b", sentence):
            _ask(ledger, entry, turn, asked=True)


def adopt_character(turn: Turn, ledger: Ledger, offered: list[tuple[Entry, str]]) -> None:
    """Take the one character that the company has for a kind that the customer asked for."""
    exact = [
        e
        for e, text in offered
        if e.exact_label and re.search(r"\bavem\b|\bwe\s+have|\bputem|\bmascota|\bavailable", text)
    ]
    kinds = [s for s in ledger.services if s.entry.role_type == "ANIMATOR"]
    if len({e.label for e in exact}) != 1 or len(kinds) != 1 or kinds[0].entry.exact_label:
        return
    if lexicon.REFUSE.match(turn.folded) or turn.roles:
        return
    position = ledger.services.index(kinds[0])
    ledger.services[position] = Service(exact[0], (*kinds[0].ids, turn.id), True)


def final_services(ledger: Ledger, *, asked_only: bool) -> list[Service]:
    """Return the services of the draft: the kind `animator` only beside no character."""
    chosen = [s for s in ledger.services if s.asked]
    if not chosen and not asked_only:
        chosen = list(ledger.services)
    elif not asked_only and not any(
        s.entry.role_type == "ANIMATOR" and s.entry.label for s in chosen
    ):
        chosen = [
            s
            for s in ledger.services
            if s.asked or (s.entry.role_type == "ANIMATOR" and s.entry.exact_label)
        ]
    labelled = any(s.entry.role_type == "ANIMATOR" and s.entry.label for s in chosen)
    return [s for s in chosen if s.entry.label or s.entry.role_type != "ANIMATOR" or not labelled]
