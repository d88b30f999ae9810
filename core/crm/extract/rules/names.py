"""Where the name of a person stands in a message, and how it is called."""

import re

from core.crm.extract.rules.address_words import TOWN
from core.crm.extract.rules.turns import Turn
from core.crm.folding import fold
from core.crm.given_names import is_given
from core.crm.resolve.dates import MONTHS, WEEKDAYS

CAPITAL = r"[A-ZȘȚĂÂÎŞŢÁÉÓÖ]"
CAPITALISED = re.compile(rf"{CAPITAL}[\w'’]+(?:[ -]{CAPITAL}[\w'’]+){{0,2}}")
"""Up to three words with a capital letter: a name, or the beginning of a sentence."""
_LOWER = re.compile(r"[^\W\d_]{3,14}(?:-[^\W\d_]{3,14})?")
_TWO = re.compile(r"[^\W\d_]{3,14} [^\W\d_]{3,14}(?!\w)")
COMMON = frozenset(
    [
        "day", "sports", "school", "class", "christmas", "halloween", "easter", "grupa", "buna",
        "salut", "da", "ok", "okay", "multumesc", "mersi", "pe", "str", "strada", "la",
        "de", "in", "pentru", "si", "ora", "data", "adresa", "cu", "nu", "am", "avem", "vrem",
        "vreau", "super", "perfect", "petrecerea", "petrecere", "un", "una", "sunt", "este",
        "hello", "hi", "hey", "thanks", "thank", "the", "we", "our", "it", "he", "she", "yes",
        "no", "please", "my", "party", "can", "could", "and", "his", "her", "its", "with",
        "from", "est", "va", "fi", "vor", "mama", "tata", "fetita", "baiat", "baiatul", "copil",
        "copilul", "copii", "fiica", "fiul", "fata", "mea", "meu", "face", "ani", "implineste",
        "turns", "turning", "happy", "best", "regards", "cheers", "bucuresti", "bucharest", "ar",
        "cam", "vreo", "interesat", "interesata", "doar", "ziua", "domnul", "doamna", "aceeasi",
        "same", "acum", "maine", "azi", "cat", "ce", "cum", "unde", "cand", "care", "daca",
        "dar", "mai", "noi", "voi", "ei", "ea", "el", "lui", "lor", "acasa", "botezul", "botez",
        "nasa", "nasul", "bunica", "bunicul", "educatoarea", "directoarea", "invatatoarea",
        "restaurant", "sala", "loc", "sector", "romania", "kids", "children", "oh",
        "also", "so", "great", "mami", "tati", "animator", "ursitoare", "mascota", "printesa",
        "popcorn", "baloane", "vata", "facem", "fac", "sarbatorim", "noastra", "nostru",
        "rezerv", "rezervare", "confirm", "confirmam", "deal", "rog", "still", "this", "that",
        "just", "sorry", "not", "for", "about", "around", "near", "minute", "parintele",
        "client", "numele", "anii", "baietel", "baietelul", "fete", "fetite", "gemeni", "gemenii",
        "gemenele", "bine", "gata", "sure", "cool", "fine", "sigur", "desigur", "sir", "dear",
        "team", "santa", "mos", "craciun", "paste", "personaj", "tema", "mine", "one", "only",
        "never", "said", "who", "iti", "imi", "si-a", "toti", "toate", "deja", "asta", "aici",
        "acolo", "british", "american", "englez", "roman", "they", "there", "here", "what", "when",
        "where", "how", "will", "would", "are", "is", "was", "you", "your", "their", "them", "to",
        "at", "on", "as", "but", "if", "or", "all", "any", "some", "then", "than", "now", "well",
        "year", "years", "old", "kid", "girl", "boy", "son", "daughter", "twins", "guests", "each",
        "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "doi", "doua",
        "trei", "patru", "cinci", "sase", "sapte", "opt", "noua", "zece", "bebe", "bebelusul",
        "micuta", "micutul", "cel", "cea", "mic", "mica", "ne", "ni", "se", "ca", "sa", "o", "a",
        "al", "ai", "ale", "din", "sub", "peste", "intre", "dupa", "pana", "fara", "despre",
        "sarbatorita", "sarbatoritul", "copiii", "invitati", "adulti", "maxim", "minim", "aprox",
        "total", "lei", "ron", "euro", "ore", "orele", "luna", "anul", "vara", "iarna", "toamna",
        "primavara", "sarbatori", "cateva", "putin", "foarte", "chiar", "tot", "alt", "alta",
        "avea", "avut", "fost", "vine", "vin", "veni", "merge", "poate", "trebuie", "stiu", "zic",
        "aveti", "puteti", "faceti", "doresc", "dorim", "eu", "tu", "dumneavoastra", "domnule",
        "doamne", "asa", "apropo", "fiicei", "fiului", "fetitei", "fetelor",
        "fetele", "baietelului", "baiatului", "baietilor", "copilului", "copiilor", "surorii",
        "sora", "fratelui", "fratele", "nepoatei", "nepotului", "finei", "finului", "mele", "mei",
        "sotul", "sotia", "sotului", "sotiei", "mamei", "tatalui", "soacra", "soacrei",
        "sister", "brother", "cousin", "aunt", "uncle", "mum", "mom", "dad", "grandma", "nephew",
        "niece", "friend", "friends", "husband", "wife", "family", "office", "everyone", "somebody",
        "gen", "adica", "totul", "nimic", "ceva", "cineva", "altceva",
    ]
) | frozenset(MONTHS) | frozenset(WEEKDAYS)  # fmt: skip
"""Words that begin sentences or stand beside names, and are none."""


