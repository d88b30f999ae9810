"""Answers to the common questions, from the facts alone and in the language of the question."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from core.crm.ask.facts import ClientFacts, by_service, by_year
from core.crm.ask.phrases import PHRASES, Language, Phrases, count_events
from core.crm.ask.questions import Question, understand
from core.crm.clients import Spend, Totals
from core.crm.events import Event
from core.crm.money import plain_amount
from core.text import clean_line

_MOST_LISTED = 30


@dataclass(frozen=True, slots=True)
class Source:
    """An event that an answer rests on."""

    event_id: str
    event_short_id: int | None
    date: str | None
    details: str
    """The event on one line."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer and the events that it rests on."""

    text: str
    sources: tuple[Source, ...] = ()
    engine: str = "facts"
    reasons: tuple[str, ...] = ()
    """Why it was not a model that answered, if one should have."""


def answer_from_facts(facts: ClientFacts, text: str, *, language: Language) -> Answer:
    """Answer a question without any model; `language` counts when the question's is not plain."""
    question = understand(text, language=language, this_year=facts.today.year)
    words = PHRASES[question.language]
    if question.topic == "event":
        return _one_event(facts, question, words)
    scoped, scope = _narrowed(facts, question, words)
    if question.topic == "left_out":
        return _left_out(scoped, question, words, scope)
    if not scoped.events:
        return Answer(words.no_events.format(scope=scope))
    lines, events = _compose(scoped, question, words, scope)
    return Answer("\n".join(lines), sources_of(events, question.language))


def sources_of(events: Iterable[Event], language: Language) -> tuple[Source, ...]:
    """Return events as sources of an answer."""
    return tuple(
        Source(event.event_id, event.event_short_id, event.date, describe(event, language))
        for event in events
    )


def describe(event: Event, language: Language) -> str:
    """Return an event on one line: `#1 marți 2026-02-10 18:00 · Elsa · 1200 RON · neplătit`."""
    words = PHRASES[language]
    number = f"#{event.event_short_id}" if event.event_short_id else ""
    when = f"{number} {_day(event.date, words)} {event.start_time or ''}"
    roles = ", ".join(role.label or words.services.get(role.role_type, role.role_type)
                      for role in event.roles)  # fmt: skip
    payment = event.payment
    currency = payment.currency or ""
    amount = plain_amount(payment.amount, currency) if payment.amount is not None else ""
    deposit = plain_amount(payment.deposit, currency) if payment.deposit is not None else ""
    status = words.statuses[payment.status].format(deposit=deposit)
    parts = (when, roles, event.address or "", amount, status)
    return " · ".join(line for part in parts if (line := clean_line(part)))


def _day(iso: str | None, words: Phrases) -> str:
    if iso is None:
        return words.undated
    return f"{words.weekdays[date.fromisoformat(iso).weekday()]} {iso}"


def _narrowed(facts: ClientFacts, question: Question, words: Phrases) -> tuple[ClientFacts, str]:
    """Return the facts of the year or month asked about, and the words for it."""
    if question.year is None and question.month is None:
        return facts, ""
    when = " ".join(
        part
        for part in (
            words.months[question.month - 1] if question.month else "",
            str(question.year) if question.year else "",
        )
        if part
    )

    def fits(event: Event) -> bool:
        if event.date is None:
            return False
        day = date.fromisoformat(event.date)
        return question.year in (None, day.year) and question.month in (None, day.month)

    kept = facts.only(filter(fits, (*facts.events, *facts.left_out)))
    return kept, words.in_year.format(when=when)


