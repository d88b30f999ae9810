"""What entries say, in both interface languages, with the true invisible marks."""

import pytest

from bridge.chat_import.classify import (
    Classifier,
    Content,
    is_chat_notice,
    is_group_notice,
    language_of,
    split_sender,
)

IOS = Classifier(is_ios=True, has_marks=True)
OLD_IOS = Classifier(is_ios=True, has_marks=False)
ANDROID = Classifier(is_ios=False, has_marks=False)


def media(kind: str, body: str = "", name: str = "") -> Content:
    return Content(kind, body, name, has_media=True)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("classifier", "text", "content"),
    [
        (ANDROID, "Bună ziua", Content("text", "Bună ziua")),
        (ANDROID, "<Media omitted>", media("unsupported")),
        (ANDROID, "<Conținut media omis>", media("unsupported")),
        (ANDROID, "<Conţinut media omis>", media("unsupported")),  # with cedilla
        (ANDROID, "<Media omise>", media("unsupported")),
        (ANDROID, "<Media omitted>\nuite tortul", media("unsupported", "uite tortul")),
        (ANDROID, "Apel video. Putem la 18?", Content("text", "Apel video. Putem la 18?")),
        (ANDROID, "null", Content("unsupported", "null", has_media=True)),
        (ANDROID, "", Content("unsupported", has_media=True)),
        (ANDROID, "\u200e", Content("unsupported", has_media=True)),
        (ANDROID, "\u3164", Content("text")),
        (ANDROID, "\u200eIMG-20240312-WA0001.jpg (file attached)",
         media("image", "", "IMG-20240312-WA0001.jpg")),
        (ANDROID, "\u200eIMG-20240312-WA0001.jpg (fișier atașat)\nuite tortul",
         media("image", "uite tortul", "IMG-20240312-WA0001.jpg")),
        (ANDROID, "VID-20240312-WA0002.mp4 (fişier ataşat)",
         media("video", "", "VID-20240312-WA0002.mp4")),
        (ANDROID, "PTT-20240312-WA0003.opus (file attached)",
         media("voice", "", "PTT-20240312-WA0003.opus")),
        (ANDROID, "AUD-20240312-WA0003.m4a (file attached)",
         media("audio", "", "AUD-20240312-WA0003.m4a")),
        (ANDROID, "STK-20240312-WA0003.webp (file attached)",
         media("sticker", "", "STK-20240312-WA0003.webp")),
        (ANDROID, "Ofertă petrecere (2).pdf (file attached)",
         media("document", "", "Ofertă petrecere (2).pdf")),
        (ANDROID, "Ana Pop.vcf (file attached)", media("contact", "Ana Pop", "Ana Pop.vcf")),
        (ANDROID, "This message was deleted", Content("text", is_revoked=True)),
        (ANDROID, "You deleted this message", Content("text", is_revoked=True)),
        (ANDROID, "Acest mesaj a fost șters", Content("text", is_revoked=True)),
        (ANDROID, "Ați șters acest mesaj", Content("text", is_revoked=True)),
        (ANDROID, "la 18:00 <This message was edited>",
         Content("text", "la 18:00", is_edited=True)),
        (ANDROID, "la 18:00 <Acest mesaj a fost editat>",
         Content("text", "la 18:00", is_edited=True)),
        (ANDROID, "location: https://maps.google.com/?q=44.4268,26.1025",
         Content("location", "https://maps.google.com/?q=44.4268,26.1025")),
        (ANDROID, "locație: https://maps.google.com/?q=-44.4268,26.1025",
         Content("location", "https://maps.google.com/?q=-44.4268,26.1025")),
        (ANDROID, "live location shared", Content("location", "live location shared")),
        (ANDROID, "POLL:\nCe dată?\nOPTION: 10 feb (1 vote)\nOPTION: 11 feb (0 votes)",
         Content("poll", "Ce dată?\n• 10 feb (1 vote)\n• 11 feb (0 votes)", heading="poll")),
        (ANDROID, "SONDAJ:\nCe dată?\nOPȚIUNE: 10 feb (1 vot)",
         Content("poll", "Ce dată?\n• 10 feb (1 vot)", heading="poll")),
        (ANDROID, "image omitted", Content("text", "image omitted")),
        (ANDROID, "vezi a.pdf (file attached) zice",
         Content("text", "vezi a.pdf (file attached) zice")),
        (ANDROID, "Missed voice call", Content("system", "Missed voice call")),
        (ANDROID, "a <b> c", Content("text", "a <b> c")),
        (ANDROID, "\u202eevil\x1b[31m", Content("text", "evil")),
        (IOS, "\u200eimage omitted", media("image")),
        (IOS, "\u200eImage omitted", media("image")),
        (IOS, "\u200eimagine omisă", media("image")),
        (IOS, "\u200eclip video omis", media("video")),
        (IOS, "\u200efără audio", media("audio")),
        (IOS, "\u200eaudio omitted", media("audio")),
        (IOS, "\u200eGIF omitted", media("video")),
        (IOS, "\u200esticker omitted", media("sticker")),
        (IOS, "\u200eContact card omitted", media("contact")),
        (IOS, "\u200eCarte de vizită contact omisă", media("contact")),
        (IOS, "Contract.pdf • \u200e3 pages \u200edocument omitted",
         media("document", "", "Contract.pdf")),
        (IOS, "Contract.pdf • \u200e3 pagini \u200edocument omis",
         media("document", "", "Contract.pdf")),
        (IOS, "\u200e<attached: 00000012-PHOTO-2024-03-12-14-05-09.jpg>",
         media("image", "", "00000012-PHOTO-2024-03-12-14-05-09.jpg")),
        (IOS, "\u200e<atașare: 00000013-AUDIO-2024-03-12-14-05-09.opus>",
         media("voice", "", "00000013-AUDIO-2024-03-12-14-05-09.opus")),
        (IOS, "\u200e<atașat: 00000014-VIDEO-2024-03-12-14-05-09.mp4>",
         media("video", "", "00000014-VIDEO-2024-03-12-14-05-09.mp4")),
        (IOS, "uite tortul \u200e<attached: 00000012-PHOTO-2024-03-12-14-05-09.jpg>",
         media("image", "uite tortul", "00000012-PHOTO-2024-03-12-14-05-09.jpg")),
        (IOS, "Contract.pdf • \u200e3 pages \u200e<attached: 00000015-Contract.pdf>",
         media("document", "", "00000015-Contract.pdf")),
        (IOS, "vezi site.ro \u200e<attached: 00000012-PHOTO-2024-03-12-14-05-09.jpg>",
         media("image", "vezi site.ro", "00000012-PHOTO-2024-03-12-14-05-09.jpg")),
        (IOS, "\u200e<attached: 00000016-Ana Pop.vcf>",
         media("contact", "Ana Pop", "00000016-Ana Pop.vcf")),
        (IOS, "\u200eThis message was deleted.", Content("text", is_revoked=True)),
        (IOS, "\u200eAți șters acest mesaj.", Content("text", is_revoked=True)),
        (IOS, "ok \u200e<This message was edited>", Content("text", "ok", is_edited=True)),
        (IOS, "hai @\u2068Ana Pop\u2069 \u200e<This message was edited>",
         Content("text", "hai @Ana Pop", is_edited=True, comparable="hai @")),
        (IOS, "<This message was edited> x", Content("text", "<This message was edited> x")),
        (IOS, "\u200eMissed voice call, \u200eTap to call back",
         Content("system", "Missed voice call, Tap to call back")),
        (IOS, "\u200eMissed voice call. \u200eTap to call back",
         Content("system", "Missed voice call. Tap to call back")),
        (IOS, "\u200eApel vocal ratat", Content("system", "Apel vocal ratat")),
        (IOS, "\u200eMessages and calls are end-to-end encrypted. Only people in this chat "
         "can read, listen to, or share them.",
         Content("system", "Messages and calls are end-to-end encrypted. Only people in this chat "
                 "can read, listen to, or share them.")),
        (IOS, "\u200eAna Pop changed this group's icon",
         Content("system", "Ana Pop changed this group's icon")),
        (IOS, "\u200eView once voice message omitted", media("voice")),
        (IOS, "\u200ePOLL:\nCe dată?\n\u200eOPTION: 10 feb (\u200e1 vote)",
         Content("poll", "Ce dată?\n• 10 feb (1 vote)", heading="poll")),
        (IOS, "\u200eLocation: https://maps.google.com/?q=44.4268,26.1025",
         Content("location", "https://maps.google.com/?q=44.4268,26.1025")),
        # A person's words: the same without WhatsApp's mark.
        (IOS, "image omitted", Content("text", "image omitted")),
        (IOS, "the cake was added", Content("text", "the cake was added")),
        (OLD_IOS, "image omitted", media("image")),
        (OLD_IOS, "<attached: 00000012-PHOTO-2024-03-12-14-05-09.jpg>",
         media("image", "", "00000012-PHOTO-2024-03-12-14-05-09.jpg")),
        (IOS, "salut @\u2068Ana Pop\u2069!",
         Content("text", "salut @Ana Pop!", comparable="salut @!")),
    ],
)  # fmt: skip
def test_content(classifier: Classifier, text: str, content: Content) -> None:
    assert classifier.content(text) == content


