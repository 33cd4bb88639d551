// Native dialogs: data-dialog="<id>" opens, data-dialog-close closes, a click on the backdrop closes, a dialog that htmx
// brings into #dialog-slot opens by itself. Also gives focus to an error summary (data-focus).
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener) {
    document.getElementById(opener.dataset.dialog)?.showModal();
    return;
  }
  if (event.target.closest("[data-dialog-close]")) {
    event.target.closest("dialog")?.close();
  } else if (event.target.matches("dialog.c-dialog") && !event.target.querySelector("form[data-dirty]")) {
    const box = event.target.getBoundingClientRect();
    const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
    if (!inside) event.target.close();
  }
});

const takeFocus = (root) => root.querySelector?.("[data-focus]")?.focus();
takeFocus(document);

document.addEventListener("htmx:afterSwap", (event) => {
  const slot = event.detail.target;
  if (slot.id === "dialog-slot") {
    const dialog = slot.querySelector("dialog");
    if (dialog && !dialog.open) dialog.showModal();
  }
  takeFocus(slot);
});
// The server closes the dialog after a save with the response header HX-Trigger: closeDialog
document.addEventListener("closeDialog", () => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));
