// ui/hours_grid.html: paints each day's windows on a line of 24 hours. Dragging over it adds time, dragging from within
// a window takes time away, in half hours; what is typed stays the truth. "hours:redraw" on the fieldset draws it anew.
const DAY = 1440;
const STEP = 30;
const SVG = "http://www.w3.org/2000/svg";
const PRESETS = { workdays: (row) => (row < 5 ? "09:00-18:00" : ""), daily: () => "09:00-21:00", none: () => "" };
let stroke = null;

const clock = (minute) => {
  const within = minute <= DAY ? minute : minute - DAY;
  return `${String(Math.floor(within / 60)).padStart(2, "0")}:${String(within % 60).padStart(2, "0")}`;
};

// The windows that a text says, or null when it can't be read.
function windows(text) {
  const plain = text.trim().replaceAll("：", ":").replace(/\s*[-–—~～到至]\s*/g, "-");
  if (plain === "全天") return [[0, DAY]];
  const found = [];
  for (const piece of plain.split(/[\s,，、]+/).filter(Boolean)) {
    const part = /^(\d{1,2})(?::(\d{2}))?-(次日)?(\d{1,2})(?::(\d{2}))?$/.exec(piece);
    if (!part) return null;
    const start = Number(part[1]) * 60 + Number(part[2] ?? 0);
    let end = Number(part[4]) * 60 + Number(part[5] ?? 0);
    if (start >= DAY || end > DAY || Number(part[2] ?? 0) > 59 || Number(part[5] ?? 0) > 59) return null;
    if (part[3] || end <= start) end += DAY;
    found.push([start, end]);
  }
  return joined(found);
}

function joined(list) {
  const all = [];
  for (const [start, end] of list.sort((a, b) => a[0] - b[0])) {
    const last = all.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else all.push([start, end]);
  }
  return all;
}

const without = (list, from, to) =>
  list.flatMap(([start, end]) => [[start, Math.min(end, from)], [Math.max(start, to), end]])
    .filter(([start, end]) => start < end && start < DAY);
const text = (list) => list.map(([start, end]) => `${clock(start)}-${clock(end)}`).join(", ");

const rowsOf = (grid) => [...grid.querySelectorAll("[data-hours-row]")];
const inputOf = (row) => row.querySelector("input");

function bar(svg, name, start, end) {
  const rect = document.createElementNS(SVG, "rect");
  for (const [key, value] of [["class", name], ["x", start], ["y", 3], ["width", end - start], ["height", 14], ["rx", 2]]) {
    rect.setAttribute(key, value);
  }
  svg.append(rect);
}

function draw(grid) {
  const rows = rowsOf(grid);
  const given = rows.map((row) => windows(inputOf(row).value));
  rows.forEach((row, number) => {
    const svg = row.querySelector("[data-hours-track]");
    svg.replaceChildren();
    for (let hour = 0; hour <= 24; hour += 6) bar(svg, "line", Math.min(hour * 60, DAY - 2), Math.min(hour * 60 + 2, DAY));
    // What began the evening before; a holiday has no weekday before it.
    const before = number === 7 ? [] : given[(number + 6) % 7];
    for (const [, end] of before ?? []) if (end > DAY) bar(svg, "spill", 0, end - DAY);
    for (const [start, end] of given[number] ?? []) bar(svg, "win", start, Math.min(end, DAY));
    // While one types a time for the first time it isn't wrong yet.
    if (!("checked" in inputOf(row).dataset)) return;
    const wrong = given[number] === null;
    row.querySelector("[data-hours-error]").textContent = wrong ? "请写成 09:00-18:00" : "";
    if (wrong) inputOf(row).setAttribute("aria-invalid", "true");
    else inputOf(row).removeAttribute("aria-invalid");
  });
  grid.classList.toggle("off", modeOf(grid) === "always");
}

const modeOf = (grid) => grid.querySelector("[data-hours-mode]:checked")?.value;

function weekly(grid) {
  const box = grid.querySelector('[data-hours-mode][value="weekly"]');
  if (!box.checked) box.checked = true;
}

function put(grid, row, value) {
  const input = inputOf(row);
  if (input.value === value) return;
  input.value = value;
  input.dataset.checked = "";
  input.dispatchEvent(new Event("input", { bubbles: true }));
}

function from(grid, row) {
  grid.querySelectorAll(".from").forEach((one) => one.classList.remove("from"));
  row.classList.add("from");
  grid.querySelector("[data-hours-from]").textContent = row.querySelector("label").textContent;
}

function minuteAt(svg, event) {
  const box = svg.getBoundingClientRect();
  const minute = ((event.clientX - box.left) / box.width) * DAY;
  return Math.max(0, Math.min(DAY - STEP, Math.floor(minute / STEP) * STEP));
}

function painted(event) {
  const at = minuteAt(stroke.svg, event);
  const low = Math.min(at, stroke.begin);
  const high = Math.max(at, stroke.begin) + STEP;
  const value = stroke.erase ? without(stroke.before, low, high) : joined([...stroke.before.map((one) => [...one]), [low, high]]);
  put(stroke.grid, stroke.row, text(value));
}

document.addEventListener("pointerdown", (event) => {
  const svg = event.target.closest?.("[data-hours-track]");
  if (!svg || event.button) return;
  const row = svg.closest("[data-hours-row]");
  const grid = svg.closest("[data-hours]");
  const before = windows(inputOf(row).value) ?? [];
  const begin = minuteAt(svg, event);
  stroke = { svg, row, grid, before, begin, erase: before.some(([start, end]) => start <= begin && begin < end) };
  event.preventDefault();
  weekly(grid);
  from(grid, row);
  painted(event);
});
document.addEventListener("pointermove", (event) => stroke && painted(event));
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => (stroke = null));

document.addEventListener("input", (event) => {
  const grid = event.target.closest?.("[data-hours]");
  if (!grid) return;
  if (event.target.closest("[data-hours-row]")) weekly(grid);
  draw(grid);
});
document.addEventListener("change", (event) => {
  const grid = event.target.closest?.("[data-hours]");
  if (!grid) return;
  if (event.target.closest("[data-hours-row]")) event.target.dataset.checked = "";
  draw(grid);
});
document.addEventListener("focusin", (event) => {
  const row = event.target.closest?.("[data-hours-row]");
  if (row) from(row.closest("[data-hours]"), row);
});
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-hours-set], [data-hours-copy]");
  if (!button) return;
  const grid = button.closest("[data-hours]");
  const rows = rowsOf(grid);
  weekly(grid);
  if (button.dataset.hoursSet) {
    rows.forEach((row, number) => put(grid, row, PRESETS[button.dataset.hoursSet](number)));
  } else {
    const source = inputOf(grid.querySelector(".from") ?? rows[0]).value;
    button.dataset.hoursCopy.split(",").forEach((number) => put(grid, rows[number], source));
  }
  draw(grid);
});
document.addEventListener("hours:redraw", (event) => draw(event.target));

function begin(root) {
  root.querySelectorAll?.("[data-hours]:not([data-hours-ready])").forEach((grid) => {
    grid.dataset.hoursReady = "";
    grid.querySelectorAll("[data-hours-tools], [data-hours-scale]").forEach((part) => (part.hidden = false));
    rowsOf(grid)[0].classList.add("from");
    draw(grid);
  });
}
begin(document);
document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
