// One menu behaviour: data-menu="<id>" on a button opens it below; in [data-select-rows] with data-context-menu="<id>"
// it also opens by right click, Shift+F10 / Menu key and a long press. Arrows, Home, End, Enter and Esc work inside.
let open = null;
let opener = null;
let pressed = null;

const items = () => [...open.querySelectorAll("[role^=menuitem], [data-option]")].filter((item) => item.offsetParent);

function focusAt(index) {
  const all = items();
  if (!all.length) return;
  const at = (index + all.length) % all.length;
  all.forEach((item, i) => item.classList.toggle("at", i === at));
  all[at].focus();
}

function close(giveBack = true) {
  if (!open) return;
  const was = opener;
  open.querySelectorAll(".at").forEach((item) => item.classList.remove("at"));
  open.hidden = true;
  document.querySelectorAll("tr.ctx").forEach((row) => row.classList.remove("ctx"));
  was?.setAttribute?.("aria-expanded", "false");
  open = opener = null;
  if (giveBack) was?.focus?.();
}

function show(menu, from, x, y) {
  close(false);
  open = menu;
  opener = from;
  menu.hidden = false;
  const box = menu.getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(x, innerWidth - box.width - 8))}px`;
  menu.style.top = `${Math.max(8, Math.min(y, innerHeight - box.height - 8))}px`;
  from?.closest?.("[data-select-rows] tr[data-id]")?.classList.add("ctx");
  if (from?.dataset?.menu) from.setAttribute("aria-expanded", "true");
  const find = menu.querySelector("[data-menu-find]");
  if (find) find.focus();
  else focusAt(0);
}

// A long list of choices is narrowed while one types.
document.addEventListener("input", (event) => {
  if (!event.target.matches("[data-menu-find]")) return;
  const word = event.target.value.trim().toLowerCase();
  event.target.closest(".c-menu").querySelectorAll("[data-option]").forEach((option) => {
    option.hidden = !option.textContent.toLowerCase().includes(word);
  });
});

const rowMenu = (row) => document.getElementById(row.closest("[data-context-menu]")?.dataset.contextMenu ?? "");

function showForRow(row, x, y) {
  const menu = rowMenu(row);
  if (!menu) return false;
  row.dispatchEvent(new CustomEvent("rows:menu", { bubbles: true }));
  show(menu, row, x, y);
  return true;
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-menu]");
  if (button) {
    const menu = document.getElementById(button.dataset.menu);
    if (!menu) return;
    if (open === menu && opener === button) return close();
    const row = button.closest("tr[data-id]");
    if (row) row.dispatchEvent(new CustomEvent("rows:menu", { bubbles: true }));
    const box = button.getBoundingClientRect();
    menu.hidden = false;
    const width = menu.getBoundingClientRect().width;
    show(menu, button, box.left + width > innerWidth ? box.right - width : box.left, box.bottom + 4);
    event.preventDefault();
  } else if (open && !open.contains(event.target)) {
    close(false);
  } else if (open && event.target.closest("[role^=menuitem]")) {
    // Focus goes back first, so that a dialog that opens now gives it back to the row when it closes.
    close(true);
  }
});

document.addEventListener("contextmenu", (event) => {
  const row = event.target.closest("[data-context-menu] tr[data-id]");
  if (row && !event.target.closest("a, input") && showForRow(row, event.clientX, event.clientY)) event.preventDefault();
});

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (!open) {
    const row = event.target.closest?.("[data-context-menu] tr[data-id]");
    if (row && (event.code === "ContextMenu" || (event.code === "F10" && event.shiftKey))) {
      const box = row.getBoundingClientRect();
      if (showForRow(row, box.left + 48, box.bottom)) event.preventDefault();
    }
    return;
  }
  if (event.target.matches("input")) {
    if (event.code === "Escape") close();
    else if (event.code === "ArrowDown") focusAt(0);
    else if (event.code === "Enter") items()[0]?.click();
    else return;
    event.preventDefault();
    return;
  }
  const at = items().indexOf(document.activeElement);
  const moves = { ArrowDown: at + 1, ArrowUp: at < 0 ? -1 : at - 1, Home: 0, End: -1 };
  if (event.code in moves) focusAt(moves[event.code]);
  else if (event.code === "Escape") close();
  else if (event.code === "Tab") return close(false);
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

// Touch: half a second on a row without moving.
document.addEventListener("pointerdown", (event) => {
  const row = event.pointerType === "touch" && event.target.closest("[data-context-menu] tr[data-id]");
  clearTimeout(pressed);
  if (row) pressed = setTimeout(() => showForRow(row, event.clientX, event.clientY), 500);
});
for (const name of ["pointerup", "pointercancel", "pointermove"]) {
  document.addEventListener(name, () => clearTimeout(pressed));
}
addEventListener("resize", () => close(false));
document.addEventListener("scroll", (event) => open && !open.contains(event.target) && close(false), true);
