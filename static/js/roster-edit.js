// The roster editor: whoever is picked moves into the list at once, and back into the picker when taken out; weights
// show their share as they are typed; hours open in a dialog with the grid and are written back as one line.
const editor = document.querySelector("[data-roster-editor]");
const DAYS = ["周一", "周二", "周三", "周四", "周五", "周六", "周日", "节假日"];
let line = null;

function filled(template, words) {
  const copy = template.content.firstElementChild.cloneNode(true);
  const put = (text) => Object.entries(words).reduce((done, [key, word]) => done.replaceAll(`__${key}__`, word), text);
  const walk = document.createTreeWalker(copy, NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT);
  for (let node = walk.currentNode; node; node = walk.nextNode()) {
    if (node.nodeType === Node.TEXT_NODE) node.data = put(node.data);
    else for (const one of [...node.attributes]) if (one.value.includes("__")) node.setAttribute(one.name, put(one.value));
  }
  return copy;
}

function add(box) {
  const item = box.closest("li");
  const name = editor.querySelector("[name=add_to]:checked").value;
  const list = editor.querySelector(`[data-roster="${name}"]`);
  const person = /^\d+$/.test(box.value);
  const row = filled(document.getElementById(person ? "seat-new" : "source-new"), {
    token: box.value,
    list: name,
    name: item.querySelector("label > span:not(.path, .c-av)").textContent,
    path: item.querySelector(".path").textContent,
  });
  if (person) row.querySelector("[data-avatar]").replaceWith(item.querySelector(".c-av").cloneNode(true));
  box.checked = false;
  item.hidden = true;
  item.dataset.used = "";
  list.append(row);
  ready(row);
  list.dispatchEvent(new Event("roster:changed", { bubbles: true }));
  item.closest("[data-picker]").querySelector("[data-picker-find]").focus();
}

function back(token) {
  const box = editor.querySelector(`[data-roster-add] input[name=add][value="${CSS.escape(token)}"]`);
  const item = box?.closest("li");
  if (!item) return;
  item.hidden = false;
  delete item.dataset.used;
}

const weightOf = (cell) => Number(cell.matches("input") ? cell.value : cell.dataset.weight) || 0;
const percent = (part, total) => (total ? `${Math.floor((part * 100 + Math.floor(total / 2)) / total)}%` : "—");

function shares() {
  for (const list of editor.querySelectorAll("[data-roster]")) {
    const cells = [...list.querySelectorAll("[data-weight]")];
    const total = cells.reduce((sum, cell) => sum + weightOf(cell), 0);
    for (const cell of cells) cell.closest(".line").querySelector("[data-share]").textContent = percent(weightOf(cell), total);
    for (const sum of list.querySelectorAll("[data-share-sum]")) {
      const own = [...sum.closest("li").querySelectorAll(".people [data-weight]")].reduce((n, cell) => n + weightOf(cell), 0);
      sum.textContent = percent(own, total);
    }
  }
}

function ready(root) {
  root.querySelectorAll("[data-hours-line]").forEach((input) => (input.readOnly = true));
}

function lineOf(days) {
  const parts = [];
  days.forEach((text, day) => {
    const last = parts.at(-1);
    if (!text) return;
    if (last && last.text === text && last.to === day - 1 && day < 7) last.to = day;
    else parts.push({ from: day, to: day, text });
  });
  return parts.map(({ from, to, text }) => `${DAYS[from]}${to > from ? `至${DAYS[to]}` : ""} ${text}`).join("；");
}

const dialog = document.getElementById("seat-hours");
const gridInputs = () => [...dialog.querySelectorAll("[data-hours-row] input")];

function open(input) {
  line = input;
  const days = input.dataset.hoursDays.split("|");
  const always = days.every((day) => !day);
  dialog.querySelector("h2").textContent = `${input.dataset.hoursName}的接待时段`;
  dialog.querySelector(`[data-hours-mode][value=${always ? "always" : "weekly"}]`).checked = true;
  gridInputs().forEach((one, day) => (one.value = days[day]));
  dialog.showModal();
  dialog.querySelector("[data-hours]").dispatchEvent(new Event("hours:redraw", { bubbles: true }));
}

function write(inputs) {
  const always = dialog.querySelector("[data-hours-mode]:checked").value === "always";
  const days = gridInputs().map((one) => (always ? "" : one.value.trim()));
  if (dialog.querySelector("[aria-invalid]") && !always) return dialog.querySelector("[aria-invalid]").focus();
  for (const input of inputs) {
    input.dataset.hoursDays = days.join("|");
    input.value = input.title = lineOf(days) || "全天";
    input.dispatchEvent(new Event("input", { bubbles: true }));
  }
  dialog.close();
}

if (editor) {
  ready(editor);
  shares();
  editor.addEventListener("input", (event) => event.target.matches("[data-weight]") && shares());
  editor.addEventListener("change", (event) => {
    if (event.target.matches("[data-roster-add] input[name=add]:checked")) add(event.target);
    shares();
  });
  editor.addEventListener("click", (event) => event.target.matches("[data-hours-line]") && open(event.target));
  editor.addEventListener("keydown", (event) => {
    if (event.isComposing || !event.target.matches("[data-hours-line]") || event.ctrlKey || event.metaKey) return;
    if (event.code !== "Enter" && event.code !== "Space") return;
    event.preventDefault();
    open(event.target);
  });
  document.addEventListener("roster:removed", (event) => back(event.detail));
  dialog?.querySelector("form").addEventListener("submit", (event) => {
    event.preventDefault();
    write([line]);
  });
  dialog?.querySelector("[data-seat-hours-all]").addEventListener("click", () => write([...editor.querySelectorAll("[data-hours-line]")]));
}
