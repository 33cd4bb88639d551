// ui/roster.html and the roster editor: order by dragging the grip, or with arrow keys on it (Alt and an arrow anywhere
// in the row); the hidden inputs move with their rows, so the form sends the ids in order. Lists that have a name
// (data-roster="backups") exchange rows. Says the new place to screen readers.
function renumber(roster) {
  [...roster.querySelectorAll("[data-pos]")].forEach((place, i) => (place.textContent = i + 1));
  roster.dispatchEvent(new Event("change", { bubbles: true }));
}

function renamed(roster) {
  if (!roster.dataset.roster) return;
  for (const item of roster.children) item.querySelector("input[type=hidden]").name = roster.dataset.roster;
}

function begin(root) {
  root.querySelectorAll?.("[data-roster]:not([data-sorting])").forEach((roster) => {
    roster.dataset.sorting = "";
    window.Sortable?.create(roster, {
      handle: "[data-grip]", forceFallback: true, animation: 120, group: roster.dataset.roster ? "roster" : undefined,
      onEnd: (event) => [event.from, event.to].forEach((list) => { renamed(list); renumber(list); }),
    });
    [...roster.querySelectorAll("[data-pos]")].forEach((place, i) => (place.textContent = i + 1));
  });
}

function say(roster, item) {
  const status = roster.parentElement.querySelector("[data-roster-status]");
  if (status) status.textContent = `第 ${[...roster.children].indexOf(item) + 1} 位，共 ${roster.children.length} 位`;
}

function move(item, up) {
  const roster = item.parentElement;
  const focused = document.activeElement;
  if (up) item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  (item.contains(focused) ? focused : item.querySelector("[data-grip]")).focus();
  renumber(roster);
  say(roster, item);
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || (event.code !== "ArrowUp" && event.code !== "ArrowDown")) return;
  const item = event.target.closest?.("[data-roster] > li");
  if (!item?.querySelector("[data-grip]") || !(event.target.closest("[data-grip]") || event.altKey)) return;
  event.preventDefault();
  move(item, event.code === "ArrowUp");
});

function remove(item) {
  const roster = item.parentElement;
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  next?.querySelector("[data-grip]").focus();
  renumber(roster);
  document.dispatchEvent(new CustomEvent("roster:removed", { detail: item.dataset.id }));
}

document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-roster-remove]")?.closest("li");
  if (item) return remove(item);
  const button = event.target.closest("[data-roster-act]");
  const row = button?.closest("[data-roster] > li");
  if (!row) return;
  event.preventDefault();
  const act = button.dataset.rosterAct;
  if (act === "remove") return remove(row);
  if (act !== "swap") return move(row, act === "up");
  const from = row.parentElement;
  const to = [...document.querySelectorAll("[data-roster]")].find((list) => list !== from);
  to.append(row);
  [from, to].forEach((list) => { renamed(list); renumber(list); });
  button.focus();
  say(to, row);
});
// "roster:changed" on a list numbers it anew, after a row was put in.
document.addEventListener("roster:changed", (event) => renumber(event.target));
begin(document);
document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
