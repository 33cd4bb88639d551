// Lists like a desktop file manager. Markup: [data-select-rows][data-total] holding tr[data-id]; ui/strip.html shows the
// count and holds form[data-select-form], which gets one hidden input "ids" per row, or all=1 for the whole result.
const lists = new WeakMap();

const state = (list) => {
  if (!lists.has(list)) lists.set(list, { last: null, all: false });
  return lists.get(list);
};
const rowsOf = (list) => [...list.querySelectorAll("tr[data-id]")];
const isOn = (row) => row.getAttribute("aria-selected") === "true";

function set(row, on) {
  row.setAttribute("aria-selected", on);
  const box = row.querySelector("[data-select]");
  if (box) box.checked = on;
}

function hidden(form, value) {
  const input = document.createElement("input");
  Object.assign(input, { type: "hidden", name: "ids", value });
  form.append(input);
}

function refresh(list) {
  const rows = rowsOf(list);
  const chosen = rows.filter(isOn);
  const memo = state(list);
  if (chosen.length < rows.length) memo.all = false;
  const total = Number(list.dataset.total || rows.length);
  const count = memo.all ? total : chosen.length;
  document.querySelectorAll("[data-select-count]").forEach((node) => (node.textContent = count.toLocaleString("zh-CN")));
  list.querySelectorAll("[data-select-some]").forEach((node) => (node.hidden = !count));
  list.querySelectorAll("[data-select-none]").forEach((node) => (node.hidden = !!count));
  list.querySelectorAll("[data-select-all]").forEach((node) => (node.hidden = count >= total));
  const page = list.querySelector("[data-select-page]");
  if (page) {
    page.checked = rows.length > 0 && chosen.length === rows.length;
    page.indeterminate = chosen.length > 0 && chosen.length < rows.length;
  }
  const form = list.querySelector("form[data-select-form]");
  if (!form) return;
  form.querySelectorAll("input[name=ids]").forEach((input) => input.remove());
  form.querySelector("input[name=all]").value = memo.all ? "1" : "0";
  if (!memo.all) chosen.forEach((row) => hidden(form, row.dataset.id));
}

function only(list, row) {
  rowsOf(list).forEach((other) => set(other, other === row));
  state(list).last = row;
}

function range(list, row) {
  const rows = rowsOf(list);
  const from = Math.max(0, rows.indexOf(state(list).last));
  const to = rows.indexOf(row);
  rows.forEach((other, i) => set(other, i >= Math.min(from, to) && i <= Math.max(from, to)));
}

function everything(list) {
  rowsOf(list).forEach((row) => set(row, true));
  state(list).all = Number(list.dataset.total || 0) > rowsOf(list).length;
  refresh(list);
}

function nothing(list) {
  rowsOf(list).forEach((row) => set(row, false));
  refresh(list);
}

function focusRow(list, row) {
  rowsOf(list).forEach((other) => (other.tabIndex = other === row ? 0 : -1));
  row.focus();
}

document.addEventListener("click", (event) => {
  const list = event.target.closest("[data-select-rows]");
  if (!list) return;
  if (event.target.closest("[data-select-all]")) return everything(list);
  if (event.target.closest("[data-select-clear]")) return nothing(list);
  if (event.target.matches("[data-select-page]")) {
    rowsOf(list).forEach((row) => set(row, event.target.checked));
    return refresh(list);
  }
  const row = event.target.closest("tr[data-id]");
  if (!row || event.target.closest("a, button, input:not([data-select]), select, label")) return;
  if (event.shiftKey && state(list).last) range(list, row);
  else if (event.target.matches("[data-select]")) set(row, event.target.checked);
  else if (event.ctrlKey || event.metaKey) set(row, !isOn(row));
  else only(list, row);
  if (!event.shiftKey) state(list).last = row;
  if (!event.target.matches("[data-select]")) focusRow(list, row);
  refresh(list);
});

// A menu opened on a row outside of the selection acts on that row alone.
document.addEventListener("rows:menu", (event) => {
  const list = event.target.closest("[data-select-rows]");
  if (!list || isOn(event.target)) return;
  only(list, event.target);
  refresh(list);
});

function pressKey(row, event) {
  const list = row.closest("[data-select-rows]");
  const letter = event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : "";
  if (!letter || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("console.keys.off") === "1") return false;
  const entry = list.querySelector(`[data-select-some] [data-key="${letter}" i]`);
  if (!entry) return false;
  if (!isOn(row)) only(list, row);
  refresh(list);
  entry.click();
  return true;
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (document.querySelector("dialog[open]") || event.target.matches?.("input:not([type=checkbox]), textarea, select")) return;
  const list = event.target.closest?.("[data-select-rows]") ?? document.querySelector("[data-select-rows]");
  if (!list) return;
  const row = event.target.closest?.("tr[data-id]");
  if ((event.ctrlKey || event.metaKey) && event.code === "KeyA") everything(list);
  else if (event.code === "Escape") nothing(list);
  else if (row && event.target === row && event.code === "Enter" && row.dataset.href) location.assign(row.dataset.href);
  else if (row && event.target === row && event.code === "Space") { set(row, !isOn(row)); state(list).last = row; refresh(list); }
  else if (row && (event.code === "ArrowDown" || event.code === "ArrowUp")) {
    const rows = rowsOf(list);
    const next = rows[rows.indexOf(row) + (event.code === "ArrowDown" ? 1 : -1)];
    if (!next) return;
    focusRow(list, next);
    if (event.shiftKey) range(list, next);
    refresh(list);
  } else if (!(row && event.target === row && pressKey(row, event))) return;
  event.preventDefault();
});

function begin(root) {
  root.querySelectorAll("[data-select-rows]").forEach((list) => {
    const rows = rowsOf(list);
    if (rows.length && !rows.some((row) => row.tabIndex === 0)) rows[0].tabIndex = 0;
    refresh(list);
  });
}
begin(document);
document.addEventListener("htmx:afterSettle", () => begin(document));
