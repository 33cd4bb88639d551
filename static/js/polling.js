// Parts of a page that keep themselves up to date: <div data-poll data-stamp hx-get hx-trigger="every 1s, wake">.
// The stamp goes with each question, so that the server may answer 204; nothing is asked while the tab is hidden. What
// changed is put in place piece by piece (data-piece, and rows of data-rows by data-key): focus, selection and scroll
// stay where they are.
const part = (event) => (event.detail.elt?.matches?.("[data-poll]") ? event.detail.elt : null);

document.addEventListener("htmx:configRequest", (event) => {
  if (part(event)) event.detail.parameters.stamp = event.detail.elt.dataset.stamp;
});
document.addEventListener("htmx:beforeRequest", (event) => {
  if (part(event) && document.hidden) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (!document.hidden) document.querySelectorAll("[data-poll]").forEach((one) => htmx.trigger(one, "wake"));
});
document.addEventListener("htmx:beforeSwap", (event) => {
  const old = part(event);
  if (!old || !event.detail.shouldSwap) return;
  event.detail.shouldSwap = false;
  const parsed = new DOMParser().parseFromString(event.detail.serverResponse, "text/html");
  const fresh = parsed.querySelector("[data-poll]");
  if (fresh) merge(old, fresh);
});

function merge(old, fresh) {
  old.dataset.stamp = fresh.dataset.stamp;
  if (shape(old) !== shape(fresh)) {
    old.replaceChildren(...fresh.childNodes);
    htmx.process(old);
    return;
  }
  for (const piece of fresh.querySelectorAll("[data-piece]")) {
    const here = old.querySelector(`[data-piece="${piece.dataset.piece}"]`);
    if (!here.isEqualNode(piece)) here.replaceWith(piece);
  }
  for (const group of fresh.querySelectorAll("[data-rows]")) {
    rows(old.querySelector(`[data-rows="${group.dataset.rows}"]`), [...group.children]);
  }
}

// Columns and parts that come or go need the whole part anew.
function shape(root) {
  const named = root.querySelectorAll("[data-piece], [data-rows], thead th");
  return [...named].map((one) => one.dataset.piece ?? one.dataset.rows ?? one.textContent).join("|");
}

function rows(body, wanted) {
  const known = new Map([...body.children].map((row) => [row.dataset.key, row]));
  wanted.forEach((row, place) => {
    const here = known.get(row.dataset.key);
    known.delete(row.dataset.key);
    const stays = here?.isEqualNode(row);
    const put = stays ? here : row;
    if (body.children[place] !== put) body.insertBefore(put, body.children[place] ?? null);
    if (stays) return;
    const focused = here?.contains(document.activeElement) ? [...here.querySelectorAll("a, button")].indexOf(document.activeElement) : -1;
    here?.remove();
    htmx.process(row);
    if (focused >= 0) row.querySelectorAll("a, button")[focused]?.focus();
    if (here) mark(row);
  });
  known.forEach((row) => row.remove());
}

function mark(row) {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  row.animate([{ backgroundColor: "var(--c-accent-soft)" }, { backgroundColor: "transparent" }], 1200);
}

// A reading that fails is said beside the title, and taken back with the next one that works.
const line = document.querySelector("[data-poll-state]");
const calm = line?.textContent;
const say = (text) => {
  const words = line?.querySelector("span");
  if (words && words.textContent !== text) words.textContent = text;
  line?.classList.toggle("bad", text !== calm.trim());
};
for (const name of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.addEventListener(name, (event) => part(event) && say(line?.dataset.lost));
}
document.addEventListener("htmx:afterOnLoad", (event) => part(event) && event.detail.xhr.status < 400 && say(calm.trim()));
