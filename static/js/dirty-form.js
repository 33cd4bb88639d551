// form[data-dirty]: warns before leaving with unsaved changes; Ctrl/⌘+Enter saves any form.
const dirty = new Set();

const mark = (event) => {
  const form = event.target.closest?.("form[data-dirty]");
  if (form) dirty.add(form);
};
document.addEventListener("input", mark);
document.addEventListener("change", mark);
// htmx stops the native submit; its form stays dirty until the answer says that it was saved.
document.addEventListener("submit", (event) => event.defaultPrevented || dirty.delete(event.target));
document.addEventListener("htmx:afterRequest", (event) => {
  const { elt, successful } = event.detail;
  // A step on the way (data-keeps-dirty) saves nothing.
  if (successful && !elt.closest("[data-keeps-dirty]")) dirty.delete(elt.closest("form"));
});
addEventListener("beforeunload", (event) => {
  for (const form of dirty) {
    if (!form.isConnected) continue;
    event.preventDefault();
    return;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.keyCode === 229) return;
  if (!(event.ctrlKey || event.metaKey) || (event.code !== "Enter" && event.code !== "NumpadEnter")) return;
  const form = event.target.closest?.("form");
  if (!form) return;
  event.preventDefault();
  form.requestSubmit();
});
