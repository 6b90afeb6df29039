"""Labelled pages as one HTML file in which people correct them; it needs no server and no network.

Imports `cleaner.py`, `formats` and `training`'s form of corrected pages, and what lies below them;
click and rich never. `choose.py` says which pages are looked at, `entry.py` what the browser is
told of a page, `render.py` puts the file together: of `page.html`, `base.css`, `review.css`,
`state.js` (the pages, and what a person said of them), `elements.js` and `review.js` (what is shown
and done), and of data that no page can break out of.
"""
