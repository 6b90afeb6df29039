"""What a model sees of paragraphs, as arrays over a whole batch of pages.

Imports `pages` for its data, numpy, nothing of `model`. `words.py` turns text into characters,
tokens and hashed n-grams, `shape.py` counts what a paragraph looks like, `context.py` sets it
beside its neighbours and its page, `markup.py` reads what only HTML tells.
"""
