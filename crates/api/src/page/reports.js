// What a drive's files add up to: numbers, bars, tables that sort.

import { get } from "./api.js";
import { count, element, size, time, visible } from "./format.js";

const root = document.getElementById("reports");
const choice = document.getElementById("report-drive");
const depth = document.getElementById("report-depth");
let asked = new AbortController();

choice.addEventListener("change", show);
depth.addEventListener("change", show);

export function drives(list) {
  const before = choice.value;
  choice.replaceChildren(...list.map((drive) => element("option", { value: drive.label }, visible(drive.label))));
  if (list.some((drive) => drive.label === before)) choice.value = before;
}

function bar(share) {
  const fill = element("span");
  fill.style.width = `${Math.max(1, Math.round(share * 100))}%`;
  return element("div", { class: "meter", "aria-hidden": "true" }, fill);
}

// Columns: title, value to sort by, text to show, whether it is a number.
function table(caption, columns, rows, weight) {
  const most = Math.max(1, ...rows.map(weight));
  const body = element("tbody");
  const fill = (sorted) => body.replaceChildren(...sorted.map((row) => element("tr", {},
    ...columns.map((column) => element("td", { class: column.number ? "number" : undefined, dir: column.number ? undefined : "auto" }, column.text(row))),
    element("td", { class: "bar-column" }, bar(weight(row) / most)))));
  const heads = columns.map((column) => {
    const head = element("th", { scope: "col", class: column.number ? "number" : undefined });
    head.append(element("button", { type: "button", onclick: () => {
      const down = head.getAttribute("aria-sort") !== "descending";
      for (const other of heads) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const sorted = [...rows].sort((a, b) => {
        const [x, y] = [column.value(a), column.value(b)];
        return (x < y ? -1 : x > y ? 1 : 0) * (down ? -1 : 1);
      });
      fill(sorted);
    } }, column.title));
    return head;
  });
  fill(rows);
  return element("table", { "aria-label": caption }, element("thead", {}, element("tr", {}, ...heads, element("th", { class: "bar-column" }, element("span", { class: "hidden" }, "share")))), body);
}

const card = (title, ...content) => element("section", { class: "card", "aria-label": title }, element("h2", {}, title), ...content);
const text = (title, of) => ({ title, value: of, text: (row) => visible(of(row)) });
const number = (title, of, shown) => ({ title, number: true, value: of, text: (row) => shown(of(row)) });
const figure = (value, title) => element("div", {}, element("strong", {}, value), element("span", { class: "small" }, title));

function draw(overview, extensions, folders, largest, recent) {
  const files = [text("path", (row) => row.rel_path), number("size", (row) => row.size_bytes ?? 0, size)];
  const when = { title: "modified", number: true, value: (row) => row.mtime_utc ?? "", text: (row) => time(row.mtime_utc) };
  const sums = [number("files", (row) => row.files, count), number("size", (row) => row.bytes, size)];
  const bytes = (row) => row.bytes;
  return [
    card("Overview",
      element("div", { class: "numbers" }, figure(count(overview.total_files), "files"), figure(size(overview.total_size), "in all"), figure(size(overview.average_size), "a file")),
      table("Categories", [text("category", (row) => row.category), ...sums], overview.categories.filter((row) => row.files), bytes)),
    card("Extensions", table("Extensions", [text("extension", (row) => row.extension || "none"), ...sums], extensions.entries, bytes)),
    card("Heaviest folders", table("Heaviest folders", [text("folder", (row) => row.folder), ...sums], folders.results, bytes)),
    card("Largest files", table("Largest files", files, largest.results, (row) => row.size_bytes ?? 0)),
    card(`Modified in the last ${recent.days} days: ${count(recent.total)}`,
      recent.results.length ? table("Recent", [files[0], when], recent.results, () => 0) : element("p", { class: "small" }, "Nothing.")),
  ];
}

export async function show() {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  const drive_label = choice.value;
  if (!drive_label) {
    root.replaceChildren(element("p", { class: "empty" }, "No drive was scanned yet."));
    return;
  }
  const ask = (name, more) => get(`/v1/reports/${name}`, { drive_label, ...more }, signal);
  root.setAttribute("aria-busy", "true");
  try {
    const answers = await Promise.all([
      ask("overview"), ask("top-extensions", { limit: 15 }), ask("heaviest-folders", { depth: depth.value, limit: 15 }),
      ask("largest-files", { limit: 15 }), ask("recent", { limit: 15 }),
    ]);
    root.replaceChildren(...draw(...answers));
  } catch (error) {
    if (error.name === "AbortError") return;
    root.replaceChildren(element("p", { class: "problem", role: "alert" }, [error.message, error.hint].filter(Boolean).join("\n")));
  } finally {
    if (!signal.aborted) root.removeAttribute("aria-busy");
  }
}
