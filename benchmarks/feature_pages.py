"""The pages of `features.py`: a story with what stands around it, as HTML and as text, and others.

They are made up; what is on them is long enough for programs that go by lengths.
"""

from __future__ import annotations

TITLE = "Ferry returns to the island after three weeks in the dock"
STORY = (
    "The ferry returned to the island on Monday after three weeks in the dock, and several hundred "
    "people stood on the pier to see it come in. Many of them had brought flags, and the band of "
    "the school played until the last of the cars had gone up the hill to the village.",
    "Its engine had failed in the first storm of the winter, and since then letters, milk and "
    "medicine had come by a fishing boat that could not carry more than twelve passengers. In the "
    "second week the only shop had sold all of its bread by nine in the morning, and the baker "
    "asked people to bring flour of their own.",
    "The company said that the repairs had cost two million crowns, and that nobody would have to "
    "pay more for a ticket this year, whatever the council decides in the spring. It has asked a "
    "yard on the mainland to look at the other engine, which is as old as the first, before the "
    "summer, when six times as many people cross the sound as in the winter.",
    "The mayor thanked the crew of the fishing boat, who had crossed the sound forty times in all "
    "weathers, and said that the island had waited long enough for this day. She wants the state "
    "to pay for a second boat that lies ready in the harbour, and will travel to the capital with "
    "four others next week to say so to the minister.",
    "Not everybody was on the pier. The two families at the north end have kept goats since they "
    "came, and one of them said that they had hardly seen a difference. What they had missed was "
    "the newspaper, which came three days late and was read aloud in the kitchen in the evening, "
    "from the first page to the last, with all of the notices and the tides.",
)
MENU = ("Home", "Sport", "Weather", "Sign in")
PITCH = "Get our free letter from the coast each Friday morning, and never miss a story again."
TEASER = "Copper prices jump as miners walk out of the largest pit of the north"
COMMENT = "I was on the pier with my children, and it was a wonderful morning for everybody."
FOOTER = "Terms of use"
CAPTION = "The ferry at the pier on Monday. Photo: Dev Marlowe"
HOST, PATH = "www.example.org", "/2024/05/03/ferry-returns-to-the-island"
URL = f"https://{HOST}{PATH}"

PAGE = f"""<!DOCTYPE html><html lang="en"><head><title>{TITLE} | The Courier</title>
<meta property="og:title" content="{TITLE}"><meta property="og:type" content="article">
<meta name="author" content="Orla Venning">
<meta property="article:published_time" content="2024-05-03T10:00:00Z"></head><body>
<nav><ul>{"".join(f'<li><a href="/{name}">{name}</a></li>' for name in MENU)}</ul></nav>
<main><article><h1>{TITLE}</h1><p class="byline">By Orla Venning</p><p>{STORY[0]}</p>
<figure><img src="/ferry.jpg" alt="The ferry"><figcaption>{CAPTION}</figcaption></figure>
<p>{STORY[1].replace("failed", "<b>failed</b>")}</p><h2>What it cost</h2>
<p>{STORY[2].replace("the council", '<a href="/council">the council</a>')}</p>
<ul><li>Two crossings a day until the end of the month</li>
<li>Four crossings a day after that, as the company said</li></ul>
<table><tr><th>Day</th><th>Crossings</th></tr><tr><td>Monday</td><td>two</td></tr>
<tr><td>Friday</td><td>four</td></tr></table>
<p>{STORY[3]}</p><p class="north">{STORY[4]}</p></article></main>
<aside class="related"><h3>More news</h3><a href="/copper">{TEASER}</a></aside>
<div class="newsletter"><p>{PITCH}</p></div>
<section id="comments" class="comments"><h3>Comments</h3><div class="comment"><p>{COMMENT}</p></div>
</section><footer>{FOOTER}</footer></body></html>"""

TEXT = "\n".join(
    [*MENU, TITLE, "By Orla Venning", *STORY[:2], CAPTION, *STORY[2:], TEASER, PITCH, FOOTER]
)
SHOP = "<html><body><nav><a href=/>Shop</a></nav><h1>Chairs</h1><ul>{}</ul></body></html>".format(
    "".join(f"<li><a href=/c{n}>Oak chair {n}</a> {n}29.00 <a href=/b>Buy</a></li>" for n in "1234")
)
OTHER = "\n".join(part.replace("ferry", "train").replace(" the ", " no ") for part in STORY[::-1])
SAME, NEAR = [TEXT, TEXT, OTHER], [TEXT, TEXT.replace("Monday", "Tuesday"), OTHER]
"""Three pages, of which two are the same, or nearly so."""
