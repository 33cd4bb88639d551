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
const { strategy, today } = editor?.querySelector("[data-roster-lists]").dataset ?? {};
const zero = (line, name) => line.querySelector(`input[name^=${name}_]`)?.value.trim() === "0";

function able(line) {
  const pause = line.querySelector("input[name^=pause_]");
  return !("stuck" in line.dataset) && !(pause && pause.value >= today) && !zero(line, "seat_cap") && !zero(line, "cap");
}

// As roster_shares.py: whole percent that add up to 100, the largest remainders first.
function wholePercent(parts) {
  const total = parts.reduce((sum, part) => sum + part, 0);
  if (!total) return [];
  const found = parts.map((part) => Math.floor((part * 100) / total));
  const first = parts.map((_, place) => place).sort((a, b) => ((parts[b] * 100) % total) - ((parts[a] * 100) % total));
  first.slice(0, 100 - found.reduce((sum, part) => sum + part, 0)).forEach((place) => (found[place] += 1));
  return found;
}

function shares() {
  for (const list of editor.querySelectorAll("[data-roster]")) {
    const cells = [...list.querySelectorAll("[data-share]")];
    const counted = strategy !== "least_loaded" && list.dataset.roster === "roster";
    const who = counted ? cells.filter((cell) => able(cell.closest(".line"))) : [];
    const weight = (cell) => weightOf(cell.closest(".line").querySelector("[data-weight]"));
    const parts = wholePercent(who.map((cell) => (strategy === "weighted" ? weight(cell) : 1)));
    for (const cell of cells) cell.textContent = parts.length && who.includes(cell) ? `${parts[who.indexOf(cell)]}%` : "—";
    for (const sum of list.querySelectorAll("[data-share-sum]")) {
      const own = [...sum.closest("li").querySelectorAll(".people [data-share]")].map((cell) => parseInt(cell.textContent, 10));
      const known = own.filter((one) => !Number.isNaN(one));
      sum.textContent = known.length ? `${known.reduce((n, one) => n + one, 0)}%` : "—";
    }
  }
}

function whyNobody(line) {
  if (zero(line, "seat_cap")) return "席位上限为 0，不会接到客户";
  if (zero(line, "cap")) return "每日上限为 0，不会接到客户";
  const weighs = strategy === "weighted" && line.closest("[data-roster]").dataset.roster === "roster";
  return weighs && zero(line, "weight") ? "权重为 0，不会接到客户" : "";
}

function hints() {
  for (const hint of editor.querySelectorAll("[data-nobody]")) {
    const line = hint.parentElement.querySelector(":scope > .line");
    if (!line.querySelector("input[name^=seat_cap_], input[name^=weight_]")) continue;
    hint.textContent = whyNobody(line);
    hint.hidden = !hint.textContent;
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
  editor.addEventListener("input", () => [shares, hints].forEach((show) => show()));
  editor.addEventListener("change", (event) => {
    if (event.target.matches("[data-roster-add] input[name=add]:checked")) add(event.target);
    shares();
    hints();
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