def _compose(
    facts: ClientFacts, question: Question, words: Phrases, scope: str
) -> tuple[list[str], tuple[Event, ...]]:
    """Return the lines of the answer and the events that it rests on."""
    language = question.language
    totals = facts.totals
    match question.topic:
        case "last" | "next":
            return _nearest(facts, question, words, scope)
        case "spent":
            return [_money(words.spent, totals, words, scope), *_list(facts.events, language)], (
                facts.events
            )
        case "paid":
            form = words.all_paid if _is_all_paid(totals) else words.paid
            return [
                _money(form, totals, words, scope),
                *_list(facts.events, language),
            ], facts.events
        case "outstanding":
            owing = tuple(event for event in facts.events if _owes(facts, event))
            form = words.outstanding if owing else words.nothing_outstanding
            return [_money(form, totals, words, scope), *_list(owing, language)], (
                owing or facts.events
            )
        case "count":
            told = words.count.format(scope=scope, events=count_events(len(facts.events), language))
            return [told, *_list(facts.events, language)], facts.events
        case "by_year":
            return [words.by_year, *_years(facts, words, language)], facts.events
        case "by_service":
            return _services(facts, words, scope, language), facts.events
        case _:
            nearest = [_nearest(facts, replace(question, topic=topic), words, scope)[0][0]
                       for topic in ("last", "next")]  # fmt: skip
            told = words.count.format(scope=scope, events=count_events(len(facts.events), language))
            return [words.overview, told, _money(words.spent, totals, words, scope), *nearest], (
                facts.events
            )


def _nearest(
    facts: ClientFacts, question: Question, words: Phrases, scope: str
) -> tuple[list[str], tuple[Event, ...]]:
    is_last = question.topic == "last"
    found = (facts.past if is_last else facts.coming)[:1]
    if not found:
        return [(words.no_last if is_last else words.no_next).format(scope=scope)], ()
    form = words.last if is_last else words.next
    return [form.format(scope=scope, event=describe(found[0], question.language))], found


def _one_event(facts: ClientFacts, question: Question, words: Phrases) -> Answer:
    for event in (*facts.events, *facts.left_out):
        if event.event_short_id == question.short_id:
            sources = sources_of([event], question.language)
            return Answer(sources[0].details, sources)
    return Answer(words.no_such_event.format(number=f"#{question.short_id}"))


def _left_out(facts: ClientFacts, question: Question, words: Phrases, scope: str) -> Answer:
    if not facts.left_out:
        return Answer(words.none_left_out.format(scope=scope))
    count = count_events(len(facts.left_out), question.language)
    lines = [words.left_out.format(scope=scope, events=count)]
    lines += _list(facts.left_out, question.language)
    return Answer("\n".join(lines), sources_of(facts.left_out, question.language))


def _money(form: str, totals: Totals, words: Phrases, scope: str) -> str:
    """Fill in the sums, each in every currency that it is in."""
    spends = totals.by_currency or {totals.currency: Spend()}

    def sums(part: str) -> str:
        amounts = {currency: getattr(spend, part) for currency, spend in spends.items()}
        told = [plain_amount(amount, name) for name, amount in amounts.items() if amount]
        return f" {words.and_word} ".join(told) or plain_amount(Spend().paid, next(iter(spends)))

    return form.format(
        scope=scope, paid=sums("paid"), all=sums("all"), outstanding=sums("outstanding")
    )


def _is_all_paid(totals: Totals) -> bool:
    spends = totals.by_currency.values()
    return any(spend.paid for spend in spends) and not any(spend.outstanding for spend in spends)


def _owes(facts: ClientFacts, event: Event) -> bool:
    return any(s.outstanding for s in facts.only([event]).totals.by_currency.values())


def _list(events: tuple[Event, ...], language: Language) -> list[str]:
    lines = [f"- {describe(event, language)}" for event in events[:_MOST_LISTED]]
    return [*lines, "…"] if len(events) > _MOST_LISTED else lines


def _years(facts: ClientFacts, words: Phrases, language: Language) -> list[str]:
    return [
        f"- {year}: {count_events(totals.events_count, language)}. "
        + _money(words.spent, totals, words, "")
        for year, totals in by_year(facts).items()
    ]


def _services(facts: ClientFacts, words: Phrases, scope: str, language: Language) -> list[str]:
    uses = by_service(facts)
    if not uses:
        return [words.no_services.format(scope=scope)]
    lines = [words.by_service]
    for use in uses:
        name = words.services.get(use.role_type, use.role_type)
        count = count_events(len(use.events), language)
        labels = f" ({', '.join(map(clean_line, use.labels))})" if use.labels else ""
        lines.append("- " + words.service.format(service=name, events=count) + labels)
    return lines
