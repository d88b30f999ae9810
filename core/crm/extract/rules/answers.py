"""How an offer is taken, refused or haggled over, as patterns over folded text."""

import re

STILL_YES = re.compile(
    r"\b(?:dar|but)\s+(?:fie|ok|bine|merge|hai|e\s+ok|e\s+bine|fine|alright|let'?s)\b"
)
"""What follows takes the doubts back: "e peste buget, dar fie"."""
ACCEPT_START = re.compile(
    r"\s*(?:(?:pai|ah|aha|hmm+|super|asa|deci|a|oh|haha|bun|multumesc|mersi|thanks|thank\s+you"
    r"|va\s+multumesc|foarte\s+bine|of\s+course|inteleg|am\s+inteles|understood|i\s+see|right"
    r"|brill|lovely|great\s+stuff"
    r"|well|then|atunci|great|dap)[\s,!.]+){0,2}"
    r"(?:da+\b(?!\s+(?:de\s+)?(?:unde|cat|cum))|dap|ok\b|okay|okey|oki|okk+|k\b|perfect|super\b"
    r"|superb|sigur|desigur"
    r"|bine\b|de\s+acord|confirm\w*|excelent|minunat|yes|yep|yup|yeah?\b|ye\b|sure|great\b|awesome"
    r"|(?:(?:ii|le|luam|vrem|pe)\s+){0,3}(?:amandoua|amandoi|ambele|ambii)\b|both\b"
    r"|suna\s+(?:bine|perfect|ok)|(?:mi\s+se\s+)?pare\s+(?:ok|bine|corect|in\s+regula|rezonabil)"
    r"|corect\b|exact\b|intocmai|alright\b|all\s+right\b|that'?s\s+(?:alright|all\s+right"
    r"|okay)\b|right\b"
    r"|correct\b|cool|sweet|lovely|brilliant|wonderful|fantastic|bun\b|bn\b|asa\s+ramane"
    r"|sounds\b|deal"
    r"|aprob\w*|fine|works\b|approved|done|bat\s+palma|batem\s+palma|s-?a\s+facut|facut|hai\b"
    r"|merge|ne\s+convine|imi\s+convine"
    r"|convine|e\s+(?:bine|bn\b|ok|in\s+regula|perfect|bun)|in\s+regula|rezerv(?:am|ati|a)\b"
    r"|il\s+luam|o\s+luam|luam\s*(?=[!.,]|$)|acceptam|accept(?:ed)?\b|go\s+ahead"
    r"|foarte\s+bine\b|facem\s*(?=[!.]|$)|brill\b|(?:i\s+|we\s+)?love\s+it\b|ne\s+place\b|(?:pop|put|pencil"
    r"|mark)\s+(?:us|me"
    r"|it)\s+(?:down|in)\b"
    r"|book\s+it|please\s+(?:do|book|go)|agreed|absolutely|let'?s\s+(?:do|book|go)|ramane\b"
    r"|(?:il|o|le|ii)\s+(?:iau|luam|aducem|punem)\b|(?:aduceti|puneti|adaugati|treceti|notati"
    r"|programati)(?:-\w+)?\b|fie\b|booked\b|consider\s+it|i'?ll\s+take|we'?ll\s+(?:take"
    r"|go\s+(?:with|for))"
    r"|count\s+(?:us|me)\s+in|excellent|ideal\b|pe\s+acesta|am\s+inteles,?\s+(?:e\s+)?(?:ok|bine"
    r"|perfect)"
    r"|lasam\s+asa|suntem\s+de\s+acord"
    r"|sunt\s+de\s+acord|atunci\b|evident|clar\b|normal\b|all\s+good|that\s+works|good\s+for"
    r"|happy\s+with|perfecto|mhm)"
    r"|\s*(?:👍|👌|✅|🤝|💯|🆗)"
)
ACCEPT_ANY = re.compile(
    r"(?:e|este|ar\s+fi|is|sounds|looks|works|sunt)\s+(?:ok|okay|bine|fine|good|great|perfect"
    r"|in\s+regula|acceptabil|rezonabil|fair|bun"
    r"|de\s+acord|acceptat\w*|super)\b|\bok\s+(?:cu|with)\b|pret(?:ul)?\s+(?:e\s+|ne\s+"
    r"|imi\s+)?(?:convine|ok|bun"
    r"|acceptat)|works\s+for"
    r"|ne\s+convine|imi\s+convine|\bbat\s+palma|\bde\s+acord|sa\s+fie\b|ramane\s+(?:asa|cum)"
    r"|\bdar\s+(?:bine|ok|fie)\b"
    r"|hai\s+sa\s+(?:fie|facem)|\basa\s+(?:facem|ramane)|\bpencil\s+us\s+in|\baprobat\w*"
    r"|\bbatut\w*\s+palma|\bluam\s+tot\w*|\bwithin\s+(?:our\s+)?budget|"
    r"\b(?:doar|numai|only|just)\b[^.!?]{0,30}\b(?:atunci|then)\b|"
    r"go\s+ahead|book\s+it|let'?s\s+(?:do|book|go)|ajunge\b|suficient|that'?s\s+(?:fine|ok|great"
    r"|better|good|perfect)|"
    r"accept(?:am|at|ata|)\b|il\s+rezerv|o\s+rezerv|rezervati|va\s+rog\s+(?:sa\s+)?rezerv"
    r"|\bda\s*(?:[,.!]|$)|\bdeal\b|(?:^|\s)👍|🤝|👌|\bfacem\s+asa"
    r"|\b(?:ramanem|mergem|raman)\s+(?:doar\s+)?(?:la|pe|cu)\b|\bconsider\s+it\s+booked"
    r"|\bi'?ll\s+take\b"
    r"|\bwe'?ll\s+(?:take|go\s+(?:with|for))\b|\bok\s+la\s+pret|\b(?:il|o|le)\s+(?:iau|luam)\b"
    r"|\be-?n\s+regula"
    r"|confirm\b|confirmam|\bapproved|suits\s+us|happy\s+with|adaugati|pune(?:ti)?-?(?:o|l"
    r"|le)\b|trimit\s+avans"
)
HAGGLE = re.compile(
    r"\bcam\s+(?:mult|scump)|\bprea\s+(?:mult|scump)|\btoo\s+(?:much|expensive)|\bse\s+poate\s+"
    r"(?:cu\s+)?\d|\bmerge\s+(?:cu\s+)?\d"
    r"|\d\s*(?:lei|ron)?\s+(?:se\s+poate|merge)\s*\?|\bcould\s+you\s+do|\bcan\s+you\s+do"
    r"|\bcan\s+do\s+\d|\breducere|\bdiscount"
    r"|\bla\s+\d{3,4}\b[^.?!\d]{0,24}\?|\bmy\s+(?:max|budget)\s+is\b"
    r"|\b(?:valabil\w*|still)\b[^?.!]{0,60}?\d[^?.!]{0,60}\?"
    r"|\bmai\s+(?:ieftin|jos|lasati)|\blasati\s+la|\bhai\s+la\s+\d|\bnegociabil|\bbit\s+(?:much"
    r"|steep|high)|\bultimul\s+pret\s*\?"
    r"|\bfaceti\s+(?:la\s+)?\d|\bwhat\s+about\s+\d|\bhow\s+about\s+\d|\d\s*(?:lei|ron)?\s*\?"
)
REFUSE = re.compile(
    r"^\s*(?:nu\b(?!\s+(?:e|este)\s+(?:problem|nimic|nevoie))|no\b(?!\s+(?:problem|worries))"
    r"|nope|nah)"
)
OBJECTION = re.compile(
    r"\b(?:cam|prea|destul\s+de)\s+(?:mult|scump|mare|piperat)|\b(?:too|a\s+bit|quite"
    r"|rather)\s+(?:much|expensive|pricey|steep|high)|\bpeste\s+(?:ce|cat|buget)"
    r"|\b(?:above|over|more\s+than)\s+(?:what|our|my|we)\b|\bnu\s+(?:ne|imi)\s+(?:permitem"
    r"|permit|incadram)"
)
"""The customer finds a price too high."""
PRICE_OK = re.compile(
    r"\bpret(?:ul)?\s+(?:e\s+|este\s+)?(?:ok|bun|perfect|in\s+regula|acceptat)\b"
    r"|\b(?:ok|in\s+regula|perfect|bun|acceptam|de\s+acord\s+cu)\s+(?:cu\s+)?pretul\b"
    r"|\b(?:price|cost)\s+is\s+(?:fine|ok|good|great)|\b(?:fine|ok|happy)\s+with\s+the\s+price"
)
"""A yes to the price itself, whatever else is left open."""
PRICE_LATER = re.compile(
    r"\b(?:raspuns\w*|answer)\b[^.!?]{0,16}\b(?:pret\w*|price)\b|"
    r"\b(?:see|ask|check|think|talk|discuss|vad|vedem|intreb\w*|vorbesc|vorbim|discut\w*|gandesc"
    r"|gandim)\b[^.!?]{0,48}\b(?:price|pret\w*|cost\w*|suma)\b"
    r"|\b(?:de|despre|la|about)\s+(?:the\s+)?(?:price|pret\w*|suma)\b[^.!?]{0,24}\b(?:vorbesc"
    r"|vorbim|discut\w*|gandesc|vedem|vad|later|think)"
)
"""The customer leaves the price open for now."""
NOTED = re.compile(
    r"\b(?:multum\w*|mersi|ms|thank\w*|thx)\s+(?:mult\s+|frumos\s+|you\s+|so\s+much\s+)?(?:de"
    r"|pentru|pt|for)\s+(?:the\s+|your\s+)?"
    r"(?:informati\w*|raspuns\w*|detalii\w*|info\w*|reply|answer|details)"
    r"|\bgood\s+to\s+know|\bbine\s+de\s+stiut|\bam\s+retinut"
)
"""The customer takes note, which is no yes."""
FIRM = re.compile(
    r"\bconfirm|\brezerv|\bbook|\bde\s+acord|\bperfect|\baccept|\bdeal\b|\bin\s+regula|\bfacem\b"
    r"|\bluam\b"
)
"""Words that are a yes even beside thanks for an answer."""
MORE = re.compile(
    r"\b(?:adaug\w*|add\w*|optional\w*|(?:doriti|vreti|want|would\s+you\s+like|putem\s+(?:pune"
    r"|aduce|veni)|punem|luati)\b[^.!?]{0,20}\b(?:si|also|some|too|cu))\b"
)
"""The company proposes something beside what was asked for."""