@pytest.mark.parametrize(
    ("text", "sender", "rest"),
    [
        ("Ana: Salut: ce faci?", "Ana", "Salut: ce faci?"),
        ("Ana: a\nb: c", "Ana", "a\nb: c"),
        ("~\u202fAna Pop: hi", "~ Ana Pop", "hi"),
        ("\u202a+40 712 345 678\u202c: hi", "+40 712 345 678", "hi"),
        ("Ana: ", "Ana", ""),
        ("Ana:", "Ana", ""),
        ("Ana: \u200eimage omitted", "Ana", "\u200eimage omitted"),
        ("Ana added Ion", "", "Ana added Ion"),
        ('Ana changed the subject to "Ziua: 10 feb"', "",
         'Ana changed the subject to "Ziua: 10 feb"'),
        ('Ana a schimbat numele grupului din „a: b” în „c”', "",
         'Ana a schimbat numele grupului din „a: b” în „c”'),
        ("Ana", "", "Ana"),
        ("Mama: Ana: hi", "Mama", "Ana: hi"),
    ],
)  # fmt: skip
def test_sender(text: str, sender: str, rest: str) -> None:
    assert split_sender(text) == (sender, rest)


def test_a_name_with_a_colon_must_be_known() -> None:
    assert split_sender("Mama: Ana: hi", ["Mama: Ana"]) == ("Mama: Ana", "hi")


