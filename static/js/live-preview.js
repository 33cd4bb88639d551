// [data-preview="<id>"] on a textarea or input: its text appears in the [data-preview-text] of that element at once.
// Variables 【…】 (客户昵称, 客服姓名, 渠道) show their example from data-preview-vars (JSON).
function show(control) {
  const place = document.getElementById(control.dataset.preview)?.querySelector("[data-preview-text]");
  if (!place) return;
  const examples = JSON.parse(control.dataset.previewVars || "{}");
  place.replaceChildren(
    ...control.value.split(/(【[^】]*】)/).filter(Boolean).map((piece) => {
      const name = piece.startsWith("【") ? piece.slice(1, -1) : "";
      if (!(name in examples)) return document.createTextNode(piece);
      const mark = document.createElement("span");
      mark.className = "var";
      mark.textContent = examples[name];
      return mark;
    }),
  );
  const bubble = place.closest(".msg");
  if (bubble) bubble.hidden = !control.value.trim();
}

document.addEventListener("input", (event) => event.target.matches?.("[data-preview]") && show(event.target));
document.querySelectorAll("[data-preview]").forEach((control) => control.value && show(control));
