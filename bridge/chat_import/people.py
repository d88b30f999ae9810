"""Who is who in an export: the operator, the customer or group, and the customer's number."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from bridge.chat_import.classify import fold
from bridge.chat_import.errors import ImportUnclear
from bridge.chat_import.survey import Survey
from core.i18n import _
from core.text import clean_line

Ask = Callable[[str], str]
"""Puts a question to the operator and returns the answer."""

_NUMBER = re.compile(r"\+?[\d\s().\u2010-\u2015-]{6,25}")
_MOST_ASKED = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What the operator said about the people, by options; empty where not said."""

    me: str = ""
    phone: str = ""
    chat_name: str = ""
    is_group: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Who is who in one chat."""

    me: str
    """The operator's name in the export; empty when the operator wrote nothing."""
    name: str
    """The customer's or group's name."""
    is_group: bool
    phone_e164: str | None
    """Of the customer; None for a group."""


def find_people(
    survey: Survey,
    title: str,
    wishes: Wishes,
    *,
    region: str,
    own_names: tuple[str, ...] = (),
    ask: Ask | None = None,
) -> People:
    """Tell who is who from the export, the options and, with `ask`, the operator's answers.

    `own_names` are names the operator is known by. Raises ImportUnclear for what remains open.
    """
    is_group = wishes.is_group or (survey.is_group and not wishes.phone)
    name = wishes.chat_name or title or survey.chat_sender
    me = _find_me(
        survey, (wishes.chat_name, title, survey.chat_sender), wishes, is_group, own_names
    )
    if me is None:
        me = _ask_me(survey, ask)
    if is_group:
        if not name and ask:
            name = clean_line(ask(_("What is the group called? ")))
        if not name:
            raise ImportUnclear(
                _("The export does not tell the group's name."), hint=_("Say it by --chat-name.")
            )
        return People(me=me, name=name, is_group=True, phone_e164=None)
    others = [sender for sender in survey.senders if sender != me]
    name = name or next(iter(others), "")
    phone = _find_phone(wishes, (title, survey.chat_sender, *others), region, ask, name)
    if parse_phone(name, region) == phone:
        name = phone
    return People(me=me, name=name or phone, is_group=False, phone_e164=phone)


def parse_phone(text: str, region: str) -> str | None:
    """Return a phone number as E.164, or None if `text` is none; `region` is an ISO 3166 code."""
    text = clean_line(text).removeprefix("~").strip()
    if not _NUMBER.fullmatch(text):
        return None
    import phonenumbers  # noqa: PLC0415 - slow to load, and not needed by most commands

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    formatted: str = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    return formatted


def _find_me(
    survey: Survey,
    chat_names: tuple[str, ...],
    wishes: Wishes,
    is_group: bool,
    own_names: tuple[str, ...],
) -> str | None:
    by_name = {_key(sender): sender for sender in survey.senders}
    if wishes.me:
        me = by_name.get(_key(wishes.me))
        if me is None and len(survey.senders) > 1:
            raise ImportUnclear(
                _("Nobody in the chat is called {name!r}.").format(name=clean_line(wishes.me)),
                hint=_("These wrote: {names}.").format(names=_some(survey)),
            )
        return me or ""
    if is_group:
        return next((by_name[_key(name)] for name in own_names if _key(name) in by_name), None)
    customers = {by_name[_key(name)] for name in chat_names if _key(name) in by_name}
    if len(customers) == 1:
        others = [sender for sender in survey.senders if sender not in customers]
        if len(others) <= 1:
            return others[0] if others else ""
    return next((by_name[_key(name)] for name in own_names if _key(name) in by_name), None)


def _ask_me(survey: Survey, ask: Ask | None) -> str:
    names = [name for name, _count in survey.senders.most_common(20)]
    if not names:
        return ""
    if ask is None:
        raise ImportUnclear(
            _("It is not clear who of {names} is you.").format(names=_some(survey)),
            hint=_("Say it by --me NAME."),
        )
    lines = [f"  {number}  {name}" for number, name in enumerate(names, 1)]
    question = "\n".join((_("Who of these is you?"), *lines, f"  0  {_('none of them')}", "> "))
    for _attempt in range(_MOST_ASKED):
        answer = clean_line(ask(question))
        if answer.isdecimal() and int(answer) <= len(names):
            return names[int(answer) - 1] if int(answer) else ""
        if chosen := [name for name in names if fold(name) == fold(answer)]:
            return chosen[0]
    raise ImportUnclear(_("No name was chosen."), hint=_("Say it by --me NAME."))


def _find_phone(
    wishes: Wishes, names: tuple[str, ...], region: str, ask: Ask | None, name: str
) -> str:
    if wishes.phone:
        if phone := parse_phone(wishes.phone, region):
            return phone
        raise ImportUnclear(
            _("{text!r} is no phone number.").format(text=clean_line(wishes.phone)),
            hint=_("Write it with its country code, such as +40712345678."),
        )
    for text in names:
        if phone := parse_phone(text, region):
            return phone
    for _attempt in range(_MOST_ASKED if ask else 0):
        assert ask is not None
        if phone := parse_phone(ask(_("Which number has {name}? ").format(name=name)), region):
            return phone
    raise ImportUnclear(
        _("The export does not tell the number of {name}.").format(name=name or _("the customer")),
        hint=_("Say it by --phone, with its country code."),
    )


def _some(survey: Survey) -> str:
    names = [name for name, _count in survey.senders.most_common(6)]
    more = ", …" if len(survey.senders) > len(names) else ""
    return ", ".join(names) + more


def _key(name: str) -> str:
    """Return what names are compared by; iOS marks those that are no contacts with a tilde."""
    return fold(name).removeprefix("~").strip()
