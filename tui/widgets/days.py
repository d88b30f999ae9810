"""Days and hours in the operator's words."""

from datetime import date, datetime, timedelta, tzinfo

from core.i18n import _


def weekday_name(day: date) -> str:
    """Return the full name of the day of the week."""
    return (
        _("Monday"), _("Tuesday"), _("Wednesday"), _("Thursday"), _("Friday"), _("Saturday"),
        _("Sunday"),
    )[day.weekday()]  # fmt: skip


def short_weekday_name(day: date) -> str:
    """Return the short name of the day of the week."""
    return (_("Mon"), _("Tue"), _("Wed"), _("Thu"), _("Fri"), _("Sat"), _("Sun"))[day.weekday()]


def month_name(month: int) -> str:
    """Return the full name of a month, 1 being January."""
    return (
        _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"),
        _("August"), _("September"), _("October"), _("November"), _("December"),
    )[month - 1]  # fmt: skip


def short_month_name(month: int) -> str:
    """Return the short name of a month, 1 being January."""
    return (
        _("Jan"), _("Feb"), _("Mar"), _("Apr"), _("May."), _("Jun"), _("Jul"), _("Aug"), _("Sep"),
        _("Oct"), _("Nov"), _("Dec"),
    )[month - 1].rstrip(".")  # fmt: skip


def day_label(day: date, today: date) -> str:
    """Return a day as the chat parts its messages: weekday, day, month, and a year gone by."""
    label = _("{weekday} {day} {month}").format(
        weekday=weekday_name(day), day=day.day, month=month_name(day.month)
    )
    if day.year != today.year:
        return f"{label} {day.year}"
    if day == today:
        return _("today, {day}").format(day=label)
    if day == today - timedelta(days=1):
        return _("yesterday, {day}").format(day=label)
    return label


def clock_label(moment: datetime, zone: tzinfo) -> str:
    """Return the time of day as HH:MM."""
    return f"{moment.astimezone(zone):%H:%M}"


def list_label(moment: datetime, now: datetime, zone: tzinfo) -> str:
    """Return when something was, as short as a list needs it: hour, weekday, day or month."""
    if moment.year < 1971:
        return ""
    there, here = moment.astimezone(zone), now.astimezone(zone)
    if there.date() == here.date():
        return f"{there:%H:%M}"
    if timedelta(0) < here.date() - there.date() < timedelta(days=7):
        return short_weekday_name(there)
    if there.year == here.year:
        return f"{there.day} {short_month_name(there.month)}"
    return f"{short_month_name(there.month)} {there.year}"
