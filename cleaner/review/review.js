// The page that a person looks at. What pages bring is set as text, never as HTML.

const done = []; // changes that can be undone, and undone ones
const undone = [];

let at = 0; // the page that is looked at
let filter = "all";
let shown = []; // its paragraphs that the filter lets through
let cursor = 0; // one of them, and where a range to it begins
let anchor = 0;
let selected = new Set();
let list = null; // the rows of the shown paragraphs

// ---- Changes

function change(next, what) {
  done.push({ page: at, before: states[at], after: next });
  undone.length = 0;
  set(at, next);
  say(what);
}

function set(i, next) {
  states[i] = next;
  keepState(i);
  $("note").hidden = kept;
  showItem(i);
  showProgress();
  if (i === at) refresh();
}

function move(from, to, side, what) {
  const step = from.pop();
  if (!step) return;
  to.push(step);
  if (step.page !== at) open(step.page);
  set(step.page, step[side]);
  say(what);
}
const undo = () => move(done, undone, "before", "Undone");
const redo = () => move(undone, done, "after", "Done again");

function putAt(digits, chosen, digit) {
  return Array.from(digits, (old, n) => (chosen.has(n) ? digit : old)).join("");
}

function setLabel(label) {
  if (!selected.size) return;
  const now = states[at];
  const next = { ...now, labels: putAt(now.labels, selected, label),
    confirmed: putAt(now.confirmed, selected, "1") };
  const who = selected.size === 1 ? "" : `${count(selected.size, "paragraph")}: `;
  change(next, `${who}${labels[label].name}`);
}

function setRight() {
  const right = !states[at].right;
  change({ ...states[at], right }, right ? "This page is right" : "Not right yet");
  if (!right) return;
  const left = (i) => !states[i].right;
  const next = [...pages.keys()].find((i) => i > at && left(i)) ?? [...pages.keys()].find(left);
  if (next !== undefined) open(next);
}

function setArticle() {
  const isArticle = !states[at].isArticle;
  change({ ...states[at], isArticle }, isArticle ? "An article" : "Not an article");
}

// ---- Showing

function makeRow(n) {
  const page = pages[at], paragraph = shown[n];
  const text = make("div", { className: "text", dir: "auto" },
    make("div", { className: "words", textContent: page.texts[paragraph] }),
    make("span", { className: "again", textContent: "stood before: left out", hidden: true }));
  const row = make("div", { id: `p${paragraph}` },
    make("div", { className: "side" },
      make("span", { className: "label" }), make("span", { className: "sure" })), text);
  row.setAttribute("role", "option");
  row.setAttribute("aria-posinset", n + 1);
  row.setAttribute("aria-setsize", shown.length);
  row.addEventListener("click", (event) => {
    if (!event.shiftKey && !window.getSelection().isCollapsed) return; // text is being copied
    if (event.shiftKey) window.getSelection().removeAllRanges();
    select(n, event.shiftKey);
  });
  showRow(row, n);
  return row;
}

function showRow(row, n) {
  const page = pages[at], now = states[at], p = shown[n];
  const keeps = isKept(now, p), { name } = labels[now.labels[p]];
  const mine = now.confirmed[p] === "1", left = clean.left.has(p);
  const isSelected = selected.has(p), isCurrent = n === cursor;
  const about = [now.labels[p], mine, now.right, left, isSelected, isCurrent].join();
  if (row.dataset.about === about) return;
  row.dataset.about = about;
  row.className = `row label-${now.labels[p]} ${keeps ? "kept" : "dropped"}`
    + (isCurrent ? " current" : "");
  row.setAttribute("aria-selected", isSelected);
  const [label, sure] = row.firstChild.children;
  label.replaceChildren(name, make("span", { className: "unseen",
    textContent: keeps ? " kept" : " dropped" }));
  if (mine) {
    const same = now.labels[p] === page.suggested[p];
    sure.replaceChildren(same ? "✓ yours" : `✓ was ${labels[page.suggested[p]].name}`);
  } else if (now.right) {
    sure.replaceChildren("✓ right");
  } else {
    sure.replaceChildren(meter(page.percent[p] / 100),
      make("span", { className: "percent", textContent: `${page.percent[p]} %` }));
  }
  row.lastChild.lastChild.hidden = !left;
}

let clean = null;

function showClean() {
  const page = pages[at], now = states[at];
  const out = clean.wanted.filter((p) => !clean.left.has(p));
  $("clean-text").replaceChildren(...out.map((p) => {
    const made = make("p", { textContent: page.texts[p], dir: "auto", id: `c${p}` });
    made.classList.toggle("headline", labels[now.labels[p]].name === "headline");
    made.addEventListener("click", () => {
      if (!shown.includes(p)) setFilter("all");
      select(shown.indexOf(p), false);
      showCleanPane(false);
    });
    return made;
  }));
  const words = out.reduce((n, p) => n + page.texts[p].split(/\s+/u).filter(Boolean).length, 0);
  $("words").textContent = count(words, "word");
  $("clean-text").classList.toggle("unwanted", !now.isArticle);
  $("clean-note").hidden = now.isArticle && out.length > 0;
  $("clean-note").textContent = now.isArticle ? "Nothing of this page is kept."
    : "No article: --only-articles leaves this page out.";
}

