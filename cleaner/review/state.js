"use strict";
// The pages of this file and what a person said of them: kept by the browser, saved as a file.

const element = document.getElementById("data");
const review = JSON.parse(element.textContent);
const key = `cleaner review ${element.dataset.digest}`;
const { labels, pages } = review;

// What a person said of each page. A state is never changed: another takes its place.
const states = pages.map(({ labels, confirmed, right, isArticle }) =>
  ({ labels, confirmed, right, isArticle }));
const first = [...states];

let kept = true; // whether the browser keeps what is done

const isKept = (now, n) => labels[now.labels[n]].kept;
const isTouched = (i) => {
  const { confirmed, right, isArticle } = states[i];
  return right || confirmed.includes("1") || isArticle !== pages[i].isArticle || pages[i].saved;
};

const FILTERS = {
  all: ["All", () => true],
  kept: ["Kept", (page, now, n) => isKept(now, n)],
  dropped: ["Dropped", (page, now, n) => !isKept(now, n)],
  doubt: ["In doubt", (page, now, n) => now.confirmed[n] === "0" && !now.right
    && page.percent[n] < review.inDoubt],
};

// The paragraphs of a page whose elements are like that of one.
function likeness({ alike, texts }, p) {
  return texts.map((_, n) => n).filter((n) => alike[n] === alike[p]);
}

// ---- What a browser keeps

function restore() {
  try {
    states.forEach((_, i) => {
      const was = JSON.parse(localStorage.getItem(`${key} ${i}`));
      if (was?.labels?.length === pages[i].texts.length) states[i] = was;
    });
    localStorage.setItem(`${key} open`, "");
    localStorage.removeItem(`${key} open`);
  } catch {
    kept = false;
  }
}

function keepState(i) {
  try {
    if (states[i] === first[i]) localStorage.removeItem(`${key} ${i}`);
    else localStorage.setItem(`${key} ${i}`, JSON.stringify(states[i]));
  } catch {
    kept = false;
  }
}

// ---- Clean text, as Document.text in cleaner/document.py has it

const MIN_HEADLINE = 15, MAX_KICKER = 40, MAX_HEADLINES = 20, MIN_REPEATED = 80;
const lengthOf = (text) => Array.from(text).length;

function isSameHeadline(one, other) {
  if (one === other) return true;
  const [end, whole] = one.length < other.length ? [one, other] : [other, one];
  return whole.endsWith(end) && lengthOf(end) >= MIN_HEADLINE
    && lengthOf(whole) <= lengthOf(end) + MAX_KICKER;
}

// The paragraphs that are kept, and those of them that are left out as they stood before.
function cleanText(page, now) {
  const wanted = page.texts.map((_, n) => n).filter((n) => isKept(now, n));
  const headlines = [], seen = new Set();
  const isHeadline = [], again = [];
  for (const n of wanted) {
    const letters = page.letters[n];
    let named = headlines.some((headline) => isSameHeadline(letters, headline));
    if (labels[now.labels[n]].name !== "headline") {
      named = named && lengthOf(letters) >= MIN_HEADLINE;
    } else if (headlines.length < MAX_HEADLINES) {
      headlines.push(letters);
    }
    isHeadline.push(named);
    again.push(named || seen.has(letters));
    seen.add(letters);
  }
  for (let begin = 0, end; begin < wanted.length; begin = end) {
    for (end = begin; end < wanted.length && again[end] === again[begin];) end += 1;
    const stretch = wanted.slice(begin, end).map((n) => lengthOf(page.letters[n]));
    if (again[begin] && stretch.reduce((a, b) => a + b) < MIN_REPEATED) {
      for (let i = begin; i < end; i += 1) again[i] = isHeadline[i];
    }
  }
  return { wanted, left: new Set(wanted.filter((_, i) => again[i])) };
}

// ---- What is saved

async function unpack(packed) {
  const bytes = Uint8Array.from(atob(packed), (char) => char.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

// A page as cleaner/training/data.py reads it.
async function lineOf(i) {
  const page = pages[i], now = states[i];
  const paragraphs = page.texts.map((text, n) => ({ text, label: labels[now.labels[n]].name,
    confirmed: now.right || now.confirmed[n] === "1" }));
  const type = now.isArticle ? "article" : "no-article";
  return JSON.stringify({ ...page.form, type, [page.kind]: await unpack(page.source), paragraphs });
}
