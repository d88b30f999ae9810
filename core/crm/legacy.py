"""Events of schemaVersion 2, with their Romanian field names, as version 3 names them."""

from collections.abc import Mapping
from typing import Any

from core.crm.folding import squash
from core.crm.slots import slot_letters, slot_prefix

_NAMES = {
    "numarEveniment": "eventShortId",
    "telefonClientE164": "phoneE164",
    "telefonClientRaw": "phoneRaw",
    "numeParinte": "parentName",
    "sarbatoritNume": "childName",
    "sarbatoritVarsta": "childAge",
    "sarbatoritDob": "childDob",
    "sarbatoritDataNastere": "childDob",
    "nrCopiiAprox": "numChildren",
    "numarCopii": "numChildren",
    "data": "date",
    "adresa": "address",
    "oraStart": "startTime",
    "durataMin": "durationMin",
    "observatii": "notes",
    "esteArhivat": "isArchived",
    "arhivatLa": "archivedAt",
    "arhivatDe": "archivedBy",
    "motivArhivare": "archiveReason",
    "creatLa": "createdAt",
    "creatDe": "createdBy",
    "actualizatLa": "updatedAt",
    "actualizatDe": "updatedBy",
}
"""Field of version 2 to field of version 3; where both are there, version 3's name wins."""
_ROLE_NAMES = {
    "tipRol": "roleType",
    "eticheta": "label",
    "ora": "startTime",
    "time": "startTime",
    "durata": "durationMin",
    "durataMin": "durationMin",
    "durationMinutes": "durationMin",
    "stare": "status",
    "detalii": "details",
    "nota": "note",
}
_PAYMENT_NAMES = {
    "suma": "amount",
    "moneda": "currency",
    "metoda": "method",
    "avans": "deposit",
}
_PAYMENT_STATUS = {
    "neincasat": "UNPAID",
    "neplatit": "UNPAID",
    "unpaid": "UNPAID",
    "avans": "DEPOSIT",
    "partial": "DEPOSIT",
    "deposit": "DEPOSIT",
    "incasat": "PAID",
    "platit": "PAID",
    "paid": "PAID",
    "anulat": "CANCELLED",
    "cancelled": "CANCELLED",
}
_ROLE_TYPES = (
    ("ursito", "URSITOARE"),
    ("arcad", "ARCADE"),
    ("heliu", "HELIUM_BALLOONS"),
    ("helium", "HELIUM_BALLOONS"),
    ("balo", "BALLOONS"),
    ("vata", "COTTON_CANDY"),
    ("cotton", "COTTON_CANDY"),
    ("popcorn", "POPCORN"),
    ("decor", "DECORATIONS"),
    ("aranjament", "DECORATIONS"),
    ("mos ", "SANTA_CLAUS"),
    ("santa", "SANTA_CLAUS"),
    ("gheata", "DRY_ICE"),
    ("dry ice", "DRY_ICE"),
    ("animator", "ANIMATOR"),
)
"""Beginning of a word in the role's old name to its type, the more telling ones first."""
_ROLES = ("rolesBySlot", "roluriPeSlot", "roles", "roluri")


def as_version_3(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return the data of an event of version 2 under the names of version 3."""
    found = dict(data)
    for old, new in _NAMES.items():
        if found.get(new) is None and old in found:
            found[new] = found[old]
    short_id = found.get("eventShortId")
    found["rolesBySlot"] = _roles(data, slot_prefix(_number(short_id)))
    found["payment"] = _payment(data)
    return found


def legacy_fields(data: Mapping[str, Any], understood: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the old fields that version 3's data hold as well, or that hold nothing."""
    gone = [
        name
        for name, new in _NAMES.items()
        if name in data and (understood.get(new) is not None or data[name] in (None, ""))
    ]
    old = data.get("incasare")
    kept = old if isinstance(old, Mapping) else {}
    payment = understood["payment"]
    lost = [old for old, new in _PAYMENT_NAMES.items() if kept.get(old) and payment[new] is None]
    if "incasare" in data and not lost:
        gone.append("incasare")
    roles = understood["rolesBySlot"]
    gone += [name for name in _ROLES[1:] if name in data and (roles or not data[name])]
    return tuple(gone)


def _number(value: Any) -> int | None:
    text = str(value)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _payment(data: Mapping[str, Any]) -> dict[str, Any]:
    new, old = data.get("payment"), data.get("incasare")
    old = old if isinstance(old, Mapping) else {}
    status = old.get("stare") or old.get("status")
    found = {name: old.get(part) for part, name in _PAYMENT_NAMES.items()}
    found["status"] = _PAYMENT_STATUS.get(squash(status) if isinstance(status, str) else "")
    told = new if isinstance(new, Mapping) else {}
    return found | {name: value for name, value in told.items() if value is not None}


def _roles(data: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """Return the roles of whichever shape holds some, as a map by slot."""
    for name in _ROLES:
        held = data.get(name)
        if isinstance(held, Mapping) and held:
            return {slot: _role(role) for slot, role in held.items() if isinstance(role, Mapping)}
        if isinstance(held, list) and held:
            listed = [role for role in held if isinstance(role, Mapping)][:702]
            return {prefix + slot_letters(n): _role(role) for n, role in enumerate(listed)}
    return {}


def _role(role: Mapping[str, Any]) -> dict[str, Any]:
    found = dict(role)
    for old, new in _ROLE_NAMES.items():
        if found.get(new) is None and old in found:
            found[new] = found[old]
    kind = found.get("roleType")
    if not isinstance(kind, str) or not kind.isupper():
        named = kind or found.get("roleKey") or found.get("rol") or found.get("label") or ""
        found["roleType"] = _role_type(named if isinstance(named, str) else "")
    return found


def _role_type(name: str) -> str:
    """Return the type that an old role's name tells; a character's name is an animator's."""
    words = f" {squash(name)} "
    for beginning, role_type in _ROLE_TYPES:
        if f" {beginning}" in words:
            return role_type
    return "ANIMATOR" if words.strip() else "OTHER"