function showPageHead() {
  const page = pages[at], now = states[at], percent = page.articlePercent;
  const sure = `${now.isArticle ? percent : 100 - percent} %`;
  const verdict = now.isArticle ? "Article" : "No article";
  $("article").textContent = `${verdict}, ${now.isArticle === page.suggestedArticle ? sure : "yours"}`;
  $("article-bar").style.setProperty("--share", percent / 100);
  $("article-bar").parentNode.hidden = now.isArticle !== page.suggestedArticle;
  $("other").setAttribute("aria-pressed", !now.isArticle);
  $("right").setAttribute("aria-pressed", now.right);
  for (const [name, [word, lets]] of Object.entries(FILTERS)) {
    const number = page.texts.filter((_, n) => lets(page, now, n)).length;
    const button = $(`filter-${name}`);
    button.textContent = `${word} ${number.toLocaleString("en")}`;
    button.setAttribute("aria-pressed", name === filter);
  }
}

function showDock() {
  const page = pages[at], now = states[at], p = shown[cursor];
  $("selected").textContent = selected.size > 1 ? `${count(selected.size, "paragraph")} selected`
    : selected.size ? `Paragraph ${p + 1} of ${page.texts.length}` : "Nothing is selected";
  const alike = selected.size && page.alike.length ? likeness(page, p) : [];
  $("alike").hidden = alike.length < 2;
  $("alike").textContent = `Select all ${alike.length} like this`;
  $("alike").title = `${page.names[page.alike[p]] ?? ""} (a)`;
  const all = new Set([...selected].map((n) => now.labels[n]));
  [...$("labels").children].forEach((button, label) => {
    button.disabled = !selected.size;
    button.setAttribute("aria-pressed", all.size === 1 && all.has(String(label)));
  });
  $("undo").disabled = !done.length;
  $("redo").disabled = !undone.length;
}

function refresh() {
  clean = cleanText(pages[at], states[at]);
  list?.items.forEach(showRow);
  showClean();
  showPageHead();
  showSelection();
}

function showSelection() {
  list.items.forEach(showRow);
  showDock();
  const p = shown[cursor];
  document.querySelector("#clean-text .current")?.classList.remove("current");
  $(`c${p}`)?.classList.add("current");
  if (shown.length) $("paragraphs").setAttribute("aria-activedescendant", `p${p}`);
  else $("paragraphs").removeAttribute("aria-activedescendant");
}

function makeItem(i) {
  const button = make("button", {},
    make("span", { className: "site" }), make("span", { className: "title", dir: "auto" }),
    make("span", { className: "state" }));
  button.addEventListener("click", () => {
    open(i);
    showPages(false);
  });
  const item = make("li", {}, button);
  describe(item, i);
  return item;
}

function describe(item, i) {
  const page = pages[i], now = states[i], button = item.firstChild;
  const [site, title, state] = button.children;
  const mine = now.confirmed.split("1").length - 1;
  site.textContent = page.form.site;
  title.textContent = page.form.title || page.form.url || page.form.id;
  state.textContent = now.right ? "✓ right"
    : mine ? `${count(mine, "paragraph")} corrected`
    : page.doubt ? `${count(page.doubt, "word")} in doubt` : "no doubt";
  if (!now.isArticle) state.textContent += " · no article";
  button.className = now.right ? "done" : "";
  if (i === at) button.setAttribute("aria-current", "page");
  else button.removeAttribute("aria-current");
}

const showItem = (i) => pageList.items[i] && describe(pageList.items[i], i);

function showProgress() {
  const right = states.filter((state) => state.right).length;
  const touched = pages.filter((_, i) => isTouched(i)).length;
  $("progress").textContent = `${right} of ${count(pages.length, "page")} right`;
  $("progress-bar").style.setProperty("--share", right / pages.length);
  $("save").disabled = !touched;
  $("save").firstChild.data = touched ? `Save ${touched.toLocaleString("en")}` : "Save";
  $("save").lastChild.textContent = touched ? ` page${touched === 1 ? "" : "s"}` : "";
}

function say(what) {
  $("status").textContent = "";
  $("status").textContent = what;
}

// ---- Moving about

function open(i) {
  const before = at;
  at = i;
  pageList.reach(i);
  showItem(before);
  showItem(at);
  pageList.items[at].scrollIntoView({ block: "nearest" });
  const { form } = pages[at];
  $("title").textContent = form.title || form.id;
  $("site").textContent = form.site;
  $("place").textContent = `Page ${at + 1} of ${pages.length}`;
  $("url").replaceChildren(urlOf(form));
  filter = "all";
  showShown();
  $("clean").scrollTop = 0;
  say(`Page ${at + 1} of ${pages.length}: ${form.title || form.id}`);
}

function setFilter(name) {
  filter = name;
  showShown();
}

