// Elements of the page: made with texts, never with HTML.

const $ = (id) => document.getElementById(id);

const count = (n, word) => `${n.toLocaleString("en")} ${word}${n === 1 ? "" : "s"}`;

function make(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function meter(share) {
  const bar = make("i");
  bar.style.setProperty("--share", share);
  const made = make("span", { className: "meter" }, bar);
  made.setAttribute("aria-hidden", "true");
  return made;
}

// A link where it is one of the web; all else is a text.
function urlOf({ url, id }) {
  if (!/^https?:\/\//i.test(url ?? "")) return url ?? id;
  return make("a", { href: url, textContent: url, target: "_blank", rel: "noopener noreferrer" });
}

// Twice, as the heights of what was out of sight are known only then.
function bringToSight(made) {
  made.scrollIntoView({ block: "nearest" });
  requestAnimationFrame(() => made.scrollIntoView({ block: "nearest" }));
}

const CHUNK = 60; // rows that are made at once, when they come near

// A list whose items are made when they come near.
function lazily(container, total, makeItem) {
  const items = [];
  const end = make("div");
  const scrolled = container.closest("nav") ?? container;
  const watch = new IntersectionObserver((seen) => {
    if (seen.some((one) => one.isIntersecting)) reach(items.length + CHUNK - 1);
  }, { root: scrolled, rootMargin: "1200px" });
  container.replaceChildren(end);

  function reach(n) {
    const added = document.createDocumentFragment();
    while (items.length <= n && items.length < total) {
      items.push(makeItem(items.length));
      added.append(items.at(-1));
    }
    end.before(added);
    watch.disconnect(); // and look again: the end may still be in sight
    if (items.length < total) watch.observe(end);
  }
  reach(CHUNK - 1);
  return { items, reach, close: () => watch.disconnect() };
}
