"""What customers say they want, as patterns over folded text; `answers` has how they reply."""

import re


def _words(*parts: str) -> re.Pattern[str]:
    return re.compile("|".join(rf"(?:{part})" for part in parts))


PAST = _words(
    r"\bati\s+(?:fost|venit|facut|avut|animat)\b", r"\ba\s+fost\b", r"\bau\s+fost\b",
    r"\banul\s+trecut",
    r"(?<!like )(?<!as )\blast\s+(?:year|time|month|summer|week)", r"\bluna\s+trecuta",
    r"(?<!ca )\bdata\s+trecuta",
    r"\byou\s+(?:came|did|were|made|entertained)\b",
    r"\b(?:loved|enjoyed|adored|forgot)\b", r"\b(?:ne|le|i|mi|v)-?a(?:u)?\s+placut\b",
    r"\b(?:mai\s+)?tineti\s+minte\b", r"\bva\s+(?:mai\s+)?amintiti\b", r"\b(?:do\s+you|you\s+may"
        r"|you)\s+remember\b",
    r"\ba\s+(?:intarziat|iesit|durat|cantat|plecat|lasat(?!\s+balta)|uitat)\b",
    r"\bau\s+(?:adorat|ras|dansat|plecat|iubit)\b",
    r"\bwas\s+(?:amazing|great|lovely|perfect|a\s+hit|so)",
    r"\bacum\s+(?:un\s+an|o\s+luna|doi\s+ani|2\s+ani)\b",
    r"\bam\s+avut\s+(?:\w+\s+){0,3}(?:petrecere|animator)",
    r"\bweekendul\s+trecut", r"(?<!am )(?<!ati )\btrecut[ae]?\b(?=\s+(?:am|la|v-?a))",
    r"\bleft\s+(?:a|an|his|her|the|your|something|behind)\b", r"\bjust\s+letting\s+you\s+know\b",
    r"\blast\s+(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec|spring|autumn|weekend)\w*",
    r"\bam\s+vazut(?:-?o|-?l)?\s+la\b", r"\bde\s+anul\s+trecut",
    r"\b(?:prima|a\s+doua)\s+(?:data|oara)\b", r"\bfirst\s+time\b", r"\bprevious(?:ly)?\b",
    r"\bacum\s+(?:\d+|doua|trei|cateva)\s+(?:saptamani|zile|luni)",
    r"(?<!data )\btrecuta?\b(?=\s*(?:,|$|\.))", r"\bv-?am\s+(?:avut|chemat)\b",
)  # fmt: skip
NOW = re.compile(
    r"\b(?:si|tot)\s+(?:acum|anul\s+(?:asta|acesta))\b|\bagain\b|\bdin\s+nou\b|\bacum\s+(?=tot\b"
    r"|am\b|vrem|vreau|as\b|face|e\b)|\bnow\b|\banul\s+(?:asta|acesta)|\bthis\s+year"
    r"|\bde\s+data\s+asta"
)
REQUEST = _words(
    r"\b(?:vreau|vrem|vr|vream|as\s+vrea|am\s+vrea|as\s+dori|am\s+dori|doresc|dorim"
    r"|ne-?am\s+dori|ne-?ar\s+"
    r"(?:placea|trebui)|mi-?ar\s+(?:placea|trebui)|imi\s+doresc|ne\s+dorim|ar\s+vrea)\b",
    r"(?<!\bla )(?<!\bdin )\brezerv\w*", r"\bprogram(?:am|ez|are|ati)\b", r"\b(?:re)?book\w*",
    r"\b(?:as|am)\s+avea\b",
    r"\bavem\s+nevoie",
    r"\bam\s+nevoie",
    r"\b(?:ne|imi|mi|ne-?ar|mi-?ar)\s+trebui\w*", r"\b(?:il|o|le|ii)?\s*luam\b", r"\biau\b",
    r"\bcomand\w*",
    r"\border\b", r"\bhire\b", r"\bcaut(?:am)?\b", r"\blooking\s+(?:for|to)\b",
    r"\bwould\s+(?:like|love)\b", r"\bpuneti-?\s?ne\b", r"\btreceti-?\s?ne\b",
    r"\bcount\s+us\s+in\b",
    r"\b(?:i|we|you|they)'?d\s+(?:like|love)\b", r"\b(?:i|we)\s+(?:want|need)\b", r"\bneed\b",
    r"\bputeti\s+(?:trimite|veni|sa\s+(?:veniti|trimiteti))", r"\borganiz\w*",
    r"\b(?:facem|fac|tinem|serbam|sarbatorim|planuim|pregatim)\s+(?:o\s+)?(?:petrecer|ziua"
    r"|botez|aniversar"
    r"|serbar|party)", r"\bsa\s+vina\b", r"\bmai\s+(?:avem|am)\s+o\b", r"\bplanning\b",
    r"\bthrowing\b",
    r"\binteresat\w*\s+de\s+o?\s*(?:rezervare|petrecere|animator|\w+)", r"\bhaving\s+a\b",
    r"\bcould\s+(?:we|i|you)\s+(?:please\s+)?(?:get|have|come|send|add|book|bring|move|change"
    r"|start|swap)",
    r"\bcan\s+(?:we|i|you)\s+(?:please\s+)?(?:get|have|come|send|add|book|bring|move|change"
    r"|start|swap)",
    r"\b(?:il|o|le)\s+trecem\b", r"\blet'?s\s+(?:do|go|have|book)", r"\bneeded\b", r"\bhai\s+sa\b",
    r"\bmergem\s+pe\b", r"\bramanem\s+(?:la|pe)\b", r"\balegem\b", r"\baleg\b",
    r"\bplease\s+(?:add|book)", r"\bconfirmam\b",
    r"\bma\s+intereseaza\s+(?:o\s+petrecere|sa\s+(?:rezerv|organiz))",
    r"\bwe'?ll\s+(?:take|go|have)\b",
    r"\bi'?ll\s+take\b", r"\bse\s+poate\s+(?:sa\s+)?(?:rezerv|veni)", r"\bva\s+rog\s+(?:un|o|sa)\b",
)  # fmt: skip
INQUIRY = _words(
    r"\b(?:do|can|r)\s+(?:u|ya)\b",
    r"\b(?:sa|sa\s+va)\s+(?:stiu|aflu|intreb|ma\s+interesez)\b", r"\binformati[ie]",
    r"\bsa\s+(?:imi|ne|mi)\s+confirm", r"\bofert[ae]\b(?!\s+(?:e|este|dvs|dumneavoastra|voastra))",
    r"\ba\s+quote\b", r"\bsa\s+imi\s+spuneti\b",
    r"\bvoiam\s+sa\s+(?:va\s+)?(?:intreb|stiu)", r"\blike\s+to\s+(?:know|ask|enquire|inquire)",
    r"\bwant(?:ed|s)?\s+to\s+(?:know|ask)\b", r"\byour\s+(?:prices|rates|packages)\b",
        r"\bdin\s+curiozitate", r"\bcuriou?s", r"\bintreb\b",
    r"\bcat\s+(?:ar\s+)?(?:cost|e|este|ar\s+fi|iese|vine|luati|ma\s+cost)",
    r"\bcat\s+ne-?ar\s+cost",
    r"\bhow\s+much\b", r"(?<!stiu )(?<!stim )\bce\s+(?:pret|tarif|pachet|personaj|oferte|costa)",
        r"\bprice\s+list",
    r"\bwhat'?s\s+the\s+(?:price|cost)",
    r"(?<!la )(?<!cu )(?<!depinde de )\bpret(?:ul|urile|uri)?\b(?!\s*(?:e|este)?\s*(?:ok|bun"
    r"|bine))",
    r"\bwhat'?s\b",
    r"\b(?:do|are|is|does|did)\s+(?:you|your|it|there|the)\b(?=[^.!?]{0,120}\?)",
    r"\bwhat\s+(?:time|do|are|is)\b",
)  # fmt: skip
QUESTION_WORDS = _words(
    r"\?", INQUIRY.pattern, r"(?<!daca )\baveti\b", r"(?<!ce )\bfaceti\b",
    r"\bse\s+(?:mai\s+)?poate\b", r"\bcosta\b",
    r"^\s*(?:si\s+|dar\s+|and\s+)?(?:cum|unde|cand|care|which|when|where)\b", r"\bdisponibil",
    r"\bavailab",
    r"\bma\s+intereseaz", r"\bdetalii\b", r"\boferta\b",
)  # fmt: skip
NOT_BOOKING = _words(
    r"\bnu\s+(?:mai\s+)?rezerv\w*(?:\s+(?:inca|acum|nimic))?",
    r"\bnot\s+(?:booking|ready|sure\s+yet)",
    r"\bjust\s+(?:comparing|asking|checking|curious|looking|browsing|wondering"
    r"|wanted\s+to\s+know|enquiring)",
    r"\b(?:ma|ne)\s+(?:(?:mai|voi|vom|mai\s+uit\s+si\s+ma)\s+)?(?:gandesc|gandim|sfatuim"
    r"|consult)",
    r"\bsa\s+(?:ma|ne)\s+(?:mai\s+)?(?:gandesc|gandim)",
    r"\b(?:revin(?:em|o)?|revenim|o\s+sa\s+reven\w+|voi\s+reveni)\b(?!\s+(?:pentru|cu\s+"
    r"(?:adresa|detalii|ora|confirmare\s+adres"
    r"|o\s+rectific)|la)|\s*:)",
    r"(?<!\bsa )\b(?:va|te|iti|o\s+sa\s+va)\s+(?:mai\s+)?(?:anunt\w*|contact\w*|caut\w*|scri\w*"
    r"|zic"
    r"|spun)\s*(?:daca|cand"
    r"|dupa|noi|eu|in\s+cazul|$|\.|!|,)",
    r"\bdoar\s+(?:ma\s+inform|intreb|voiam|pentru\s+informare|o\s+intrebare)",
    r"\bdin\s+curiozitate", r"\bget\s+back\s+to\s+you", r"\bprea\s+(?:scump|mult)\b",
    r"\btoo\s+(?:expensive|much)\b",
    r"\blet\s+me\s+think", r"\bthink\s+(?:about\s+it|it\s+over)", r"\bfor\s+the\s+future",
    r"\bnu\s+acum\b",
    r"\bmai\s+vedem", r"\bvorbesc\s+cu\s+(?:sot|famil|barbat|nevast)",
    r"\bdeocamdata\s+(?:doar|nu|ma)",
    r"\bnu\s+(?:ne|imi)\s+permitem", r"\bpeste\s+buget", r"\bout\s+of\s+(?:our\s+)?budget",
    r"\bover\s+(?:our\s+)?budget",
    r"\blet\s+you\s+know\s*(?:if|when|$|\.|!)", r"\bwe'?ll\s+(?:see|think)\b",
    r"\bnu\s+stim\s+(?:inca\s+)?daca",
    r"\bnot\s+now\b", r"\bmaybe\s+(?:later|another)", r"\bpoate\s+alta\s+data",
    r"\bcaut\w*\s+(?:in\s+)?alta\s+parte",
    r"\bnu\s+e\s+(?:nimic\s+)?sigur\b", r"\bnu\s+rezervam\b", r"\bvoiam\s+doar", r"\bcompar\b",
    r"(?<!pe )\balta\s+data\b",
    r"\bnu\s+(?:vreau|vrem|doresc|dorim)\s+(?:sa\s+)?(?:fac\w*\s+)?(?:o\s+)?(?:rezerv|comand)\w*",
    r"\banaliz(?:am|ez)\b", r"\b(?:ne|ma)\s+hotara\w+", r"\bdecid(?:em)?\b",
    r"\bdiscut(?:am)?\s+(?:cu|in|acasa)", r"\bva\s+(?:tin(?:em)?\s+la\s+curent|comunic)",
    r"\bmai\s+caut",
    r"\bstay\s+in\s+touch", r"\bcheck\s+with\s+my", r"\btalk\s+to\s+my", r"\bask\s+my",
    r"\bmulte\s+alte\s+oferte",
    r"\bcomparam\b", r"\bcomparing\b",
    r"\bpacat\b", r"\bmultumesc\s+oricum", r"\bthank\w*\s+anyway", r"\btoo\s+bad\b",
    r"\bwhat\s+a\s+(?:pity|shame)", r"\ball\s+(?:that\s+)?(?:i|we)\s+(?:need\w*"
        r"|want\w*)\s+to\s+know",
    r"\b(?:atat|asta|doar\s+asta)\s+(?:voiam|vroiam|am\s+vrut|doream)\b", r"\bfor\s+now\s*[.!]*$",
    r"\b(?:asta|atat)\s+era\s+(?:tot|intrebarea)", r"\bdon'?t\s+(?:reserve|book"
        r"|hold)\s+(?:anything|it)",
    r"\bca\s+(?:sa-?mi\s+)?(?:idee|orientare)\b",
    r"\bjust\s+(?:an?\s+)?(?:idea|estimate|gathering|planning\s+ahead|exploring)",
    r"\bstill\s+(?:deciding|looking|undecided)", r"\bno\s+need\s+to\s+(?:hold|book|reserve)",
    r"\b(?:only|just)\s+want(?:ed)?\s+to\s+know\b", r"\bnu\s+se\s+potriveste",
)  # fmt: skip
CANCEL = _words(
    r"\banul(?:am|ez|ati|at|ata|area|eaza|a|atii)\b", r"\bcancel\w*",
    r"\bnu\s+(?:o\s+|il\s+)?mai\s+(?:facem|fac|tinem"
    r"|organizam|vrem|vreau|dorim|doresc|avem\s+nevoie|am\s+nevoie|e\s+nevoie|este\s+nevoie"
    r"|venim|are\s+loc|e\s+cazul"
    r"|este\s+cazul|se\s+(?:face|tine|poate\s+tine))", r"\brenunt(?:am|at|)\b",
    r"\bcall(?:ed|ing)?\s+(?:it\s+|everything\s+"
    r"|the\s+\w+\s+)?off", r"\b(?:won'?t|not)\s+be\s+(?:needing|having)",
    r"\b(?:no\s+longer|don'?t)\s+need\b",
    r"\bsterg\w*\s+(?:\w+\s+)?(?:rezerv|program|comand|petrec)", r"\bne-?am\s+razgandit",
    r"\bm-?am\s+razgandit",
    r"\b(?:gasit|ales|luat|rezolvat)\s+(?:cu\s+|pe\s+)?(?:altcineva|alta|alt|altfel)\b",
    r"\bse\s+amana\b(?!\s+(?:pe|la)\s+\d)",
    r"\bdon'?t\s+need\s+(?:\w+\s+){1,3}(?:anymore|any\s+more)",
    r"\bscoat\w+\s+(?:\w+\s+)?rezerv", r"\bchanged\s+our\s+mind",
    r"\bnot\s+(?:going\s+ahead|happening)", r"\bcontramand",
    r"\bcan'?t\s+(?:do|make)\s+(?:it|the\s+party)",
    r"\bnu\s+mai\s+pute(?:m|ti)\s+(?:face|tine|organiza|onora)",
    r"\bfound\s+(?:someone|another)", r"\bdropping\s+out",
    r"\b(?:go(?:ing)?|went|gone)\s+with\s+(?:someone|another)",
    r"\bnu\s+(?:vom|voi|o\s+sa)\s+mai\s+(?:\w+\s+)?(?:organiz|face|tine|avea|putea)\w*",
    r"\bne\s+retragem\b", r"\bma\s+retrag\b", r"\b(?:party|it)(?:'s|\s+is)\s+off\b",
    r"\bdisregard\s+my",
    r"\bwe'?ll\s+(?:leave\s+it\b(?!\s+(?:at|as|like|to|with|in|until|by|for\s+you))|pass\b"
    r"|skip\s+it)",
    r"\btake\s+(?:us|me|it|our\s+\w+)\s+off\b", r"\b(?:pull|back)(?:ing)?\s+out\b",
    r"\bnot\s+(?:be\s+)?going\s+(?:ahead|through)", r"\bdecided\s+(?:not\s+to|against)\b",
    r"\b(?:isn'?t|is\s+not|not|won'?t)\s+(?:be\s+)?(?:going\s+to\s+happen|happening)",
    r"\bchanged?\s+(?:our\s+|my\s+)?plans\b", r"\bplans\s+(?:have\s+)?changed\b",
        r"\bs-?au\s+schimbat\s+planurile",
    r"\baman(?:am|a)\b(?![^.!?]{0,24}\b(?:pe|la|cu|in|pentru)\s)", r"\btermen\s+nedefinit",
        r"\bnedefinit\b",
    r"\bdo\s+without\s+(?:\w+\s+)?(?:entertain|anim|you)", r"\bindefinitely\b",
    r"\b(?:booked|found|hired|got|chosen|picked)\s+(?:someone|somebody|another)",
    r"\bdrop\s+(?:our|the|my)\s+(?:booking|reservation|party)", r"\bretra(?:g|gem)\s+rezerv",
    r"\bno\s+(?:party|event|birthday|christening)\b[^.?]{0,30}\b(?:after\s+all|any\s?more)\b",
    r"\b(?:am|ne-?am|m-?am)\s+(?:hotarat|decis)\s+sa\s+nu\b",
    r"\bnu\s+mai\s+putem\s+(?:sustine|participa|lua|continua)",
    r"\bwon'?t\s+(?:be\s+)?(?:go(?:ing)?\s+ahead|happen\w*|need\w*\s+you|tak\w+\s+place)",
    r"\b(?:release|free\s+up)\s+(?:the|our|that)\s+(?:date|slot|day|booking)",
    r"\bgive\s+(?:our|the|that)\s+(?:slot|date|place)\s+(?:to|away)", r"\bscrap\s+the\s+party\b",
    r"\bhave\s+to\s+withdraw", r"\bscoate(?:ti)?-?\s?(?:ne|ma)\b", r"\bster(?:g|ge)\w*-?\s?(?:ne"
        r"|ma)\b",
    r"\b(?:da|dati|puteti\s+da)\s+(?:data|ziua|locul|ora)\s+(?:altcuiva|la\s+altcineva"
    r"|mai\s+departe)",
    r"\bn-?(?:o|il|le)\s+mai\s+(?:facem|fac|tinem|organizam|vrem)",
    r"\bnu\s+mai\s+(?:conta\w*|va\s+bazati)\s+pe\s+noi", r"\bsa\s+nu\s+mai\s+veniti",
    r"\bnu\s+mai\s+(?:veniti|pute(?:m|ti)\s+(?:veni|ajunge))\b",
        r"\bam\s+renuntat\b(?!\s+la\s+(?:idee|locati|sala))",
    r"\b(?:o\s+)?las(?:am|a)\s+pe\s+(?:alta\s+data|altadata|anul\s+viitor|la\s+anul"
    r"|vara\s+viitoare)",
    r"\bnu\s+mai\s+avem\s+cum\b", r"\bnu\s+mai\s+are\s+sens", r"\b(?:am\s+decis"
        r"|ne-?am\s+hotarat)\s+sa\s+nu\b",
    r"\bforget\s+(?:about\s+)?(?:it|the\s+booking)", r"\blasati\s+balta",
    r"\b(?:atunci|mai\s+bine)\s+(?:o\s+|il\s+)?las(?:am|ati|)\b(?!\s+(?:asa|cum|avans|la|pe))",
    r"^\W{0,9}(?:(?:h+m+|a+h?|o+f|nu|ok|bine)\W{1,9})?lasati\s+(?:atunci|mai\s+bine)\W{0,9}$",
    r"\blasam\s+balta",
    r"\belibera\w*\s+(?:data|ziua|intervalul|locul|rezervarea)",
    r"\bnu\s+se\s+mai\s+(?:tine|face|organiz\w+)",
    r"\brenuntam\b", r"\bse\s+anuleaza\b", r"\bs-?a\s+anulat\b",
)  # fmt: skip
NO_CANCEL = _words(
    r"\bbut\s+(?:you|we'?d)\b", r"\bdar\s+(?:voi|la\s+voi|dvs|preferam|tot\s+pe\s+voi)\b",
    r"\bdaca\b", r"\bif\b", r"\bpoliti[ck]", r"\bpolicy", r"\bnu\s+anul",
    r"\bnu\s+(?:o\s+)?mai\s+(?:facem|fac|tinem|vrem|venim|organizam)\s+(?:acasa|afara|la|in|pe"
    r"|cu|de\s+la|acolo)\b",
    r"\bnot?\s+cancel(?!l?ed)\w*", r"\bconditii",
    r"\bcat\s+timp", r"\bhow\s+(?:late|long)", r"\bdon'?t\s+cancel",
    r"\b(?:se\s+poate|pot|can\s+i|putem)\s+anul\w*[^.]*\?",
)  # fmt: skip
POSTPONE = re.compile(
    r"\bmut(?:am|a|at|ati|ez)\b|\breprogram|\bresched|\bmov(?:e|ing)\b|\baman(?:am|a|at)\b"
    r"|\bpostpon|\bschimb\w*\s+(?:data|ziua)"
)
WHOLE = re.compile(
    r"petrecer|rezervar|booking|party|eveniment|event|comanda|botez|tot(?:ul)?\b|serbar"
    r"|aniversar|everything"
)
MOVE = _words(
    r"\bmut\w*", r"\breprogram\w*", r"\baman(?:am|at|a|ez)\b", r"\bmove\w*", r"\bmoving",
    r"\bresched\w*",
    r"\bpostpon\w*", r"\bschimb\w*\s+(?:data|ziua|ora)",
    r"\bchange\w*\s+(?:the\s+|our\s+)?(?:date|day|time)",
    r"\bdevans\w*", r"\bpush\w*\s+(?:it|the)", r"\bin\s+loc(?:ul)?\s+de\b", r"\binstead\s+of",
    r"\bdecal\w*",
)  # fmt: skip
CORRECTION = _words(
    r"\bde\s+fapt", r"\bba\s+nu", r"\bscuze", r"\b(?:am\s+)?gresit", r"\bactually", r"\bsorry",
    r"\bi\s+mean(?:t)?\b",
    r"\badica", r"\bmai\s+bine\b", r"\bpana\s+la\s+urma", r"\bmake\s+it\b", r"\bwait\b",
    r"\bstati\b", r"\bincurcat",
    r"\bcorect(?:ez|ie|ez:)", r"\brectific", r"\bno,", r"\bnu,", r"\bci\b", r"\bmy\s+bad",
    r"\binstead\b", r"\boops", r"\bups",
    r"\*\s*\d", r"\bcorrection", r"\bscz\b", r"\bpardon", r"\bmistake",
)  # fmt: skip
GREETING = re.compile(
    r"\b(?:buna\s+(?:ziua|seara|dimineata)|buna|salut(?:are)?|sal\b|slt|bn\s+(?:seara|ziua)|bna"
    r"|neata|hello|hi\b|hey|hiya|yo\b|good\s+(?:morning"
    r"|afternoon|evening)|multumesc|multumim|mersi|ms\b|thanks?|thank\s+you|va\s+rog|please|pls"
    r"|scuze|saru'?\s*mana|sarut\s*mana|la\s+revedere"
    r"|o\s+(?:zi|seara)\s+(?:buna|frumoasa|faina)|cu\s+(?:drag|stima|respect)|te\s+pup|pa\b|bye)\b"
)
SPAM = _words(
    r"\bcredit\s+rapid", r"\bfara\s+girant", r"\bcripto\w*", r"\bcrypto\w*",
    r"\bcastig(?:uri)?\s+garantat", r"\bclick\b", r"\bbit\.ly",
    r"\bfelicitari,?\s+ai\s+castigat", r"\bselected\s+to\s+win", r"\bprize\b", r"\bpremiu",
    r"\bvindem\b", r"\bva\s+oferim\b", r"\bvindem\b",
    r"\boferim\s+(?:servicii|credite|imprumut)", r"\binvest\w+", r"\bloan\b", r"\bimprumut",
    r"\bcasino", r"\bpariuri", r"\bbonus\b", r"\breduceri\s+de\s+pana",
    r"\bcatalogul\s+complet", r"\bpromoti[ae]\b", r"\breduceri?\s+(?:de\s+)?\d+\s*%",
    r"\bcomanda\s+acum", r"\boferta\s+limitata", r"\blivrare\s+gratuit", r"\babona\w+",
    r"\bposturi\b", r"\bcolaborator\w*", r"\bnegociabil",
    r"\bservicii\s+(?:de\s+)?(?:seo|contabil|evidenta|web|promovare|curatenie|paza|design)",
    r"\bfollowers", r"\bearn\b.*\b(?:day|week)", r"\bwork\s+from\s+home", r"\bjob\b",
    r"\bangaj(?:am|are|ez)\b", r"\bwe\s+(?:offer|sell|provide)\b",
    r"\bcoletul\b", r"\bcurier", r"\bverify\s+your", r"\bcontul\s+(?:dvs|dumneavoastra|tau)",
    r"\bforward(?:ed)?\b.*\bcontacte",
    r"\btrimite\s+(?:acest\s+)?mesaj\w*\s+(?:mai\s+departe|la\s+\d+)",
    r"\bwebsite\b.*\b(?:seo|google)", r"\bcolabor(?:are|am)\b", r"\bcv\b", r"\boferta!",
)  # fmt: skip
THANKS = _words(
    r"\bmultum\w*", r"\bmersi\b", r"\bthank\w*", r"\bminunat", r"\bsuper\b", r"\bamazing",
    r"\bfelicitari", r"\brecomand", r"\breview",
    r"\bla\s+multi\s+ani", r"\bincantat", r"\brock\b", r"\bhit\b",
)  # fmt: skip
OTHER_PARTY = _words(
    r"\b(?:inca\s+o|alta|o\s+alta|a\s+doua|o\s+noua|another|second|one\s+more|new|different)\s+"
    r"(?:petrecere|aniversare|party|eveniment|event|rezervare|booking|serbare)",
    r"\b(?:mai|si)\s+(?:am|avem)\s+(?:si\s+)?(?:o|un|inca)\s+(?:a\s+doua\s+|alta\s+)?"
    r"(?:petrecere|botez|eveniment|aniversare|rezervare|serbare)",
    r"\b(?:for|pentru|pt|ptr)\s+(?:my|our)?\s*(?:other\s+)?(?:nephew|niece|nepot\w*|celalalt"
    r"|cealalta|younger\s+\w+|older\s+\w+)\s+(?:\w+\s+)?"
    r"(?:too|as\s+well|also)\b",
    r"\b(?:si|and)\s+(?:pentru|pt|ptr|for)\s+(?:cel(?:alalt|\s+mic|\s+mare)|ce(?:alalta|a\s+mica"
    r"|a\s+mare)|(?:my|our)\s+(?:nephew|niece|other|younger|older))\b",
    r"\baltei?\s+petreceri", r"\balt\s+(?:eveniment|botez)", r"\bun\s+al\s+doilea",
    r"\bmai\s+(?:vreau|vrem|dorim|doresc|facem)\s+(?:si\s+)?(?:o|una|pe)\b",
    r"\bde\s+data\s+asta\s+(?:pentru|pt|e\b|vrem|vreau|facem|am\s+vrea)", r"\bthis\s+time\s+for",
    r"\b(?:revin|revenim|trecem|scriu|vin|venim|back|now|on)\s+(?:si\s+)?(?:cu|la|pentru|pt|to"
    r"|for|about)\s+"
    r"(?:a\s+doua|cealalta|al\s+doilea|celalalt|the\s+(?:second|other))\b",
        r"\bo\s+a\s+doua\s+petrecere",
    r"\balta\s+adresa", r"\bseparate\s+(?:party|event|booking)",
)  # fmt: skip
OTHER_ONE = re.compile(
    r"\bal\s+doilea\b|\ba\s+doua\b|\bcealalta\b|\bcelalalt\b|\bthe\s+(?:second|other)\s+one\b"
)
OWN_BOOKING = _words(
    r"\b(?:avem|am)\s+(?:deja\s+)?(?:o\s+)?(?:rezervare|rezervat|programare|petrecere\w*\s+"
    r"(?:la|cu)\s+(?:voi|dvs|dumneavoastra))", r"\brezervarea\b", r"\b(?:la|din|pe)\s+rezervare\b",
    r"\bpetrecerea\b", r"\bbotezul\b", r"\bbotez\b",
    r"\b(?:the|our|my)\s+(?:\w+\s+)?(?:party|booking|event|reservation)\b",
    r"\b\w+'s\s+(?:party|birthday|booking)",
    r"\bcomanda\b", r"\bavansul\b", r"\bdeposit\b", r"\bavans\b", r"\bparty-?ul\b",
    r"\bevenimentul\b", r"\bserbarea\b", r"\baniversarea\b",
)  # fmt: skip
CHANGE = _words(
    MOVE.pattern, r"\badaug\w*", r"\badd\b", r"\bschimb\w*", r"\binlocui\w*", r"\bswap\b",
    r"\breplac(?:e|es|ed|ing)\b", r"\bchange\w*",
    r"\bmai\s+(?:punem|vrem|vreau|am\s+vrea|as\s+vrea|dorim|luam)\b",
    r"\bpe\s+langa\s+(?!casa|parc|scoala|bloc)", r"\bin\s+addition\b", r"\bbesides\b",
    r"\bvrea\b", r"\bwants\b",
    r"\btoo\s*(?:[.!?]|$)", r"\bas\s+well\b", r"\bdrop\b", r"\banul(?:am|ez)\b", r"\breduc\w*\b",
        r"\bprelung\w*",
    r"\bscurt(?:am|ati|eaza|a)\b", r"\bextend\w*", r"\bshorten\w*",
    r"\b(?:ne|m|s|si)-?(?:am|a|au)\s+razgandit", r"\bchanged\s+(?:her|his|our|my|their)\s+mind",
    r"\bmai\s+(?:avem|am|ar)\s+(?:fi\s+)?nevoie", r"\bfara\b", r"\bwithout\b", r"\bpun(?:em|eti)\b",
    r"\brenunt\w*", r"\braman\w*\s+(?:doar|numai)", r"\bin\s+plus\b", r"\bsuplimentar",
    r"\bextra\b", r"\balso\b", r"\bde\s+fapt\b", r"\bmai\s+(?:mult|putin)i?\b", r"\bmore\b",
        r"\bfewer\b", r"\bvom\s+fi\b", r"\bvor\s+fi\b", r"\bvin\b",
    r"\bwe'?ll\s+be\b", r"\binstead\b", r"\bcome\s+at\b", r"\bmai\s+(?:devreme|tarziu|repede)\b",
    r"\b(?:earlier|later)\b",
    r"\bam\s+(?:achitat|platit|trimis|virat|transferat|facut)", r"\bpaid\b", r"\btransferred\b",
    r"\bsent\b", r"\bincepem\b", r"\bnoua\s+adresa", r"\bnew\s+(?:address|venue|location)",
)  # fmt: skip
UNCHANGED = re.compile(
    r"\braman(?:e|)\b[^.!?]{0,24}\b(?:la\s+fel|neschimbat\w*|asa|cum|stabilit|vorbit)|\bramane\s*$"
    r"|\bstays?\s+(?:exactly\s+|just\s+)?(?:the\s+same|as)|\bunchanged|\bas\s+(?:agreed|planned)"
)
"""The sentence says that another party stays as it is."""
REQUEST_TO_SEND = re.compile(
    r"\b(?:va\s+rog|puteti|trimit\w*|please|could\s+you|can\s+you|send|nevoie|need)\b"
)
"""Something is to be sent or done."""
OPINION = re.compile(
    r"\s*(?:si\s+|oare\s+|and\s+)?(?:(?:mai\s+)?avem\s+nevoie\s+de|(?:ne\s+)?(?:mai\s+)?trebuie"
    r"|do\s+we\s+need|would\s+we\s+need)\s+[^,]{0,44}\?\s*$"
)
"""The customer asks whether something is needed, not for it."""
