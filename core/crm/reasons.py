"""Why an engine proposes what it does, in the language of whoever reads: records hold codes."""

from typing import Final

from core.crm.draft import Reason, ReasonCode
from core.crm.words import label_of, show_kind
from core.i18n import N_, _

_SENTENCES: Final[dict[ReasonCode, str]] = {
    "not_written": N_("The customer has not written."),
    "nothing_asked": N_("Nothing is asked for."),
    "advertising": N_("The message looks like advertising."),
    "calls_off": N_("The customer calls the party off."),
    "only_asks": N_("The customer only asks."),
    "not_booked_yet": N_("The customer says that nothing is booked yet."),
    "asks_for_party": N_("The customer asks for a party."),
    "accepts_offer": N_("The customer accepts the company's offer."),
    "gives_details": N_("The customer gives the details of a party."),
    "about_stored": N_("The chat is about an event that is already stored."),
    "several_events": N_("Several open events could be meant: choose one."),
    "worded_as_booking": N_("The chat is worded like those that ask for a party."),
    "worded_as_update": N_("The chat is worded like those that change an event."),
    "worded_as_cancel": N_("The chat is worded like those that call a party off."),
    "worded_as_question": N_("The chat is worded like those that only ask."),
    "worded_as_other": N_("The chat is worded like those that ask for nothing."),
    "instructions_left_out": N_("Instructions inside the customer's messages were left out."),
    "no_longer_wanted": N_("The customer no longer wants: {about}."),
    "several_days": N_("The customer names several days: ask which."),
    "birthday_as_date": N_("The date is the birthday: ask whether the party is on that day."),
    "no_date": N_("The date is not known yet."),
    "no_hour": N_("The hour is not known yet."),
    "no_address": N_("The address is not known yet."),
    "no_service": N_("No service was asked for yet."),
    "no_evidence": N_(
        "The intent is the built-in rules' reading: the model gave no evidence for its own."
    ),
    "read_differently": N_(
        "The built-in rules read the chat differently: check what the customer wants."
    ),
    "unknown_message": N_("A fact was left out: the message that it cites does not exist."),
    "not_one_value": N_("{about} was left out: the quoted words do not say one value."),
    "not_in_message": N_("{about} was left out: the quoted words are not in the message."),
    "not_accepted": N_(
        "{about} was left out: only the company said it, and the customer did not accept."
    ),
    "prompt_unusable": N_(
        "The prompt {about} in app_config/ai_prompts is no text, or too long:"
        " the built-in one was used."
    ),
}


def sentence(reason: Reason) -> str:
    """Return a reason in words, for the operator."""
    return _(_SENTENCES[reason.code]).format(about=", ".join(map(_name, reason.about)))


def _name(about: str) -> str:
    return show_kind(label_of(about))
