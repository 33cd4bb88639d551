// data-copy="<text>" puts the text on the clipboard and says so.
async function put(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Old embedded browsers, or no secure context: select and copy.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "vh";
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  event.preventDefault();
  const done = await put(button.dataset.copy);
  const detail = done ? { text: "已复制" } : { text: "没有复制成功，请手动选中复制", kind: "warn" };
  document.dispatchEvent(new CustomEvent("toast", { detail }));
});
