// Asks the server, with the key.

const STORED = "videocatalog-key";

export class Failure extends Error {
  constructor(status, body) {
    const detail = body?.details?.[0]?.msg;
    super(detail ?? body?.error ?? body?.detail ?? `the server answered ${status}`);
    this.status = status;
    this.hint = body?.hint ?? "";
  }
}

let key = sessionStorage.getItem(STORED) ?? localStorage.getItem(STORED) ?? "";
let askForKey = async () => {};

export function onMissingKey(ask) {
  askForKey = ask;
}

export function setKey(text, keep) {
  key = text;
  sessionStorage.setItem(STORED, text);
  if (keep) localStorage.setItem(STORED, text);
  else localStorage.removeItem(STORED);
}

export function hasKey() {
  return key !== "";
}

async function ask(path, parameters, signal) {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters ?? {})) {
    for (const one of [value].flat()) query.append(name, one);
  }
  let answer;
  try {
    answer = await fetch(`${path}?${query}`, { headers: { "X-API-Key": key }, signal });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Failure(0, { error: "the server does not answer: is it still running?" });
  }
  if (!answer.ok) throw new Failure(answer.status, await answer.json().catch(() => null));
  return answer;
}

// Returns the JSON of an answer. Without the right key it is asked for, and then again.
export async function get(path, parameters, signal) {
  for (;;) {
    try {
      return await (await ask(path, parameters, signal)).json();
    } catch (error) {
      if (error.status !== 401) throw error;
      await askForKey(hasKey() ? error.message : "");
    }
  }
}

// Returns an address of a picture that only this page can use, or null if there is none.
export async function picture(parameters, signal) {
  try {
    return URL.createObjectURL(await (await ask("/v1/thumb", parameters, signal)).blob());
  } catch (error) {
    if (error.status) return null;
    throw error;
  }
}
