// Puts the page together: the key, the drives, searching as you type, and which view is shown.

import { get, hasKey, onMissingKey, setKey } from "./api.js";
import * as details from "./details.js";
import { count, element, size, time, visible } from "./format.js";
import { List } from "./list.js";
import * as reports from "./reports.js";

const PAUSE_MS = 120;
const by = (id) => document.getElementById(id);
const [query, sort, listRoot, problem, total, unsearched, empty] =
  ["query", "sort", "list", "query-error", "total", "unsearched", "empty"].map(by);
const chosenDrives = new Set();
let asked = new AbortController();
let pause = 0;

// The key.

let waiting = null;
onMissingKey((reason) => {
  const dialog = by("key-dialog");
  by("key-error").textContent = reason;
  by("key-error").hidden = !reason;
  if (!dialog.open) dialog.showModal();
  by("key").select();
  waiting ??= Promise.withResolvers();
  return waiting.promise;
});
by("key-form").addEventListener("submit", (event) => {
  event.preventDefault();
  setKey(by("key").value, by("key-keep").checked);
  by("key").value = "";
  by("key-dialog").close();
  const now = waiting;
  waiting = null;
  now?.resolve();
});
// Without a key there is nothing to go back to.
by("key-dialog").addEventListener("cancel", (event) => event.preventDefault());

// Searching.

function parameters(offset, limit) {
  return { q: query.value, sort: sort.value, drive: [...chosenDrives], offset, limit };
}

function drawRow(row, drawn) {
  const folder = row.rel_path.slice(0, -row.name.length);
  drawn.classList.toggle("gone", row.deleted);
  drawn.replaceChildren(
    element("div", {}, element("span", { class: "name", dir: "auto" }, visible(row.name)), element("span", { class: "where small", dir: "auto" }, visible(folder) || "/")),
    element("span", { class: "drive" }, element("span", { class: row.online ? "dot online" : "dot", role: "img", "aria-label": row.online ? "here now" : "not plugged in" }), ` ${visible(row.drive_label)}`),
    element("span", { class: "size" }, size(row.size_bytes)),
    element("span", { class: "time" }, time(row.mtime_utc)));
}

const list = new List(listRoot, {
  load: async (offset, limit, signal) => (await get("/v1/search", parameters(offset, limit), signal)).results,
  draw: drawRow,
  open: details.open,
});

async function search() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const began = performance.now();
  try {
    const found = await get("/v1/search", parameters(0, 100), signal);
    if (signal.aborted) return;
    problem.hidden = true;
    query.removeAttribute("aria-invalid");
    list.reset(found.total_estimate, found.results);
    total.textContent = `${count(found.total_estimate)} ${found.total_estimate === 1 ? "file" : "files"}, ${Math.round(performance.now() - began)} ms`;
    unsearched.textContent = found.unsearched.length ? `Not searched: ${visible(found.unsearched.join("; "))}` : "";
    nothing(found.total_estimate === 0);
  } catch (error) {
    if (error.name === "AbortError") return;
    problem.textContent = [error.message, error.hint].filter(Boolean).join("\n");
    problem.hidden = false;
    query.setAttribute("aria-invalid", "true");
  }
}

function nothing(isEmpty) {
  empty.hidden = !isEmpty;
  listRoot.hidden = isEmpty;
  if (!isEmpty) return;
  const text = query.value
    ? "No file is like that. Fewer words find more; ? shows what can be asked."
    : "Nothing is catalogued yet. Scan a drive: videocatalog scan --label NAME --mount FOLDER";
  empty.textContent = text;
}

function soon() {
  clearTimeout(pause);
  pause = setTimeout(search, PAUSE_MS);
}

query.addEventListener("input", soon);
sort.addEventListener("change", search);
by("search-form").addEventListener("submit", (event) => {
  event.preventDefault();
  clearTimeout(pause);
  search();
});
query.addEventListener("keydown", (event) => {
  if (event.key !== "ArrowDown" || listRoot.hidden) return;
  event.preventDefault();
  listRoot.focus();
  list.choose(Math.max(0, list.chosen));
});

// Drives.

function drawDrive(drive) {
  const used = drive.total_bytes && drive.free_bytes !== null ? 1 - drive.free_bytes / drive.total_bytes : null;
  const fill = element("span");
  if (used !== null) fill.style.width = `${Math.round(used * 100)}%`;
  const button = element("button", { type: "button", "aria-pressed": String(chosenDrives.has(drive.label)), title: drive.notes ? visible(drive.notes) : undefined, onclick: () => {
    if (!chosenDrives.delete(drive.label)) chosenDrives.add(drive.label);
    button.setAttribute("aria-pressed", String(chosenDrives.has(drive.label)));
    if (by("view-search").hidden) location.hash = "search";
    search();
  } },
  element("span", { class: "drive-name" }, element("span", { class: drive.online ? "dot online" : "dot" }), visible(drive.label)),
  element("span", { class: "small" }, [drive.online ? "here now" : "not plugged in", drive.type].filter(Boolean).map(visible).join(" · ")),
  used === null ? null : element("span", { class: used > 0.9 ? "meter full" : "meter", "aria-hidden": "true" }, fill),
  used === null ? null : element("span", { class: "small" }, `${size(drive.free_bytes)} free of ${size(drive.total_bytes)}`),
  element("span", { class: "small" }, drive.last_scan_utc ? `scanned ${time(drive.last_scan_utc)}` : "never scanned"));
  return element("li", {}, button);
}

async function showDrives() {
  const { results } = await get("/v1/drives");
  by("drives").replaceChildren(...results.map(drawDrive));
  reports.drives(results);
}

// Views, colours, keys.

function view() {
  const name = location.hash === "#reports" ? "reports" : "search";
  by("view-search").hidden = name !== "search";
  by("view-reports").hidden = name !== "reports";
  for (const link of document.querySelectorAll("nav a")) {
    if (link.dataset.view === name) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  details.close();
  if (name === "reports") reports.show();
}
addEventListener("hashchange", view);

const THEMES = { "": ["◐", "as the system has them"], dark: ["●", "dark"], light: ["○", "light"] };
function theme(name) {
  const [sign, words] = THEMES[name] ?? THEMES[""];
  if (name) document.documentElement.dataset.theme = name;
  else delete document.documentElement.dataset.theme;
  localStorage.setItem("videocatalog-theme", name);
  by("theme").textContent = sign;
  by("theme").setAttribute("aria-label", `Colours: ${words}`);
}
by("theme").addEventListener("click", () => {
  const names = Object.keys(THEMES);
  theme(names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length]);
});
by("help").addEventListener("click", () => by("help-dialog").showModal());

addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea");
  if (document.querySelector("dialog[open]") || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape") {
    if (!details.close()) query.focus();
  } else if (event.key === "/" && !isTyping) {
    event.preventDefault();
    location.hash = "search";
    query.focus();
    query.select();
  } else if (event.key === "?" && !isTyping) {
    by("help-dialog").showModal();
  }
});

theme(localStorage.getItem("videocatalog-theme") ?? "");
await showDrives();
view();
await search();
query.focus();
