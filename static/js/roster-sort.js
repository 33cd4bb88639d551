// ui/roster.html: order by dragging the grip, or with arrow keys on it; the hidden inputs move with their rows, so the
// form sends the ids in order. Says the new place to screen readers.
function renumber(roster) {
  [...roster.children].forEach((item, i) => (item.querySelector("[data-pos]").textContent = i + 1));
  roster.dispatchEvent(new Event("change", { bubbles: true }));
}

function begin(root) {
  root.querySelectorAll("[data-roster]:not([data-sorting])").forEach((roster) => {
    roster.dataset.sorting = "";
    window.Sortable?.create(roster, { handle: "[data-grip]", forceFallback: true, animation: 120, onEnd: () => renumber(roster) });
  });
}

document.addEventListener("keydown", (event) => {
  const grip = event.target.closest?.("[data-grip]");
  if (!grip || (event.code !== "ArrowUp" && event.code !== "ArrowDown")) return;
  event.preventDefault();
  const item = grip.closest("li");
  const roster = item.parentElement;
  if (event.code === "ArrowUp") item.previousElementSibling?.before(item);
  else item.nextElementSibling?.after(item);
  grip.focus();
  renumber(roster);
  const status = roster.parentElement.querySelector("[data-roster-status]");
  if (status) status.textContent = `第 ${[...roster.children].indexOf(item) + 1} 位，共 ${roster.children.length} 位`;
});
document.addEventListener("click", (event) => {
  const item = event.target.closest("[data-roster-remove]")?.closest("li");
  if (!item) return;
  const roster = item.parentElement;
  const next = item.nextElementSibling ?? item.previousElementSibling;
  item.remove();
  next?.querySelector("[data-grip]").focus();
  renumber(roster);
});
begin(document);
document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
