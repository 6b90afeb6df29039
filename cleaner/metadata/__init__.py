"""What is told of a page beside its text: who wrote it, when, in which language, and so on.

Imports `pages` and `errors` of the package; trafilatura and py3langid where they are used.
`fields.py` names what is told; `declared.py` reads what HTML says of itself, `beside.py` what
stands beside the headline, with `dates.py` and `names.py`; `language.py` tells the language;
`read.py` puts it together.
"""

from cleaner.metadata.fields import FIELDS, FIGURES, NAMES, Metadata, check_fields

__all__ = ["FIELDS", "FIGURES", "NAMES", "Metadata", "check_fields"]
