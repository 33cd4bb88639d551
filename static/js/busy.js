// While htmx waits: a thin bar after 300 ms, the pressed button is aria-busy and cannot be pressed twice.
let waiting = 0;
let timer = null;

document.addEventListener("htmx:beforeRequest", (event) => {
  if (event.detail.elt.matches("[hx-trigger^='every']")) return;
  waiting += 1;
  timer ??= setTimeout(() => document.body.classList.add("busy"), 300);
  event.detail.elt.setAttribute("aria-busy", "true");
});
document.addEventListener("htmx:afterRequest", (event) => {
  event.detail.elt.removeAttribute("aria-busy");
  if (event.detail.elt.matches("[hx-trigger^='every']")) return;
  waiting = Math.max(0, waiting - 1);
  if (waiting) return;
  clearTimeout(timer);
  timer = null;
  document.body.classList.remove("busy");
});
// A plain form is sent once; a page brought back from the history can send again.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.dataset.sent) {
    if (form.dataset.sent) event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  event.submitter?.setAttribute("aria-busy", "true");
  setTimeout(() => delete form.dataset.sent, 4000);
});
addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach((form) => {
  delete form.dataset.sent;
  form.querySelectorAll("[aria-busy]").forEach((node) => node.removeAttribute("aria-busy"));
}));
