"""What a model sees of paragraphs, as arrays over a whole batch of pages.

Imports `pages` for its data, numpy, nothing of `model`. `words.py` turns text into characters,
tokens and hashed n-grams, `shape.py` counts what a paragraph looks like, `context.py` sets it
beside its neighbours and its page. What only HTML tells: `markup.py` counts the elements around a
block, `marks.py` hashes their class names and ids and the links in it (with `identifiers.py`,
`links.py` and `checksums.py`), `titles.py` compares it with the page's titles.
"""
