"""Words of bylines in a dozen languages: what a name stands behind, ends at, and what is none."""

from __future__ import annotations


def _any_of(words: str) -> str:
    return "|".join(words.split())


MADE = _any_of(
    """
    written posted reported published edited text article story words report
    geschrieben verfasst veröffentlicht gepostet ein eine bericht artikel beitrag gastbeitrag
    kommentar kolumne interview reportage analyse
    écrit rédigé publié posté un une texte chronique
    escrito publicado redactado artículo postado artigo texto reportagem
    a\\s+cura scritto pubblicato articolo testo
    geschreven geplaatst gepubliceerd tekst verslag een
    skrevet publisert publiceret udgivet artikkel en skriven publicerad
    napisane napisano opublikowane opublikowano dodane dodano artykuł
    """
)
"""What was done, or made, by those whom a byline names; a picture is no text."""

BY = _any_of(
    """
    by byline author authors autor autorin autoren autore autora auteur von por par di door av af
    przez автор авторы текст kirjoittaja teksti yazan yazar بقلم 作者 記者 记者 本报记者 文
    """
)
"""What a name stands behind, with or without what was made."""

PICTURES = _any_of(
    "photos? photographs photography pictures images fotos? bilder fotografías? immagini zdjęcia"
)

GENERIC = frozenset(
    """
    admin administrator author autor anonymous anonymus user username guest webmaster editor staff
    team unknown none null undefined nobody root test www wordpress blogger default contributor
    agencies agencias agenturen name yourname advertisement menu home login
    """.split()
)
"""What stands for a name where there is none, in letters alone."""

ROLES = frozenset(
    """
    editor editor-in-chief co-editor reporter correspondent writer journalist columnist contributor
    producer photographer director ceo founder technologist analyst professor lecturer strategist
    economist manager president researcher redakteur redakteurin redaktion reporterin
    korrespondent korrespondentin korrespondenten rédaction rédacteur rédactrice journaliste
    correspondant redacción redactor redactora corresponsal periodista redação repórter redazione
    giornalista redactie verslaggever redaktionen redaksjonen redakcja
    """.split()
)
"""The work of an author, each of which is nobody's name."""

RANKS = frozenset(
    """
    political chief senior junior staff sports sport contributing our special foreign business news
    travel features feature health science education deputy managing associate assistant
    national international local digital online executive technology tech culture arts home city
    web editorial economics environment world freelance guest general entertainment lifestyle
    opinion politics investigative breaking multimedia video data legal games gaming film music food
    fashion books money media defence climate energy transport court crime royal unser
    unserem unserer the la die der il
    """.split()
)
"""What stands before such a word."""

TOLD = frozenset(
    """
    updated published posted modified datum mins minutes comment comments shares
    edited reviewed produced illustrated translated
    """.split()
)
"""What a line tells behind a name, each of which is nobody's name."""

SURNAMES = frozenset(
    """
    read share date data follow view views minute special foto fotos photo photos photograph
    photographs photography picture for at of source
    """.split()
)
"""The same, but also a family's name: no name begins with it, and one of two words ends before."""

BEHIND = frozenset(
    """
    on in min last zuletzt aktualisiert dernière última ultimo laatst senest sist ostatnia
    monday tuesday wednesday thursday friday saturday sunday
    montag dienstag mittwoch donnerstag freitag samstag sonntag
    """.split()
)
"""The same, but also a first name."""

WEEKDAYS = BEHIND | frozenset(
    """
    mon tue tues wed weds thu thur thurs fri sat sun
    lundi mardi mercredi jeudi vendredi samedi dimanche
    lunes martes miércoles jueves viernes sábado domingo
    lunedì martedì mercoledì giovedì venerdì sabato domenica
    maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
    mandag tirsdag onsdag torsdag fredag lørdag søndag måndag tisdag lördag söndag
    poniedziałek wtorek środa czwartek piątek sobota niedziela
    """.split()
)
"""What stands before a day."""

BEFORE_DAY = frozenset((*WEEKDAYS, *TOLD, *MADE.split("|"), *"le el il am den op em d".split()))
"""What a line tells of its day before its byline."""

NO_PERSON = frozenset(
    (
        *RANKS, *SURNAMES, *BEFORE_DAY,
        *"press times post herald gazette tribune desk team agency".split(),
        *"island county new north south east west san los saint".split(),
    )
)  # fmt: skip
"""What is in no name beside a day that nothing else tells of: words of pages, papers and places."""

PARTICLES = frozenset(
    """
    de del della delle dei degli di da do das dos du des la las le les los lo el al bin ibn bint ben
    abu van von vom zu zum zur der den het 't te ten ter tot af av of y e i san mac ap
    """.split()
)
"""Words of a name in small letters."""
