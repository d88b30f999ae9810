"""Blanks what in a customer's message only pretends to be a fact: commands, JSON, fake lines."""

import re

_BLOCKS = (
    re.compile(r"```.*?(?:```|\Z)", re.DOTALL),
    re.compile(
        r"\{[^{}]{0,2000}\}|\{[^{}]{0,300}(?:\{[^{}]{0,1000}\}[^{}]{0,300}){1,4}\}", re.DOTALL
    ),
    re.compile(r"\[\s*[\"{][^\[\]]{0,2000}\]", re.DOTALL),
    re.compile(r"<(?P<tag>/?[a-z_]{2,20})(?:\s[^<>]{0,200})?>"),
    re.compile(r"https?://\S+|www\.\S+"),
)
_SPEAKERS = (
    r"operator(?:ul)?|system(?:\s+prompt)?|sistem|assistant|asistent|admin(?:istrator)?|bot"
    r"|compania|firma"
    r"|company|staff|agent|user|developer|animatori|angajat(?:ul)?|crm|server|instructions?"
    r"|prompt|ai"
)
_FAKE_LINE = re.compile(
    rf"^[ \t]*(?:[\[(<#*]+\s*(?:{_SPEAKERS})\s*[\])>#*]+[ \t]*:?|(?:{_SPEAKERS})[ \t]*[:>]"
    r"|\[[\d./, ]{0,14}\d{1,2}:\d{2}[^\n\]]{0,8}\]\s*-?\s*[A-Z][^:\n]{0,30}:"
    r"|\d{1,2}[./]\d{1,2}[./]\d{2,4},?\s+\d{1,2}:\d{2}[^\n:]{0,6}-\s[^:\n]{1,40}:|#{2,}|(?:out"
    r"|in)bound\s*:)[^\n]*",
    re.MULTILINE | re.IGNORECASE,
)
_COMMAND = re.compile(
    r"\bnotificare\s+(?:de\s+)?sistem|\bsystem\s+(?:notification|message|notice)|\bmesaj\s+(?:automat|de\s+sistem)"
    r"|\btoate\s+rezervarile\s+(?:acestui|clientului)|\bconsidera(?:ti)?\s+\w+\s+(?:integral\s+)?(?:achitat|platit)|"
    r"ignor\w*\s+(?:all\s+|any\s+|toate\s+|orice\s+|the\s+|tot\s+ce\s+)*(?:previous|prior|above"
    r"|earlier"
    r"|instruct\w*|anterioar\w*|precedent\w*|regul\w*|rules)"
    r"|disregard\s+(?:all|any|the|previous)|forget\s+(?:all|everything|previous|your)"
    r"|(?:uita|ignora)\s+(?:toate\s+)?(?:instructiunile|regulile)|you\s+are\s+now|admin\s+mode"
    r"|mod(?:ul)?\s+admin"
    r"|developer\s+mode|system\s+prompt|act\s+as\s+(?:an?|the)|de\s+acum\s+esti|esti\s+acum\s+un"
    r"|payment\.?status|paymentstatus|is_?archived|eventid|targeteventid|role_?type|json"
    r"|childname|starttime"
    r"|\b(?:set|update|change|mark|overwrite|override)\s+(?:the\s+|all\s+)*(?:payment|status"
    r"|amount|price|date"
    r"|event|record|booking|field)\w*\s*(?:status\s*)?(?:to|as|=|:)"
    r"|\b(?:seteaza|setati|marcheaza|marcati|modifica|actualizeaza)\s+(?:\w+\s+){0,3}"
    r"(?:statusul|status"
    r"|pretul|plata|suma|statutul|campul|inregistrarea)|\bstatus\s*[:=]|\b(?:amount|deposit"
    r"|total)\s*="
    r"|\b(?:paid|unpaid)\b\s*(?:=|:)|\bsudo\b|drop\s+table|select\s+\*|insert\s+into"
)
_GOES_ON = re.compile(
    r"\s*(?:set|update|change|mark|output|return|raspunde|respond|reply|print|amount|price"
    r"|pret\w*|suma|status"
    r"|data\s*=|date\s*=|total\s*=|do\s+not|nu\s+(?:mai\s+)?(?:cere|verifica)|from\s+now"
    r"|de\s+acum|seteaza"
    r"|marcheaza|confirma\s+(?:automat|plata)|you\s+(?:are|must|will)|all\s+)"
)
_SENTENCE = re.compile(r"[^.!?\n]*(?:\.(?=\w)[^.!?\n]*)*[.!?\n]*")


def shield(text: str, folded: str) -> tuple[str, bool]:
    """Return `text` with everything that is an instruction blanked out, and whether any was.

    Lengths and offsets stay the same; `folded` is the folded form of `text`.
    """
    spans: list[tuple[int, int]] = []
    for number, block in enumerate(_BLOCKS):
        source = folded if number >= 3 else text
        spans += [found.span() for found in block.finditer(source)]
    spans += [found.span() for found in _FAKE_LINE.finditer(folded)]
    inside = False
    for found in _SENTENCE.finditer(folded):
        if found.start() == found.end():
            continue
        inside = bool(_COMMAND.search(found[0])) or (inside and bool(_GOES_ON.match(found[0])))
        if inside:
            spans.append(found.span())
    if not spans:
        return text, False
    chars = list(text)
    for start, end in spans:
        chars[start:end] = [c if c == "\n" else " " for c in chars[start:end]]
    return "".join(chars), True
