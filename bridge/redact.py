"""What a log must not hold: phone numbers, texts of customers, secrets.

Masking is the last line: no log statement is handed a message's text or a secret. What slips in all
the same, mostly by the words of somebody else's exception, is caught here.
"""

import re

from core.text import clean_line, mask_phone

_SECRETS: tuple[tuple[re.Pattern[str], str], ...] = tuple(
    (re.compile(expression, re.IGNORECASE), kept)
    for expression, kept in (
        # scheme://user:password@host
        (r"(\b[a-z][a-z0-9+.-]*://)[^\s/@]+@", r"\1…@"),
        (r"\b(bearer|basic)\s+[^\s,;\"']+", r"\1 …"),
        (
            r"\b((?:[a-z0-9]+[_-])*(?:password|passwd|secret|token|api[_-]?key|authorization|cookie"
            r"|credentials?|private[_-]key))\b([\"']?\s*[=:]\s*)(?:\"[^\"]*\"|'[^']*'|[^\s,;&]+)",
            r"\1\2…",
        ),
        (r"-----BEGIN [^-]+-----.*?(?:-----END [^-]+-----|$)", "…"),
        (r"\beyJ[\w-]+(?:\.[\w-]*)*", "…"),  # a JSON web token
        (r"\b(?:gsk_|sk-|AIza|ya29\.)[\w-]+", "…"),  # keys of Groq and others, of Google
        (r"\b2@[^\s]{20,}", "…"),  # a QR code: whoever scans it is linked
        (r"[A-Za-z0-9+/_-]{40,}={0,2}", "…"),  # whatever else is as long as a key
    )
)
_NUMBERS = re.compile(
    r"\+\d(?:[\s().-]{0,2}\d){6,}"  # +40 712 345 678
    r"|(?<!\d)\d{8,}"
    r"|(?<![\d.-])0\d{2,3}[\s.-]\d{3}[\s.-]\d{3,4}(?!\d)"  # 0712 345 678
)
_QUOTED: tuple[re.Pattern[str], ...] = (
    re.compile(r"\"(?:[^\"\\\n]|\\.)*\""),
    re.compile(r"(?<!\w)'(?:[^'\\\n]|\\.)*'(?!\w)"),
    re.compile(r"„[^”\n]*”|“[^”\n]*”|«[^»\n]*»"),
)
_LONGEST_REASON = 300


def redact(text: str) -> str:
    """Return text on one safe line, without phone numbers and whatever looks like a secret."""
    text = clean_line(text)
    for pattern, kept in _SECRETS:
        text = pattern.sub(kept, text)
    return _NUMBERS.sub(_masked, text)


def redact_reason(text: str) -> str:
    """Return the words of somebody else's exception, without what they quote: it may be a text."""
    text = redact(text)
    for pattern in _QUOTED:
        text = pattern.sub("…", text)
    return text if len(text) <= _LONGEST_REASON else text[:_LONGEST_REASON] + "…"


def _masked(match: "re.Match[str]") -> str:
    return mask_phone("".join(character for character in match[0] if character.isdigit()))
