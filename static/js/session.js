// A request that finds the session over (401) opens a dialog instead of leaving the page: what was typed stays.
// Other failures are said in a toast; nothing is swapped in.
let told = false;
document.addEventListener("htmx:beforeOnLoad", (event) => {
  if (event.detail.xhr.status !== 401) return;
  event.preventDefault();
  // A poll says it once; what a person does says it every time.
  const poll = event.detail.elt.matches("[hx-trigger^='every']");
  if (poll && told) return;
  told = true;
  const dialog = document.getElementById("session-over");
  const login = event.detail.xhr.getResponseHeader("HX-Redirect") || document.body.dataset.loginUrl;
  if (!dialog) return location.assign(login);
  dialog.querySelector("[data-login-link]").href = login;
  if (!dialog.open) dialog.showModal();
});

function note(text) {
  const line = document.createElement("p");
  line.className = "c-panel c-body top muted";
  line.setAttribute("role", "status");
  line.textContent = text;
  return line;
}

const say = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text, kind: "bad" } }));
document.addEventListener("htmx:responseError", (event) => {
  const status = event.detail.xhr.status;
  if (status === 401) return;
  // A poll tries again by itself.
  if (event.detail.elt.matches("[hx-trigger^='every']")) return;
  const lazy = event.detail.elt.closest("[data-lazy]");
  if (lazy) return (lazy.querySelector(".c-panel") ?? lazy.firstElementChild).replaceWith(note("这一块没有载入，请刷新页面再看"));
  const plain = event.detail.xhr.getResponseHeader("X-Plain-Refusal");
  if (status === 403) say(plain ? decodeURIComponent(plain) : "没有这项操作的权限，页面可能已过时，请刷新后再看");
  else if (status === 404) say("它已经不在了，请刷新页面");
  else if (status === 429) say("操作太快了，请稍等再试");
  else say("这一步没有完成，没有保存任何改动，请再试一次");
});
document.addEventListener("htmx:sendError", (event) => event.detail.elt.matches("[hx-trigger^='every']") || say("网络断开了，没有保存任何改动，请检查后再试"));