def name_at(turn: Turn, position: int, *, lower: bool) -> tuple[int, int] | None:
    """Return the offsets of a person's name that starts at `position`.

    Without a capital letter only with `lower`, which any clear word before the name allows.
    """
    found = CAPITALISED.match(turn.text, position)
    if found is None and lower:
        found = _two_given(turn, position) or _LOWER.match(turn.text, position)
        if found and not is_given(turn.folded[slice(*found.span())], lower=True):
            ending = turn.folded[found.start() : found.end()]
            if ending.endswith(("eaza", "este", "ati", "ind", "ing", "ul")):
                return None
    if found is None:
        return None
    end = position
    for word in re.finditer(r"[^\s-]+", turn.folded[position : found.end()]):
        if word[0].replace("'s", "") in COMMON or any(
            r.start < position + word.end()
            and position + word.start() < r.end
            and r.entry.role_type != "ANIMATOR"
            for r in turn.roles
        ):
            break
        end = position + word.end()
    if end == position:
        return None
    if turn.text[position:end].endswith(("'s", "’s")):
        end -= 2
    if _kind(turn, position, end):
        return None
    name = turn.folded[position:end]
    if TOWN.fullmatch(name) and not is_given(name):
        return None
    return position, end


def _two_given(turn: Turn, position: int) -> re.Match[str] | None:
    """Return two given names in lower case: `ana sofia`."""
    found = _TWO.match(turn.text, position)
    if found is None or not all(is_given(fold(word), lower=True) for word in found[0].split()):
        return None
    return found


def _kind(turn: Turn, start: int, end: int) -> bool:
    """Whether the words are a service's own name or a kind of character, never a person."""
    return any(r.start <= start and end <= r.end and not r.entry.exact_label for r in turn.roles)


def is_character(turn: Turn, start: int, end: int) -> bool:
    """Whether a service or character is named within these offsets."""
    return any(r.start < end and start < r.end for r in turn.roles)


def spelled(text: str) -> str:
    """Return a name as the customer wrote it, with capitals where there were none."""
    plain = " ".join(text.split())
    return plain.title() if plain.islower() or (plain.isupper() and len(plain) > 2) else plain


_OF = re.compile(
    r"(?:\b(?:ziua|surpriza|cadou|aniversare\s+a|aniversarea|botezul|petrecerea|zilei|mama|mamica|tatal|taticul|bunica|bunicul"
    r"|nasa|nasul|numele|varsta|a)|\bziua\s+de\s+nastere\s+a)\s+(?:micutei\s+|printesei\s+"
    r"|fetitei\s+(?:mele|noastre)\s*,?\s*)?$"
)


def in_genitive(turn: Turn, start: int) -> bool:
    """Whether the words before ask for the Romanian genitive: `ziua Mariei`."""
    return bool(_OF.search(turn.folded, max(0, start - 36), start))


def nominative(turn: Turn, start: int, end: int) -> str:
    """Return the name at these offsets as it is called: `Dianei` after `petrecerea` is Diana."""
    name = spelled(turn.text[start:end])
    first, blank, rest = name.partition(" ")
    folded = fold(first)
    if len(first) < 4 or not folded.endswith(("ei", "ai", "ii")) or not in_genitive(turn, start):
        return name
    stem = first[:-2]
    likely = [stem + "a", first[:-1] + "a", first[:-1]]
    if folded.endswith("eei"):
        likely.insert(0, first[:-1] + "a")
    known = [one for one in likely if is_given(fold(one))]
    if is_given(folded) and not known:
        return name
    if not known and folded.endswith("ii"):
        return name
    return (known or likely)[0] + blank + rest
