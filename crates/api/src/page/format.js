// Sizes, times and names for people.

const UNITS = ["bytes", "KB", "MB", "GB", "TB", "PB"];

export function size(bytes) {
  if (bytes === null || bytes === undefined) return "?";
  if (bytes === 1) return "1 byte";
  let unit = 0;
  let value = bytes;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? value : value.toFixed(value < 10 ? 2 : 1)} ${UNITS[unit]}`;
}

export function count(number) {
  return number.toLocaleString("en-US");
}

// Times are UTC in the catalogue and those of the reader here.
export function time(utc) {
  if (!utc) return "";
  const when = new Date(utc);
  if (Number.isNaN(when.getTime())) return utc;
  const two = (number) => String(number).padStart(2, "0");
  const day = `${when.getFullYear()}-${two(when.getMonth() + 1)}-${two(when.getDate())}`;
  return `${day} ${two(when.getHours())}:${two(when.getMinutes())}`;
}

// What would break the line, steer the text's direction or not be seen at all is written out.
export function visible(text) {
  return text.replace(/[\p{Cc}\u200e\u200f\u061c\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu, (sign) =>
    sign === "\n" ? "\\n" : sign === "\t" ? "\\t" : `\\u{${sign.codePointAt(0).toString(16)}}`);
}

// Makes an element; texts are only ever texts.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== null && value !== false) made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
