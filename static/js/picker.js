// ui/picker.html: filters its list while one types (data-search holds name, path, pinyin initials), counts the choice,
// and sends it in the order of choosing.
const order = new WeakMap();
function chosen(picker) {
  const checked = [...picker.querySelectorAll("li input:checked")];
  const known = (order.get(picker) ?? []).filter((box) => checked.includes(box));
  order.set(picker, [...known, ...checked.filter((box) => !known.includes(box))]);
  return order.get(picker);
}

function filter(picker) {
  const words = picker.querySelector("[data-picker-find]").value.trim().toLowerCase().split(/\s+/);
  let shown = 0;
  picker.querySelectorAll("li[data-search]").forEach((item) => {
    const fits = !("used" in item.dataset) && words.every((word) => item.dataset.search.includes(word));
    item.hidden = !fits;
    shown += fits ? 1 : 0;
  });
  picker.querySelector("[data-picker-none]").hidden = shown > 0;
}

function count(picker) {
  picker.querySelector("[data-picker-count]").textContent = chosen(picker).length;
}

document.addEventListener("input", (event) => {
  const picker = event.target.closest("[data-picker]");
  if (!picker) return;
  if (event.target.matches("[data-picker-find]")) {
    event.stopPropagation();
    filter(picker);
  } else count(picker);
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  const picker = event.target.closest?.("[data-picker]");
  if (!picker) return;
  const boxes = [...picker.querySelectorAll("li:not([hidden]) input")];
  if (event.target.matches("[data-picker-find]")) {
    if (event.code === "ArrowDown") boxes[0]?.focus();
    else if (event.code === "Enter" && !event.ctrlKey && !event.metaKey) boxes[0]?.click();
    else return;
  } else if (event.target.type === "checkbox" && (event.code === "ArrowDown" || event.code === "ArrowUp")) {
    const at = boxes.indexOf(event.target) + (event.code === "ArrowDown" ? 1 : -1);
    (boxes[at] ?? (at < 0 ? picker.querySelector("[data-picker-find]") : event.target)).focus();
  } else return;
  event.preventDefault();
});
const begin = (root) => root.querySelectorAll?.("[data-picker]").forEach(count);
begin(document);
document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
document.addEventListener("formdata", (event) => {
  event.target.querySelectorAll("[data-picker]").forEach((picker) => {
    const boxes = chosen(picker);
    if (boxes.length < 2) return;
    event.formData.delete(boxes[0].name);
    boxes.forEach((box) => event.formData.append(box.name, box.value));
  });
});