@pytest.mark.parametrize(
    ("text", "language", "is_group", "is_chat"),
    [
        ("Messages and calls are end-to-end encrypted. No one outside of this chat, not even "
         "WhatsApp, can read or listen to them. Tap to learn more.", "en", False, True),
        ("\u200eMesajele și apelurile sunt criptate integral. Nicio persoană care nu participă la "
         "această conversație, nici măcar WhatsApp, nu le poate citi sau asculta.", "ro",
         False, True),
        ('Ana created group "Petrecere"', "en", True, False),
        ("Ion a creat grupul „Petrecere”", "ro", True, False),
        ("Ana joined using this group's invite link", "en", True, False),
        ("Ana joined using this group’s invite link", "en", True, False),
        ("Your security code with Ana changed. Tap to learn more.", "en", False, False),
        ("Codul dvs. de securitate cu Ana s-a schimbat. Atingeți pentru a afla mai multe.", "ro",
         False, False),
        ("+40 712 345 678 changed to +40 712 345 679", "en", False, False),
        ("<Media omitted>", "en", False, False),
        ("<Conţinut media omis>", "ro", False, False),
        ("GIF omis", "ro", False, False),
        ("hello", "", False, False),
    ],
)  # fmt: skip
def test_notices(text: str, language: str, is_group: bool, is_chat: bool) -> None:
    assert language_of(text) == language
    assert is_group_notice(text) is is_group
    assert is_chat_notice(text) is is_chat
