// Keys of the console: "/" search, "c" new code, "?" this list. Read by event.code, silent while an input method
// composes (a Chinese IME sends key "Process"), and single keys can be switched off (WCAG 2.1.4).
const OFF = "console.keys.off";
const typing = (target) => target.closest?.("input, textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (localStorage.getItem(OFF) === "1" || document.querySelector("dialog[open]")) return;
  if (event.code === "Slash" && event.shiftKey) {
    document.getElementById("keys-help")?.showModal();
  } else if (event.code === "Slash") {
    document.querySelector("[data-global-search]")?.focus();
  } else if (event.code === "KeyC" && !event.shiftKey && document.body.dataset.newCodeUrl) {
    location.assign(document.body.dataset.newCodeUrl);
  } else {
    return;
  }
  event.preventDefault();
});

const box = document.querySelector("[data-keys-off]");
if (box) {
  box.checked = localStorage.getItem(OFF) === "1";
  box.addEventListener("change", () => localStorage.setItem(OFF, box.checked ? "1" : "0"));
}
