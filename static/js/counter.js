// Counters as WeCom counts: a control with data-count="chars" (code points) or "bytes" (UTF-8) and data-max; the figure
// stands in [data-count-for="<control id>"]. Nothing is cut: the server refuses what is too long, the figure turns red.
const encoder = new TextEncoder();
const length = (control) =>
  control.dataset.count === "bytes" ? encoder.encode(control.value).length : [...control.value].length;

function show(control) {
  const place = document.querySelector(`[data-count-for="${control.id}"]`);
  if (!place) return;
  const max = Number(control.dataset.max);
  const used = length(control);
  place.textContent = `${used.toLocaleString("zh-CN")}/${max.toLocaleString("zh-CN")}${control.dataset.count === "bytes" ? " 字节" : ""}`;
  place.classList.toggle("over", used > max);
}

document.addEventListener("input", (event) => event.target.matches?.("[data-count]") && show(event.target));
const begin = (root) => root.querySelectorAll?.("[data-count]").forEach(show);
begin(document);
document.addEventListener("htmx:afterSettle", (event) => begin(event.target));
