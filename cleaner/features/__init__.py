"""What a model sees of paragraphs, as arrays over a whole batch of pages.

Imports `pages` for its data, numpy, nothing of `model`. `words.py` turns text into characters,
tokens and hashed n-grams, `surface.py` counts what a paragraph looks like, `context.py` sets it
beside its neighbours and its page. What only HTML tells: `elements.py` sets the elements of pages
end to end, `markup.py` counts those around a block, `attributes.py` hashes their class names and
ids and the links in it, `titles.py` compares it with the page's titles. `arrays.py` has what all do
with arrays.
"""
