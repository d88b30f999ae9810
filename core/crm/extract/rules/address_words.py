"""The words that addresses are made of, as patterns over folded text."""

import re

STREET_WORDS = (
    r"str\.?(?=\s|\w)|strada|strazii|stradela|bd\.?(?=\s)|bdul|b-dul|bld\.?|bulevardul|bvd\.?|blvd"
    r"\.?|calea|aleea|al\.(?=\s)|sos\.?(?=\s)|soseaua|splaiul|piata|intrarea(?!\s+(?:din|prin|pe"
    r"|e\b"
    r"|este|libera|in\b))|intr?\.(?=\s)|prelungirea|prel\.?(?=\s)|drumul(?!\s+(?:e|este|pana"
    r"|nostru"
    r"|la|de|spre|cu|meu)\b)|fundatura|pasajul|street|road(?!\s+trip)|avenue|boulevard|lane"
    r"|st\.?(?=,|\s+\d|$)"
    r"|dn\s?\d+|dj\s?\d+|square|drive(?=\s*(?:,|\d|$))"
)
VENUE_WORDS = (
    r"restaurant\w*|sala|salon\w*|loc(?:ul)?\s+de\s+joaca|gradinita|gradi|gradina|scoala|liceul"
    r"|colegiul|piscina|strand\w*|parc(?:ul)?|club\w*|vila|hotel\w*|pensiune\w*|complex\w*"
    r"|cofetari\w+|pizzeri\w+|mall|cabana|ferma|conac\w*|palat\w*|hanul"
    r"|casa(?=\s\w)(?!\s+(?:noastra"
    r"|mea|lor|lui|ta|ei|galbena|alba|mare|nr))|caminul|centrul|cresa|domeniul|residence\w*|resort"
    r"|sediul|playground|school|kindergarten|nursery|academy|academia|gardens?|park|villa"
    r"|building|clubhouse|hall|arena|cafe\w*|bistro\w*|terasa|teren\w*|primaria|studio\w*"
    r"|curtea(?=\s+(?:biseric|scol|gradinit|casei\s+de|primari|camin))|biblioteca|cartier\w*"
    r"|comuna|satul|orasul|ansambl\w*|bloc(?:ul)?\s+[a-z]?\d+"
    r"|sector(?:ul)?\s+\d|after-?school|debarcader\w*|manej\w*|herghelia|muzeul|teatrul|cinema\w*"
    r"|lounge|mansion|pub|taverna|crama|popasul|lacul|padurea|hipodromul|patinoarul|stadionul"
    r"|events?(?=\s+[a-z])|ballroom|gazebo|foisorul|ludoteca|college|church\s+hall"
)
PART_WORDS = (
    r"(?:nr|no|numar(?:ul)?|bl|bloc(?:ul)?|sc|scara|scarii|et|etaj(?:ul)?|ap|apt|apartament(?:ul)?"
    r"|sect|sector(?:ul)?|jud|judet(?:ul)?|cartier\w*|cart|comuna|com|sat(?:ul)?|oras(?:ul)?"
    r"|mun|corp(?:ul)?|tronson(?:ul)?|lot(?:ul)?|parter|floor|flat|building|cladirea|vila|villa"
    r"|casa|cod\s+postal|interior|mansarda|ground|km|judetul|block|unit|apartment|ilfov|hala|tower"
    r"|(?:first|second|third|fourth|fifth|top)\s+floor|turn(?:ul)?|zona|holul|sala|suite|level"
    r"|etajul|stair|entrance\s+[a-z]\b|demisol|nivel"
    r"|building|house(?=\s+\d)|phase|faza)\b\.?"
)
TOWNS = (
    r"bucuresti|bucharest|voluntari|pipera|otopeni|buftea|chitila|bragadiru|popesti"
    r"(?:[\s-]leordeni)?|pantelimon|magurele|snagov|mogosoaia|corbeanca|balotesti|tunari"
    r"|stefanestii(?:\s+de\s+(?:jos|sus))?|dobroesti|berceni|jilava|cluj(?:[\s-]napoca)?|iasi"
    r"|timisoara|constanta|brasov|ploiesti|craiova|oradea|sibiu|pitesti|militari|titan"
    r"|drumul\s+taberei|baneasa|cotroceni|rahova|ghencea|colentina|floreasca|tineretului"
    r"|domnesti|clinceni|ciorogarla|afumati|ghermanesti|tancabesti|peris|saftica|crevedia"
    r"|chiajna|rosu|dudu|cernica|branesti|glina|mihailesti|targoviste|giurgiu|ilfov|romania"
    r"|cornetu|darasti|vidra|gruiu|nuci|moara\s+vlasiei|dascalu|petrachioaia|ganeasa|islaz"
    r"|fundeni|catelu|comana|bolintin(?:[\s-](?:vale|deal))?|adunatii\s+copaceni|aviatiei"
    r"|crangasi|giulesti|damaroaia|bucurestii\s+noi|andronache|vitan|dristor|dorobanti"
    r"|primaverii|obor|unirii|herastrau|varteju|alunis|copaceni|arad|bacau|galati|braila"
    r"|buzau|suceava|baia\s+mare|satu\s+mare|targu\s+mures|alba\s+iulia|deva|slatina|calarasi"
    r"|tulcea|focsani|resita|slobozia|alexandria|zalau|bistrita|vaslui|botosani"
)
STREET = re.compile(rf"(?<![\w-])(?:{STREET_WORDS})(?!\w)")
ANCHOR = re.compile(rf"(?<![\w-])(?:{STREET_WORDS}|{VENUE_WORDS})(?!\w)")
VENUE = re.compile(rf"(?<![\w-])(?:{VENUE_WORDS})(?!\w)")
WORD_OF_ADDRESS = re.compile(
    r"str|int|strada|strazii|bd|bdul|b-dul|bld|bulevardul|bvd|blvd|calea|aleea|al|sos|soseaua"
    r"|splaiul|piata|intrarea|intr|prelungirea|prel|drumul|fundatura|street|road|avenue|boulevard"
    r"|lane|st|dn\d*|dj\d*|restaurant\w*|sala|salon\w*|locul|loc|joaca|gradinita|gradina|scoala"
    r"|piscina|strand\w*|parc|parcul|club\w*|vila|hotel\w*|pensiune\w*|complex\w*|mall|playground"
    r"|school|gardens?|park|villa|building|residence\w*|cartier\w*|comuna|sat|satul|sector"
    r"|sectorul"
    r"|bloc|blocul|palatul|hanul|domeniul|terasa|arena|cofetari\w+|pizzeri\w+|kindergarten|hall"
    r"|centrul|cresa|afterschool|after-school|academy|academia|resort|debarcaderul|lacul|lounge"
    r"|foisor(?:ul)?|pool|rooftop|lobby|terrace|garden|ballroom|rezidential|residential"
    r"|studio\w*|events"
)
"""A word that may stand inside an address without a capital letter."""
PART = re.compile(PART_WORDS)
TOWN = re.compile(rf"(?:{TOWNS})(?!\w)")
NEXT_PART = re.compile(
    rf"\s*(?:{PART_WORDS}|(?:{TOWNS})\b|\d+\w?\s*$|\d{{1,2}}(?:st|nd|rd|th)\s+floor"
    rf"|\d+[a-z]?\b(?=\s*(?:,|$))|(?:{STREET_WORDS}|{VENUE_WORDS})(?!\w)"
    rf"|\d+\w?\s+(?:[a-z]+\s+){{0,2}}(?:{STREET_WORDS})(?!\w))"
)
LEAD = re.compile(
    r"(?:(?:la\s+(?:parinti\w*|bunici\w*|socri\w*|soacra|nasi\w*|sora|fratele|cumnat\w*|unchi\w*"
    r"|matus\w*|verisor\w*|vecin\w*|prieten\w*)(?:\s+(?:lui|ei|mei|mea|nostri))?"
    r"|la|in|pe|at|on|to|din|de|adresa|address|locati[ae]|location|venue|is|e|este|si|the"
    r"|our|noua|new|unde|anume|pe|acasa|noi|mine|its|it's|now|party|petrecerea|petrecerii|exacta"
    r"|completa|tot|va|fi|has"
    r"|have|changed|will|be|s-a|schimbat|suntem|stam|locuim|we\s+live|live|corecta|:)\s*:?\s+"
    r"|[-:,]\s*)+"
)
NEXT_LEAD = re.compile(r"\s*(?:(?:suntem|stam|e|este)\s+)?(?:la|in|pe|at|on)\s+")
"""What may stand before a further part of an address: `suntem la etajul 3`."""
WORD = re.compile(r"[^\s,;()]+")
SMALL = frozenset(
    {"de", "din", "la", "in", "pe", "lui", "a", "al", "ale", "si", "the", "of", "cu", "sf", "and"}
    | {"&", "-", "dr", "at", "no", "nr", "cel", "ca"}
)
STOP = re.compile(
    r"^(?:si|cu|pt|ptr|pentru|vrem|vreau|ora|orele|de\s+la|are|avem|sunt|va|face|facem|vin|dar"
    r"|unde"
    r"|ca|sa|intr-?un|daca|este|e|dupa|langa|vizavi|parola|interfon\w*|cod|poarta|vis-?a-?vis"
    r"|for|with|from|we|he|she|it|is|around|please|pls|multumesc|mersi|thanks|aprox\w*|vreo|cam"
    r"|vor|fi|vom|adica|in\s+curte|incepand|intre|se|nu|cand|the|party|and|where|intercom|code"
    r"|gate|near|next|so|la\s+or[ae]|il|o|pe\s+data|cheama|astept\w*|aveti|on|this|dori\w*|ar|as"
    r"|am|asta|acum|ok|da|turning|kids?|copii|noastra|nostru|mea|meu|lor|ei|tot|iar|insa|but|our"
    r"|my|your|at|to|by|will|be|are|can|anul|data|ziua|seara|maine|azi|numai|doar|only|unde|cine"
    r"|voi|noi|mai|deja|si-a|aici|acolo|here|there|jos|sus|we're|i'm|it's|that's|there's|let's"
    r"|mersi|salut|buna|apropo|btw|intram|intrati)$"
)
"""A word that ends an address."""
VERB = re.compile(r"^[a-z]{2,}(?:em|im|esc|este|eaza|eam|iti|eti|ati|ind|and|ing)$")
CUT = re.compile(
    r"\s*[,;(]?\s*\b(?:(?:la\s+|cod(?:ul)?\s+(?:de\s+)?|parola\s+(?:la\s+)?)?interfon\w*"
    r"|intercom|parola|cod\s+(?:acces|poarta|intrare)|poarta|langa|vizavi|vis[\s-]a[\s-]vis"
    r"|gate\s+code|door\s+code|near|next\s+to|opposite|behind|in\s+spate\w*"
    r"|prima\s+la|la\s+dreapta|la\s+stanga|in\s+dreptul|dupa\s+semafor|colt\s+cu|intrarea\s+"
    r"(?:din|prin|pe)|peste\s+drum|ring|buzzer|buzz|side\s+gate|use\s+the|tel|telefon\w*|nr\.?\s+de\s+tel\w*|phone)\b.*$",
    re.DOTALL,
)
"""Directions and door codes, which are no part of an address."""
DOOR_CODE = re.compile(
    r"\s*(?:la\s+|cod(?:ul)?\s+(?:de\s+|la\s+)?)?(?:interfon\w*|intercom|buzzer|(?:gate"
    r"|door)\s+code|parola)\b[^,;]{0,20}"
)
"""A piece that holds a door code alone; the address may go on behind it."""
LABEL = re.compile(
    r"(?:adresa\s+(?:este|e|noua|petrecerii|exacta|completa)(?:\s+(?:este|e))?"
    r"|adresa|address|place(?=:)|locati[ae](?:\s+petrecerii)?|location|loc"
    r"(?:ul)?\s+de\s+desfasurare|loc(?:ul)?|venue|unde|where|la\s+adresa"
    r"|locatia\s+(?:este|e|va\s+fi)|address\s+is|venue\s+is)"
    r"\s*(?::|=|-|,)?\s+"
)
LABEL_FAR = re.compile(r"\b(?:adresa|locatia|address|venue|location)\b[^:.,!?\n]{1,28}:\s*")
"""A label with a few words before its colon: `adresa corecta pentru duminica: `."""
AT = re.compile(r"(?<!de )\b(?:la|in|at)\s+(?=[^\W\d_])")
OTHER_PLACE = re.compile(
    r"\brecomand|\brenunt|\bdin\s+partea\b|\bcontactez\b|\breprezint|slujb|(?<!curtea )biseric"
    r"|cununi|\bchurch\b(?!\s+hall)|manastire|\bplecam\s+(?:la|in|pe)|mergem\s+la"
    r"|mutat\s+din|moved\s+from|\blucr|\bfosta|got\s+your|auzit|instead\s+of|in\s+loc\s+de"
    r"|\bnu\s+(?:la|pe|mai)\b|\bnot\s+(?:at|in|on)\b|\bno\s+longer|\bam\s+vazut|\bi\s+saw"
    r"|\blooked\s+at|\btried\b|\bne-?am\s+uitat\b|\bam\s+incercat|\bofert\w*\s+(?:si\s+)?(?:la|de\s+la)|\bquote\s+from"
    r"|\bam\s+fost|\bne-?am\s+vazut|\bliv(?:e|ing)\s+in\s+[a-z]+\s+(?:now|since)"
    r"|\bmi-?a\s+(?:dat|zis)"
    r"|\bmetrou\w*|\bstatia\b|\bautobuz|\bbus\s+stop|\bajungem\b|\bparcare\b|\bfara\s+lift"
    r"|\bvine\s+de\s+la|\bmamic\w+\s+de\s+la"
)
"""The words around speak of a place that is not the party's."""
HOME = re.compile(
    r"^(?:la\s+)?(?:(?:noi|mine|ei)\b\s*)?(?:acasa|home|at\s+home|la\s+noi|my\s+place"
    r"|our\s+place|in\s+curte|la\s+noi\s+in\s+curte|(?:in\s+)?curtea?\s+(?:casei"
    r"|noastra))?[\s.!]*$"
)
UNKNOWN = re.compile(
    r"\bnu\s+(?:stiu|stim|am|avem)\b|(?<!\bsa )\bva\s+(?:zic|spun|trimit|anunt|dau)"
    r"|\bv-?o\s+(?:spun|zic|trimit|dau)|don'?t\s+know|not\s+sure|tell\s+you|\baceeasi\b|\bsame\b"
    r"|\baceasi\b"
    r"|\bundeva\b|\bsomewhere\b|\bin\s+apropiere|\beither\b|\bwe'?ll\s+(?:confirm|decide|see"
    r"|send|let)"
    r"|\binca\s+nu|\balta\s+adresa|o\s+sa\s+fie|\bramane\b|\bneschimbat"
)
"""The address is said to be unknown, to come later, or to be the known one."""
