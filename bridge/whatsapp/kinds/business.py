"""Buttons, lists, templates, catalogue orders and payments, and the answers to them."""

import json
from decimal import Decimal
from typing import Any

import msgspec

from bridge.whatsapp.kinds import media
from bridge.whatsapp.kinds.content import Content, headed, lines, unsupported

_ROWS_SHOWN = 20
_HEADERS = {
    "imageMessage": media.image,
    "videoMessage": media.video,
    "documentMessage": media.document,
}


def buttons(value: Any) -> Content:
    """A text with buttons."""
    labels = [button.buttonText.displayText for button in value.buttons]
    return _menu(value, lines(value.text, value.contentText, value.footerText), labels)


def buttons_response(value: Any) -> Content:
    """The button that was chosen."""
    return _chosen(value.selectedDisplayText or value.selectedButtonID)


def menu_list(value: Any) -> Content:
    """A list to choose from."""
    rows = [row.title for section in value.sections for row in section.rows]
    return _menu(value, lines(value.title, value.description, value.footerText), rows)


def list_response(value: Any) -> Content:
    """The row that was chosen."""
    chosen = lines(value.title, value.description)
    return _chosen(chosen or value.singleSelectReply.selectedRowID)


def template(value: Any) -> Content:
    """A text that a business sends from a template."""
    if value.HasField("interactiveMessageTemplate"):
        return interactive(value.interactiveMessageTemplate)
    old = value.HasField("hydratedFourRowTemplate") and not value.HasField("hydratedTemplate")
    filled = value.hydratedFourRowTemplate if old else value.hydratedTemplate
    labels = [
        button.quickReplyButton.displayText
        or button.urlButton.displayText
        or button.callButton.displayText
        for button in filled.hydratedButtons
    ]
    text = lines(filled.hydratedTitleText, filled.hydratedContentText, filled.hydratedFooterText)
    return _menu(filled, text, labels)


def structured(value: Any) -> Content:
    """A template of the old kind."""
    return template(value.hydratedHsm) if value.HasField("hydratedHsm") else unsupported()


def template_reply(value: Any) -> Content:
    """The template's button that was chosen."""
    return _chosen(value.selectedDisplayText or value.selectedID)


def interactive(value: Any) -> Content:
    """A text with a form, a catalogue or buttons of the new kind."""
    header = value.header
    text = lines(header.title, header.subtitle, value.body.text, value.footer.text)
    labels = [_button_label(button) for button in value.nativeFlowMessage.buttons]
    cards = [card.body.text for card in value.carouselMessage.cards]
    return _menu(header, text, labels + cards)


def interactive_response(value: Any) -> Content:
    """The answer to such a text."""
    return _chosen(value.body.text)


def order(value: Any) -> Content:
    """An order from the catalogue."""
    total = _money(value.totalAmount1000, value.totalCurrencyCode)
    text = lines(value.orderTitle, total, value.message)
    return headed("text", "order", text, count=max(value.itemCount, 0))


def product(value: Any) -> Content:
    """A product of the catalogue."""
    shown = value.product
    price = _money(shown.priceAmount1000, shown.currencyCode)
    title = shown.title or value.catalog.title
    text = lines(title, price, shown.description, value.body, value.footer)
    return headed("text", "product", text)


def payment(_value: Any) -> Content:
    """Something about money that is settled on the phone alone."""
    return unsupported("payment")


def invoice(value: Any) -> Content:
    """An invoice."""
    return unsupported("invoice", value.note)


def _menu(header: Any, text: str, choices: list[str]) -> Content:
    """Return a text with what can be chosen, and the media above it."""
    shown = [f"• {choice}" for choice in choices[:_ROWS_SHOWN] if choice]
    body = lines(text, *shown)
    for field, value in header.ListFields():
        if read := _HEADERS.get(field.name):
            above = read(value)
            return msgspec.structs.replace(above, body=lines(above.body, body))
    return Content("text", body) if body else unsupported()


def _chosen(text: str) -> Content:
    return Content("text", text) if text else unsupported()


def _button_label(button: Any) -> str:
    try:
        label = json.loads(button.buttonParamsJSON).get("display_text", "")
    except (ValueError, AttributeError, RecursionError):
        return str(button.name)
    return label if isinstance(label, str) else str(button.name)


def _money(thousandths: int, currency: str) -> str:
    return f"{Decimal(thousandths) / 1000:.2f} {currency}".strip() if thousandths else ""