function showShown() {
  const page = pages[at], now = states[at], [, lets] = FILTERS[filter];
  shown = page.texts.map((_, n) => n).filter((n) => lets(page, now, n));
  clean = cleanText(page, now);
  list?.close();
  selected = new Set();
  cursor = anchor = 0;
  $("paragraphs").scrollTop = 0;
  list = lazily($("paragraphs"), shown.length, makeRow);
  if (!shown.length) {
    $("paragraphs").append(make("p", { className: "none", textContent: "No such paragraph." }));
  }
  showClean();
  showPageHead();
  if (shown.length) select(0, false);
  else showSelection();
}

function select(n, extend) {
  if (!shown.length) return;
  cursor = Math.max(0, Math.min(n, shown.length - 1));
  if (!extend) anchor = cursor;
  const [from, to] = [Math.min(anchor, cursor), Math.max(anchor, cursor)];
  selected = new Set(shown.slice(from, to + 1));
  list.reach(cursor);
  showSelection();
  bringToSight(list.items[cursor]);
  const inClean = $(`c${shown[cursor]}`);
  if (inClean?.offsetParent) bringToSight(inClean);
}

function selectAlike() {
  if ($("alike").hidden) return;
  selected = new Set(likeness(pages[at], shown[cursor]));
  showSelection();
  say(`${count(selected.size, "paragraph")} selected`);
}

function showPages(isOpen) {
  document.body.classList.toggle("list-open", isOpen);
  $("list-button").setAttribute("aria-expanded", isOpen);
  const bar = document.querySelector(".bar").getBoundingClientRect();
  document.body.style.setProperty("--bar", `${bar.bottom}px`);
}

// Where there is room for one of the two.
function showCleanPane(isOpen) {
  document.querySelector(".columns").classList.toggle("clean-open", isOpen);
  $("clean-button").setAttribute("aria-pressed", isOpen);
}

// ---- Saving

async function save() {
  const touched = [...pages.keys()].filter(isTouched);
  if (!touched.length) return;
  const lines = [];
  for (const i of touched) lines.push(`${await lineOf(i)}\n`);
  const url = URL.createObjectURL(new Blob(lines, { type: "application/jsonl" }));
  make("a", { href: url, download: "corrections.jsonl" }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  say(`Saved ${count(touched.length, "page")}`);
}

// ---- Keys and buttons

const KEYS = {
  j: (event) => select(cursor + 1, event.shiftKey),
  k: (event) => select(cursor - 1, event.shiftKey),
  arrowdown: (event) => select(cursor + 1, event.shiftKey),
  arrowup: (event) => select(cursor - 1, event.shiftKey),
  home: (event) => select(0, event.shiftKey),
  end: (event) => select(shown.length - 1, event.shiftKey),
  escape: () => { showPages(false); select(cursor, false); },
  enter: setRight,
  a: selectAlike,
  x: setArticle,
  n: () => at + 1 < pages.length && open(at + 1),
  p: () => at > 0 && open(at - 1),
  f: () => {
    const names = Object.keys(FILTERS);
    setFilter(names[(names.indexOf(filter) + 1) % names.length]);
  },
  s: save,
  "?": () => $("keys").showModal(),
};
labels.forEach((_, label) => { KEYS[label + 1] = () => setLabel(label); });

document.addEventListener("keydown", (event) => {
  if ($("keys").open || event.altKey) return;
  const name = event.key.toLowerCase();
  if (event.ctrlKey || event.metaKey) {
    if (name !== "z" && name !== "y") return;
    if (name === "y" || event.shiftKey) redo();
    else undo();
  } else {
    const pressing = event.target.closest("button, a") && name === "enter";
    if (pressing || !KEYS[name]) return;
    KEYS[name](event);
  }
  event.preventDefault();
});

labels.forEach(({ name }, label) => {
  const button = make("button", { className: `label-${label}`, title: name },
    make("kbd", { textContent: label + 1 }), make("span", { textContent: name }));
  button.firstChild.setAttribute("aria-hidden", "true");
  button.addEventListener("click", () => setLabel(label));
  $("labels").append(button);
});
for (const name of Object.keys(FILTERS)) {
  const button = make("button", { id: `filter-${name}` });
  button.addEventListener("click", () => setFilter(name));
  $("filters").append(button);
}
for (const [id, act] of Object.entries({ undo, redo, save, right: setRight, other: setArticle,
  alike: selectAlike, help: () => $("keys").showModal(),
  "list-button": () => showPages(!document.body.classList.contains("list-open")),
  "clean-button": () => showCleanPane(!$("clean").checkVisibility()) })) {
  $(id).addEventListener("click", act);
}

// After a click keys go to the paragraphs again, as Enter would press the button once more.
document.addEventListener("click", (event) => {
  const button = event.detail > 0 && event.target.closest("button");
  if (button && !button.closest("dialog")) $("paragraphs").focus({ preventScroll: true });
});

restore();
const pageList = lazily($("page-list"), pages.length, makeItem);
const begin = states.findIndex((state) => !state.right);
open(begin < 0 ? 0 : begin);
showProgress();
$("note").hidden = kept;
$("paragraphs").focus({ preventScroll: true });
