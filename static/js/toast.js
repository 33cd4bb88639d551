// What was done, said once: messages leave after 6 s (30 s with 撤销), errors stay. Also from the response header
// HX-Trigger: {"toast": {"text": "…", "kind": "ok|warn|bad", "undo_url": "…"}}
const SECONDS = { plain: 6, undo: 30 };

function schedule(toast) {
  if (toast.dataset.stay !== undefined) return;
  const form = toast.querySelector("form:not([hidden])");
  let timer = setTimeout(() => toast.remove(), (form ? SECONDS.undo : SECONDS.plain) * 1000);
  toast.addEventListener("pointerenter", () => clearTimeout(timer));
  toast.addEventListener("pointerleave", () => (timer = setTimeout(() => toast.remove(), 3000)));
}

document.addEventListener("toast", (event) => {
  const holder = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!holder || !template) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  const { text, value, kind = "ok", undo_url: undo } = event.detail;
  toast.classList.add(kind);
  toast.querySelector(".msg").textContent = text ?? value ?? "";
  if (kind === "bad") toast.dataset.stay = "";
  if (kind !== "ok") {
    const use = toast.querySelector("use");
    use.setAttribute("href", use.getAttribute("href").replace("circle-check", "alert-triangle"));
  }
  if (undo) {
    const form = toast.querySelector("form");
    form.action = undo;
    form.hidden = false;
  }
  holder.append(toast);
  schedule(toast);
});

document.addEventListener("click", (event) => event.target.closest("[data-toast-close]")?.closest("[data-toast]").remove());
document.querySelectorAll("[data-toast]").forEach(schedule);
