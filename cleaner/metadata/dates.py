"""Days in short lines, as bylines and datelines have them, in the languages of most pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

FIRST_YEAR = 1990
"""Before it no page was published."""

_MONTHS = """
january jan januar jänner januari janvier enero ene gennaio gen janeiro styczeń stycznia ocak
tammikuu tammikuuta leden ledna января янв січня sausio janvāris januarie

february feb februar feber februari février févr fév febrero febbraio fevereiro fev luty
lutego şubat helmikuu helmikuuta únor února февраля фев лютого vasario februāris februarie

march mar märz mär mrz maart mrt mars marzo março marca marzec mart maaliskuu maaliskuuta
březen března марта мар березня kovo marts maret machi

april apr avril avr abril abr aprile kwiecień kwietnia nisan huhtikuu huhtikuuta duben dubna
апреля апр квітня balandžio aprīlis aprili

may mai mei maj mayo maggio mag maio mayıs toukokuu toukokuuta květen května maja мая май
травня gegužės maijs

june jun juni juin junio giugno giu junho czerwiec czerwca haziran kesäkuu kesäkuuta červen
června июня июн червня birželio jūnijs

july jul juli juillet juil julio luglio lug julho lipiec lipca temmuz heinäkuu heinäkuuta
červenec července июля июл липня liepos jūlijs julai

august aug augustus août agosto ago sierpień sierpnia ağustos elokuu elokuuta srpen srpna
августа авг серпня rugpjūčio augusti augusts agustus agosti

september sep sept septembre septiembre setiembre settembre set setembro wrzesień września
eylül syyskuu syyskuuta září сентября сен вересня rugsėjo septembris septemba

october oct oktober okt octobre octubre ottobre ott outubro out październik października ekim
lokakuu lokakuuta říjen října октября окт жовтня spalio oktobris oktoba

november nov novembre noviembre novembro listopad listopada kasım marraskuu marraskuuta
listopadu ноября ноя листопада lapkričio novembris novemba

december dec dezember dez décembre déc diciembre dic dicembre dezembro grudzień grudnia aralık
joulukuu joulukuuta prosinec prosince декабря дек грудня gruodžio decembris desember des
desemba
"""
"""The names of the twelve months, a blank line between two."""

_MONTH = {
    word: number for number, words in enumerate(_MONTHS.split("\n\n"), 1) for word in words.split()
}

_DAY = r"(?P<day>\d{1,2})"
_NUMBER = r"(?P<number>\d{1,2})"
_WORD = r"(?P<month>[^\W\d_]{3,12})\.?"
_FULL_YEAR = r"(?P<year>(?:19|20)\d\d)"
_YEAR = r"(?P<year>(?:19|20)\d\d|\d\d(?=\s*(?:$|[^\w\s:.])))"
_OF = r"(?:(?:of|de|del)\s+|d[’'])?"
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"(?<![\d.]){_FULL_YEAR}\s*[-/.年년]\s*{_NUMBER}\s*[-/.月월]\s*{_DAY}(?!\d)",
        rf"(?<![\d.]){_DAY}\.\s?{_NUMBER}\.\s?(?P<year>(?:19|20)?\d\d)(?!\d)",
        rf"(?<!\d){_DAY}(?:st|nd|rd|th|er|º|ª|\.)?(?:\s+|[-/.]){_OF}{_WORD}(?:\s+|[-/.,]\s*)"
        rf"{_OF}{_YEAR}",
        rf"(?<!\w){_WORD}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_FULL_YEAR}",
    )
)
_SLASHED = re.compile(r"(?<![\d/])(\d{1,2})/(\d{1,2})/((?:19|20)\d\d)(?![\d/])")


def find_dates(line: str) -> Iterator[tuple[int, int, date]]:
    """Yield the days in a line: where each begins and ends, and which it is, in their order.

    A day such as 3/4/2024 may be one of two, and is left out.
    """
    found = [*_named(line), *_slashed(line)]
    yield from sorted(found)


def is_month(word: str) -> bool:
    """Say whether a word, in small letters, names a month."""
    return word in _MONTH


def is_possible(day: date) -> bool:
    """Say whether a page can have been published on a day: not before there were any, and not
    after tomorrow, which has begun elsewhere."""
    return day.year >= FIRST_YEAR and day <= date.today() + timedelta(days=1)


def parse_date(value: object) -> str | None:
    """Return the day of a date and time as machines write them, ISO 8601 or nearly so."""
    found = re.match(r"\s*(\d{4})-?(\d\d)-?(\d\d)(?!\d)", value) if isinstance(value, str) else None
    if found:
        day = _day(*map(int, found.groups()))
    elif isinstance(value, str) and len(value) <= 60:
        day = next((day for _, _, day in find_dates(value)), None)
    else:
        day = None
    return day.isoformat() if day and is_possible(day) else None


def _named(line: str) -> Iterator[tuple[int, int, date]]:
    for pattern in _PATTERNS:
        for found in pattern.finditer(line):
            parts = found.groupdict()
            number = parts.get("number")
            month = int(number) if number else _MONTH.get(parts["month"].casefold(), 0)
            year = int(parts["year"])
            if day := _day(year + 2000 if year < 100 else year, month, int(parts["day"])):
                yield found.start(), found.end(), day


def _slashed(line: str) -> Iterator[tuple[int, int, date]]:
    for found in _SLASHED.finditer(line):
        first, second, year = map(int, found.groups())
        either = {_day(year, first, second), _day(year, second, first)} - {None}
        if len(either) == 1:
            day = either.pop()
            assert day
            yield found.start(), found.end(), day


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
