// Everything about one file, whether its drive is there or not.

import { get, picture } from "./api.js";
import { count, element, size, time, visible } from "./format.js";

// Which pictures a file of a category may have, the one that says most first.
const KINDS = { video: ["sheet", "any"], audio: ["cover"], image: ["thumbnail"] };

const pane = document.getElementById("details");
const title = document.getElementById("details-title");
const body = document.getElementById("details-body");
let asked = new AbortController();
let shown = null;
let back = null;

export function close() {
  if (pane.hidden) return false;
  asked.abort();
  forget();
  pane.hidden = true;
  back?.focus();
  return true;
}

document.getElementById("details-close").addEventListener("click", close);

function forget() {
  if (shown) URL.revokeObjectURL(shown);
  shown = null;
}

function facts(pairs) {
  const list = element("dl", { class: "facts" });
  for (const [name, value] of pairs) {
    if (value) list.append(element("dt", {}, name), element("dd", { dir: "auto" }, visible(String(value))));
  }
  return list;
}

export async function open(row) {
  asked.abort();
  asked = new AbortController();
  const { signal } = asked;
  forget();
  if (pane.hidden) back = document.activeElement;
  pane.hidden = false;
  title.textContent = visible(row.name);
  const shelf = row.online ? `${row.drive_label} (here now)` : `${row.drive_label} (not plugged in)`;
  const list = (file) => facts([
    ["drive", shelf],
    ["path", row.path],
    ["size", row.size_bytes < 1000 ? size(row.size_bytes) : `${size(row.size_bytes)} (${count(row.size_bytes)} bytes)`],
    ["modified", time(row.mtime_utc)],
    ["kind", [row.category, row.mime].filter(Boolean).join(", ")],
    ["drive type", file?.drive_type],
    ["catalogued", time(file?.indexed_utc)],
    ["deleted", row.deleted ? "gone at the last scan" : ""],
  ]);
  const copy = element("button", { type: "button", onclick: () => navigator.clipboard.writeText(row.path).then(() => { copy.textContent = "Copied"; }) }, "Copy path");
  const place = element("div");
  place.append(list(null));
  body.replaceChildren(place, element("div", { class: "actions" }, copy));
  title.focus({ preventScroll: true });
  try {
    for (const kind of KINDS[row.category] ?? []) {
      shown = await picture({ drive_label: row.drive_label, file_id: row.file_id, kind }, signal);
      if (shown) break;
    }
    if (signal.aborted) return;
    if (shown) body.prepend(element("img", { src: shown, alt: `Pictures of ${visible(row.name)}` }));
    if (row.deleted || row.path_b64) return;
    const file = await get("/v1/file", { drive_label: row.drive_label, path: row.rel_path }, signal);
    place.replaceChildren(list(file));
  } catch (error) {
    if (error.name !== "AbortError" && error.status !== 404) {
      body.append(element("p", { class: "problem", role: "alert" }, error.message));
    }
  }
}
