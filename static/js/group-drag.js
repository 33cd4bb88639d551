// 客服分组: people are dragged from the list at the right, or from another group, into a group; what that does to codes
// is shown in a dialog before it is done.
function dropped(event) {
  const id = event.item.dataset.id ?? event.item.querySelector("button")?.value;
  const card = event.to.closest(".c-team");
  event.item.remove();
  card.classList.remove("over");
  if (!id) return;
  const form = card.querySelector("[data-group-add]");
  form.querySelector("[name=add]").value = id;
  form.requestSubmit();
}

const over = (card) => document.querySelectorAll(".c-team").forEach((one) => one.classList.toggle("over", one === card));
const settings = { forceFallback: true, fallbackOnBody: true, animation: 0, sort: false, filter: ".none, button", preventOnFilter: false };

addEventListener("DOMContentLoaded", begin);
if (document.readyState !== "loading") begin();
function begin() {
  const staff = document.querySelector("[data-group-staff]");
  if (!window.Sortable || !staff || "ready" in staff.dataset) return;
  staff.dataset.ready = "";
  const common = { ...settings, onMove: (event) => over(event.to.closest(".c-team")), onEnd: () => over(null) };
  window.Sortable.create(staff, { ...common, group: { name: "people", pull: "clone", put: false } });
  document.querySelectorAll("[data-group]").forEach((list) => {
    window.Sortable.create(list, { ...common, group: { name: "people", pull: "clone", put: true }, onAdd: dropped });
  });
}
