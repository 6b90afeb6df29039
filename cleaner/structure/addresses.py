"""Where the links and pictures of a page lead to, as Markdown can hold it."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote, urljoin, urlsplit

Resolve = Callable[[str], str | None]
"""Makes an address absolute, and writes it for Markdown; None of one that leads nowhere."""

SCHEMES = frozenset(("", "http", "https", "mailto", "tel"))
"""What leads somewhere from outside of the page; all else, as of scripts, is no link."""

_LEFT_OUT = re.compile("[\t\r\n]")
"""What browsers leave out of an address."""

_ENCODED = re.compile(
    r"[\x00-\x20\x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u3000\"<>()\\`|*\[\]]"
)
"""What would end an address in Markdown, or be taken for a sign of it."""

_ENTITY = re.compile(r"&(?=#?\w+;)")
"""What would be read as a character."""


def find_base(url: str | None, base: str, canonical: str) -> str:
    """Return where relative addresses start from: the page's URL, as it was given or as it says
    itself, and what the page says of its base; empty where nothing is known."""
    return _join(url or (canonical if _is_web(canonical) else ""), base) or ""


def resolver(base: str) -> Resolve:
    """Return what makes addresses absolute by this one."""

    def resolve(address: str) -> str | None:
        joined = _join(base, address)
        if not joined:
            return None
        return _ENTITY.sub("&amp;", _ENCODED.sub(lambda found: quote(found[0]), joined))

    return resolve


def _join(base: str, address: str) -> str | None:
    try:
        joined = urljoin(base, _LEFT_OUT.sub("", address).strip())
        return joined if urlsplit(joined).scheme in SCHEMES else None
    except ValueError:  # a host in brackets that is no address
        return None


def _is_web(address: str) -> bool:
    return address.startswith(("http://", "https://"))
