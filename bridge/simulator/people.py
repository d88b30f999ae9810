"""Who there is: business phones, customers' phones, groups, address books."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bridge.errors import SimulatorError
from bridge.simulator.database import Database, Row
from core.model.ids import GROUP_SERVER, LID_SERVER, PHONE_SERVER

ADDRESSINGS = ("phone", "phone_only", "lid", "lid_only")
"""How a customer's messages name the sender: by phone or LID, with or without the other one."""

_CHANGEABLE: Mapping[str, type] = {
    "name": str, "addressing": str, "receipts_under": str, "account": str, "persona": str,
    "willing": int, "delivers": int, "history": dict,
}  # fmt: skip
"""What can be set of a phone, and the type that it has; a truth value is a number, too."""


class NoSuchThing(SimulatorError):
    """What was asked for does not exist in the simulator."""


@dataclass(frozen=True, slots=True)
class Phone:
    """One phone with WhatsApp on it."""

    number: str
    """International, digits only."""
    kind: str
    name: str
    lid: str
    addressing: str
    receipts_under: str
    account: str
    willing: bool
    delivers: bool
    persona: str
    history: Mapping[str, Any]

    @property
    def jid(self) -> str:
        """The address with the phone number."""
        return f"{self.number}@{PHONE_SERVER}"

    @property
    def lid_jid(self) -> str:
        """The hidden address."""
        return f"{self.lid}@{LID_SERVER}"

    def addresses(self) -> tuple[str, str]:
        """Return the address that messages name and the other one, empty when not told."""
        if self.addressing.startswith("phone"):
            return self.jid, "" if self.addressing == "phone_only" else self.lid_jid
        return self.lid_jid, "" if self.addressing == "lid_only" else self.jid

    def described(self) -> dict[str, Any]:
        """Return what the HTTP interface tells about this phone."""
        return {
            "phone": f"+{self.number}",
            "kind": self.kind,
            "name": self.name,
            "jid": self.jid,
            "lid": self.lid_jid,
            "addressing": self.addressing,
            "receipts_under": self.receipts_under,
            "account": self.account,
            "willing": self.willing,
            "delivers": self.delivers,
            "persona": self.persona,
            "history": dict(self.history),
        }


def _are_digits(text: str) -> bool:
    return text.isascii() and text.isdigit()


def digits(number: str) -> str:
    """Return a phone number's digits. Raises SimulatorError when it is none."""
    found = number.strip().removeprefix("+").replace(" ", "")
    if not _are_digits(found) or not 6 <= len(found) <= 15:
        raise SimulatorError(f"Not a phone number: {number!r}.", hint="Write it as +40700012345.")
    return found


def _phone(row: Row) -> Phone:
    values = {key: row[key] for key in row.keys()}  # noqa: SIM118 - Row iterates over values
    values |= {"willing": bool(row["willing"]), "delivers": bool(row["delivers"])}
    return Phone(**values | {"history": json.loads(row["history"] or "{}")})


