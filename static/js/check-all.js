// data-check-all="ids" on a check box ticks all boxes of that name in its form; Shift and a click ticks a range.
let last = null;
const boxesOf = (form, name) => [...form.querySelectorAll(`input[type=checkbox][name="${CSS.escape(name)}"]`)];

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[type=checkbox]");
  const form = box?.form;
  if (!form) return;
  const head = form.querySelector("[data-check-all]");
  if (!head) return;
  const boxes = boxesOf(form, head.dataset.checkAll);
  if (box === head) boxes.forEach((one) => (one.checked = head.checked));
  else if (boxes.includes(box)) {
    const [from, to] = [boxes.indexOf(last), boxes.indexOf(box)].sort((a, b) => a - b);
    if (event.shiftKey && from >= 0) boxes.slice(from, to + 1).forEach((one) => (one.checked = box.checked));
    last = box;
    head.checked = boxes.every((one) => one.checked);
    head.indeterminate = !head.checked && boxes.some((one) => one.checked);
  }
});
