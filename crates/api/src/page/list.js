// A list of any length: only the rows in sight are there, and only the pages around them are asked for.

import { element } from "./format.js";

const ROW = 44; // as in style.css
const PAGE = 100;
const PAGES_KEPT = 40;
const SPARE = 6;
// Browsers draw nothing taller than some thirty million pixels.
const TALLEST = 8_000_000;

export class List {
  // `load(offset, limit, signal)` returns rows; `draw(row)` fills an element; `open(row)` is told of a choice.
  constructor(root, { load, draw, open }) {
    this.root = root;
    this.load = load;
    this.draw = draw;
    this.open = open;
    this.space = element("div", { class: "space", "aria-hidden": "true" });
    this.reset(0);
    root.append(this.space);
    root.addEventListener("scroll", () => this.show());
    root.addEventListener("keydown", (event) => this.key(event));
    root.addEventListener("click", (event) => this.click(event));
    new ResizeObserver(() => this.show()).observe(root);
  }

  reset(total, first = []) {
    this.asked?.abort();
    this.asked = new AbortController();
    this.total = total;
    this.pages = new Map();
    this.waiting = new Set();
    this.chosen = -1;
    this.rows = new Map();
    this.root.replaceChildren(this.space);
    this.root.removeAttribute("aria-activedescendant");
    this.space.style.height = `${this.height()}px`;
    this.root.scrollTop = 0;
    if (total > 0) this.pages.set(0, first);
    this.show();
  }

  height() {
    return Math.min(this.total * ROW, TALLEST);
  }

  seen() {
    return Math.max(1, Math.floor(this.root.clientHeight / ROW));
  }

  // The first row in sight. In a list taller than can be drawn the scrollbar says how far through it one is.
  first() {
    const room = this.height() - this.root.clientHeight;
    if (this.total * ROW <= TALLEST || room <= 0) return this.root.scrollTop / ROW;
    return (this.root.scrollTop / room) * Math.max(0, this.total - this.seen());
  }

  scrollTo(row) {
    const room = this.height() - this.root.clientHeight;
    if (this.total * ROW <= TALLEST) this.root.scrollTop = row * ROW;
    else this.root.scrollTop = (row / Math.max(1, this.total - this.seen())) * room;
    this.show(row);
  }

  row(number) {
    return this.pages.get(Math.floor(number / PAGE))?.[number % PAGE];
  }

  show(exactly) {
    const first = exactly ?? this.first();
    const from = Math.max(0, Math.floor(first) - SPARE);
    const to = Math.min(this.total, Math.ceil(first) + this.seen() + SPARE + 1);
    for (const [number, drawn] of this.rows) {
      if (number < from || number >= to) {
        drawn.remove();
        this.rows.delete(number);
      }
    }
    for (let number = from; number < to; number += 1) {
      let drawn = this.rows.get(number);
      const row = this.row(number);
      if (!drawn) {
        drawn = element("div", { class: "row", role: "option", id: `row-${number}`, "aria-posinset": number + 1, "aria-setsize": this.total });
        this.rows.set(number, drawn);
        this.root.append(drawn);
      }
      if (row && drawn.filled !== row) {
        drawn.filled = row;
        this.draw(row, drawn);
      }
      drawn.setAttribute("aria-selected", String(number === this.chosen));
      drawn.style.top = `${this.root.scrollTop + (number - first) * ROW}px`;
    }
    this.fetch(Math.floor(from / PAGE), Math.floor(Math.max(from, to - 1) / PAGE));
  }

  async fetch(from, to) {
    for (let page = from; page <= to && page * PAGE < this.total; page += 1) {
      if (this.pages.has(page) || this.waiting.has(page)) continue;
      this.waiting.add(page);
      const { signal } = this.asked;
      try {
        const rows = await this.load(page * PAGE, PAGE, signal);
        if (signal.aborted) return;
        this.pages.set(page, rows);
        if (this.pages.size > PAGES_KEPT) this.pages.delete(this.pages.keys().next().value);
        this.show();
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      } finally {
        if (!signal.aborted) this.waiting.delete(page);
      }
    }
  }

  choose(number) {
    if (this.total === 0) return;
    this.chosen = Math.min(Math.max(0, number), this.total - 1);
    const first = this.first();
    if (this.chosen < Math.ceil(first)) this.scrollTo(this.chosen);
    else if (this.chosen >= Math.floor(first) + this.seen()) this.scrollTo(this.chosen - this.seen() + 1);
    else this.show();
    this.root.setAttribute("aria-activedescendant", `row-${this.chosen}`);
  }

  key(event) {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: this.seen() - 1, PageUp: 1 - this.seen(), Home: -Infinity, End: Infinity };
    if (event.key === "Enter" && this.row(this.chosen)) this.open(this.row(this.chosen));
    else if (event.key in steps) this.choose(this.chosen < 0 && steps[event.key] < Infinity ? 0 : this.chosen + steps[event.key]);
    else return;
    event.preventDefault();
  }

  click(event) {
    const drawn = event.target.closest(".row");
    if (!drawn) return;
    this.choose(Number(drawn.id.slice(4)));
    if (drawn.filled) this.open(drawn.filled);
  }
}