class People:
    """Phones, groups and contacts, as kept in the database."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def put(self, number: str, kind: str, changes: Mapping[str, Any]) -> Phone:
        """Make a phone or change one. Raises SimulatorError for what cannot be set."""
        number = digits(number)
        if unknown := changes.keys() - _CHANGEABLE.keys():
            raise SimulatorError(f"A phone has no {', '.join(sorted(unknown))}.")
        for name, value in changes.items():
            if not isinstance(value, _CHANGEABLE[name]):
                raise SimulatorError(f"{name} of a phone cannot be {value!r}.")
        if changes.get("addressing", "phone") not in ADDRESSINGS:
            raise SimulatorError("No such addressing.", hint=", ".join(ADDRESSINGS))
        if changes.get("receipts_under", "phone") not in ("phone", "lid"):
            raise SimulatorError("Receipts come under phone or lid.")
        lid = str(int(hashlib.sha256(number.encode()).hexdigest()[:12], 16) % 10**14 + 10**14)
        with self._db.change():
            self._db.run(
                "INSERT OR IGNORE INTO phone VALUES (?,?,?,?,'phone','phone','',0,1,'','{}')",
                number, kind, "", lid,
            )  # fmt: skip
            for key, value in changes.items():
                stored = json.dumps(value) if key == "history" else value
                self._db.run(f"UPDATE phone SET {key} = ? WHERE number = ?", stored, number)  # noqa: S608 - checked key
        phone = self.phone(number)
        if phone.kind != kind:
            raise SimulatorError(f"+{number} is a {phone.kind}'s phone.")
        return phone

    def find(self, number: str) -> Phone | None:
        """Return a phone by its number, or None."""
        row = self._db.row("SELECT * FROM phone WHERE number = ?", digits(number))
        return None if row is None else _phone(row)

    def phone(self, number: str) -> Phone:
        """Return a phone by its number. Raises NoSuchThing."""
        found = self.find(number)
        if found is None:
            raise NoSuchThing(f"There is no phone +{digits(number)}.")
        return found

    def customer(self, number: str) -> Phone:
        """Return a customer's phone, made when it is not there yet."""
        return self.find(number) or self.put(number, "customer", {})

    def by_jid(self, jid: str) -> Phone | None:
        """Return the phone behind a phone or LID address, or None."""
        user, _, server = jid.partition("@")
        if server == LID_SERVER:
            row = self._db.row("SELECT * FROM phone WHERE lid = ?", user)
            return None if row is None else _phone(row)
        return self.find(user) if _are_digits(user) and 6 <= len(user) <= 15 else None

    def all(self, kind: str) -> list[Phone]:
        """Return every phone of a kind."""
        rows = self._db.rows("SELECT * FROM phone WHERE kind = ? ORDER BY rowid", kind)
        return [_phone(row) for row in rows]

    def business(self, name: str = "") -> Phone:
        """Return a business phone by number or linked account; without a name the only one.

        Raises NoSuchThing when there is none or more than one.
        """
        phones = self.all("business")
        if name:
            linked = {
                row["phone"]
                for row in self._db.rows("SELECT phone FROM device WHERE account = ?", name)
            }
            phones = (
                [p for p in phones if p.number in linked]
                or [p for p in phones if p.account == name]
                or [p for p in phones if p.number == name.removeprefix("+")]
            )
        if len(phones) != 1:
            raise NoSuchThing(
                f"There is no one business phone {name!r}." if name else "Say to whom.",
                hint="Give a business phone's number or the id of an account that is linked to it.",
            )
        return phones[0]

    # -- groups ----------------------------------------------------------------------------------

    def put_group(self, jid: str, subject: str, members: Sequence[str]) -> str:
        """Make or change a group; returns its JID. Members are numbers, businesses included."""
        numbers = [digits(member) for member in members]
        if not jid:
            digest = hashlib.sha256((subject + ",".join(numbers)).encode()).hexdigest()
            jid = f"120363{int(digest[:10], 16):013d}"[:18] + f"@{GROUP_SERVER}"
        if not jid.endswith(f"@{GROUP_SERVER}"):
            raise SimulatorError(f"Not a group: {jid!r}.")
        with self._db.change():
            self._db.run(
                "INSERT OR REPLACE INTO party VALUES (?,?,?)", jid, subject, json.dumps(numbers)
            )
        return jid

    def group(self, jid: str) -> tuple[str, list[str]]:
        """Return a group's subject and the numbers of its members. Raises NoSuchThing."""
        row = self._db.row("SELECT * FROM party WHERE jid = ?", jid)
        if row is None:
            raise NoSuchThing(f"There is no group {jid}.")
        return row["subject"], json.loads(row["members"])

    def groups(self) -> list[dict[str, Any]]:
        """Return what the HTTP interface tells about every group."""
        return [
            {"jid": row["jid"], "subject": row["subject"], "members": json.loads(row["members"])}
            for row in self._db.rows("SELECT * FROM party ORDER BY jid")
        ]

    def groups_of(self, number: str) -> list[str]:
        """Return the JIDs of the groups that a phone is in."""
        return [one["jid"] for one in self.groups() if number in one["members"]]

    # -- address books ---------------------------------------------------------------------------

    def put_contact(self, owner: str, number: str, name: str) -> None:
        """Write a name into a business phone's address book."""
        with self._db.change():
            self._db.run(
                "INSERT OR REPLACE INTO contact VALUES (?,?,?)", digits(owner), digits(number), name
            )

    def contact_name(self, owner: str, number: str) -> str:
        """Return the address book's name, or nothing."""
        row = self._db.row("SELECT name FROM contact WHERE owner=? AND number=?", owner, number)
        return "" if row is None else str(row["name"])
