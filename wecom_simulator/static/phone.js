// The phone page: draws what /sim/ says, once a second, and turns taps into calls. No state of its own but the screen.
"use strict";
const $ = (id) => document.getElementById(id);
const esc = (v) => String(v ?? "").replace(/[&<>"']/g, (c) => `&#${c.charCodeAt(0)};`);
const hm = (t) => new Date((t + 28800) * 1000).toISOString().slice(11, 16);
const hms = (t) => new Date((t + 28800) * 1000).toISOString().slice(11, 19);
const icon = { back: "M15 5l-7 7 7 7", close: "M6 6l12 12M18 6L6 18", more: "M5 12h.01M12 12h.01M19 12h.01", scan: "M4 8V5a1 1 0 0 1 1-1h3M16 4h3a1 1 0 0 1 1 1v3M20 16v3a1 1 0 0 1-1 1h-3M8 20H5a1 1 0 0 1-1-1v-3M4 12h16" };
const svg = (name) => `<svg viewBox="0 0 24 24" aria-hidden="true"><path d="${icon[name]}"/></svg>`;
const WORDS = { requested: ["warn", "待通过"], half: ["warn", "待通过"], friend: ["ok", "好友"], lost: ["bad", "客户已删除"], dropped: ["idle", "客服已删除"] };
const s = { person: null, people: [], total: 0, phone: null, screen: "home", confirm: null, chat: null, log: [], last: 0, now: 0, tab: "log", corps: [], staff: null, staffView: null, codes: [], toast: "", drawn: {} };

async function call(method, path, body) {
  const form = body instanceof FormData;
  const reply = await fetch(path, { method, headers: body && !form ? { "Content-Type": "application/json" } : {}, body: form ? body : body ? JSON.stringify(body) : undefined });
  const value = await reply.json().catch(() => ({ error: "没有应答" }));
  if (!reply.ok && value.error) toast(value.error);
  return { ok: reply.ok, ...value };
}
function toast(text) {
  s.toast = text; draw();
  clearTimeout(toast.timer); toast.timer = setTimeout(() => { s.toast = ""; draw(); }, 2600);
}
const mine = (path) => `/sim/customers/${encodeURIComponent(s.person)}${path}`;
const face = (f) => `/sim/avatar/${encodeURIComponent(f.corp_id)}/${encodeURIComponent(f.userid)}.svg`;
const friend = () => s.phone?.friends.find((f) => `${f.corp_id}/${f.userid}` === s.chat);
function put(id, html) { if (s.drawn[id] !== html) { s.drawn[id] = html; $(id).innerHTML = html; return true; } return false; }

function bar(title, left, right) {
  return `<div class="bar"><button data-do="${left[0]}" data-testid="${left[0]}" aria-label="${left[1]}">${svg(left[2])}</button><h3 data-testid="title">${title}</h3>${right ? `<button data-do="${right[0]}" data-testid="${right[0]}" aria-label="${right[1]}">${svg(right[2])}</button>` : "<span></span>"}</div>`;
}
function preview(f) {
  const m = f.messages[f.messages.length - 1];
  if (f.status === "requested" || f.status === "half") return "等待对方通过";
  if (!m) return "";
  return m.text?.content ?? m.text ?? ({ image: "[图片]", link: "[链接]", miniprogram: "[小程序]", video: "[视频]", file: "[文件]" }[m.msgtype] || "");
}
function home() {
  const rows = (s.phone?.friends ?? []).map((f) => `<button class="row" data-do="open-chat" data-chat="${esc(f.corp_id)}/${esc(f.userid)}" data-testid="friend-${esc(f.userid)}"><img src="${face(f)}" alt=""><span><b>${esc(f.name)} <i class="at">@${esc(f.corp_name)}</i></b><small>${esc(typeof preview(f) === "string" ? preview(f) : "")}</small></span><time>${hm(f.createtime)}</time></button>`).join("");
  return `<div class="bar"><span></span><h3 data-testid="title">微信</h3><button data-do="scan" data-testid="scan-open" aria-label="扫一扫">${svg("scan")}</button></div><div class="body">${rows || '<div class="blank"><b>还没有企业微信好友</b>扫一扫桌上的物料，或打开一个链接</div>'}</div><div class="foot"><button class="wx" data-do="scan" data-testid="scan">扫一扫</button></div>`;
}
function scanner() {
  const recent = JSON.parse(localStorage.getItem("recent") || "[]").filter((u) => !s.codes.some((c) => c.url === u)).map((url) => ({ url, name: url, place: "最近扫过" }));
  const rows = [...s.codes, ...recent].map((c) => `<button class="row" data-do="pick" data-text="${esc(c.url)}" data-testid="code"><img src="/sim/qr?text=${encodeURIComponent(c.url)}" alt=""><span><b>${esc(c.name)}</b><small>${esc(c.place || c.url)}</small></span></button>`).join("");
  return bar("扫一扫", ["home", "返回", "back"]) + `<div class="body grey"><div class="sheet"><label class="drop" id="drop">选择或拖入含二维码的图片<input type="file" accept="image/*" id="file" data-testid="scan-file"></label><form class="field" data-form="scan"><input name="text" placeholder="或粘贴二维码里的网址" autocomplete="off" data-testid="scan-text" aria-label="网址"><button class="wx" data-testid="scan-go">扫码</button></form>${rows ? `<h4>桌上的物料</h4><div class="pick">${rows}</div>` : ""}</div></div>`;
}
function web() {
  const p = s.phone.page;
  const body = p.status ? `<iframe sandbox="allow-forms allow-same-origin" src="${mine("/page")}?v=${s.version || 0}" title="网页" data-testid="page"></iframe>` : `<div class="body"><div class="blank"><b>网页打不开</b>${esc(p.error)}</div></div>`;
  return bar(esc(p.title || "网页"), ["close", "关闭", "close"]) + body + `<div class="foot"><button class="wx" data-do="recognise" data-testid="recognise">长按识别二维码</button></div>`;
}
function confirm() {
  const c = s.confirm;
  if (c.kind === "group") return bar("群聊邀请", ["home", "返回", "back"]) + `<div class="body grey"><div class="profile"><div><b>${esc(c.name)}</b><p>${esc(c.corp_name)} 的客户群</p></div></div></div><div class="foot"><button class="wx" data-do="join" data-testid="join">加入群聊</button></div>`;
  const done = c.status === "friend";
  return bar("详细资料", ["home", "返回", "back"]) + `<div class="body grey"><div class="profile" data-testid="confirm"><img src="${face(c)}" alt=""><div><b data-testid="confirm-name">${esc(c.name)}</b><p><span class="at">@${esc(c.corp_name)}</span></p></div></div><div class="lines"><div><span>企业</span>${esc(c.corp_name)}</div>${c.position ? `<div><span>职务</span>${esc(c.position)}</div>` : ""}<div><span>来源</span>${c.link_id ? "获客链接" : "扫描二维码"}</div><div><span>验证</span>${c.skip_verify ? "免验证，直接成为好友" : "需要对方通过"}</div></div></div><div class="foot"><button class="wx" data-do="${done ? "open-chat" : "add"}" data-chat="${esc(c.corp_id)}/${esc(c.userid)}" data-testid="add">${done ? "发消息" : "添加到通讯录"}</button></div>`;
}
function bubble(m, f) {
  if (m.from === "system") return `<div class="sys">${esc(m.text)}</div>`;
  const me = m.from === "customer", v = m[m.msgtype] || {};
  const media = (id, url) => esc(id ? `/sim/media/${encodeURIComponent(id)}` : url);
  const inner = m.msgtype === "text" ? `<div class="bub">${esc(v.content)}</div>`
    : m.msgtype === "image" ? `<div class="bub pic"><img src="${media(v.media_id, v.pic_url)}" alt="图片"></div>`
    : m.msgtype === "link" ? `<span class="linkcard"><b>${esc(v.title)}</b><small>${esc(v.desc)}</small><i>链接</i></span>`
    : m.msgtype === "miniprogram" ? `<span class="linkcard"><b>${esc(v.title)}</b><i>小程序</i></span>`
    : `<span class="linkcard"><b>${m.msgtype === "video" ? "视频" : "文件"}</b><i>${esc(v.media_id).slice(0, 12)}</i></span>`;
  return `<div class="msg${me ? " me" : ""}"${m.welcome ? ' data-testid="welcome"' : ""}><img class="face" src="${me ? `/sim/avatar/${esc(s.person)}.svg` : face(f)}" alt="">${inner}</div>`;
}
function chat() {
  const f = friend();
  if (!f) return home();
  const side = [f.remark && `备注 <em data-testid="remark">${esc(f.remark)}</em>`, f.description && `描述 ${esc(f.description)}`, f.tags.length && `标签 ${f.tags.map((t) => `<em data-testid="tag">${esc(t.name)}</em>`).join(" ")}`].filter(Boolean).join(" ");
  const open = f.status === "friend";
  const state = open ? "" : `<div class="sys">${{ requested: "申请已发送，等待对方通过", half: "申请已发送，等待对方通过", lost: "你已删除对方", dropped: "对方已不是你的好友" }[f.status]}</div>`;
  return bar(`${esc(f.name)} <i class="at">@${esc(f.corp_name)}</i>`, ["home", "返回", "back"], open ? ["unfriend", "删除联系人", "more"] : null) + (side ? `<div class="strip">${side}</div>` : "") + `<div class="chat" id="chat" data-testid="chat">${f.messages.map((m) => bubble(m, f)).join("")}${state}</div>` + (open ? `<form class="foot" data-form="say"><input class="say" name="text" autocomplete="off" aria-label="消息" data-testid="say"><button class="wx" data-testid="send">发送</button></form>` : "");
}
function figures() {
  const own = s.log.filter((e) => e.person_id === s.person), last = (kind) => own.filter((e) => e.kind === kind).pop();
  const w = last("welcome"), fr = last("friend"), cb = own.filter((e) => e.kind === "callback").pop();
  const n = (e) => (e && e.seconds !== null ? `${e.seconds.toFixed(1)}<small>秒</small>` : "—");
  const ms = cb ? `${(cb.text.match(/(\d+) 毫秒/) || ["", "—"])[1]}<small>毫秒</small>` : "—";
  return `<dl class="figures"><div><dt>扫码→欢迎语</dt><dd data-testid="scan-to-welcome">${n(w)}</dd></div><div><dt>扫码→成为好友</dt><dd>${n(fr)}</dd></div><div><dt>回调应答</dt><dd>${ms}</dd></div></dl>`;
}
function right() {
  if (s.tab === "log") {
    const rows = s.log.filter((e) => !e.person_id || e.person_id === s.person).slice(-120).reverse().map((e) => `<li class="${esc(e.kind)}" data-testid="log-${esc(e.kind)}"><time>${hms(e.at)}</time><i></i><span>${esc(e.text)}</span><em>${e.seconds === null ? "" : `+${e.seconds.toFixed(1)} 秒`}</em></li>`).join("");
    return figures() + `<div class="scroll"><ul class="log">${rows || '<li class="muted"><span></span><span></span><span>还没有事件。先扫一个码。</span></li>'}</ul></div>`;
  }
  const options = s.corps.flatMap((c) => c.members.filter((m) => m.status !== 5).map((m) => `<option value="${esc(c.corp_id)}/${esc(m.userid)}"${s.staff === `${c.corp_id}/${m.userid}` ? " selected" : ""}>${esc(c.name)} · ${esc(m.name)}</option>`)).join("");
  const v = s.staffView;
  const guests = v ? v.customers.map((g) => guest(g, v)).join("") : "";
  return `<div class="staffpick"><select data-testid="staff" id="staff" aria-label="客服">${options}</select></div><div class="scroll">${guests || '<p class="empty">这位客服还没有客户。</p>'}</div>`;
}
function guest(g, v) {
  const [mark, word] = WORDS[g.status], waits = g.status === "requested" || g.status === "half", live = g.status === "friend";
  const id = `data-ext="${esc(g.external_userid)}"`;
  const checks = live && s.tagging === g.external_userid ? `<div class="checks">${v.tags.map((t) => `<label><input type="checkbox" data-tag="${esc(t.id)}" ${id}${g.tags.some((x) => x.id === t.id) ? " checked" : ""}>${esc(t.name)}</label>`).join("") || "企业还没有标签"}</div>` : "";
  const acts = waits ? `<button class="btn main" data-do="accept" ${id} data-testid="accept">通过</button>` : live ? `<button class="btn" data-do="reply" ${id} data-testid="reply">回复</button><button class="btn" data-do="tagging" ${id} data-testid="tagging">标签</button><button class="btn" data-do="remark" ${id}>备注</button><button class="btn bad" data-do="drop" ${id} data-testid="drop">删除客户</button>` : "";
  return `<article class="guest" data-testid="guest"><header><img class="face" src="/sim/avatar/${esc(g.person_id)}.svg" alt=""><b>${esc(g.nickname)}</b><span class="pill ${mark}">${word}</span></header><p>${[g.remark && `备注 ${esc(g.remark)}`, g.tags.map((t) => esc(t.name)).join("、"), g.state && `state ${esc(g.state)}`].filter(Boolean).join(" · ")}</p>${checks}<div class="acts">${acts}</div></article>`;
}
function draw() {
  put("people-count", s.total ? `${s.total}` : "");
  put("people", s.people.map((p) => `<button class="row" data-do="choose" data-person="${esc(p.person_id)}" data-testid="customer" aria-current="${p.person_id === s.person}"><img src="/sim/avatar/${esc(p.person_id)}.svg" alt=""><span><b>${esc(p.nickname)}</b><small>${esc(p.city)}</small></span></button>`).join("") || '<p class="empty">还没有客户</p>');
  if (s.now) put("clock", hm(s.now));
  const view = { home, scanner, web, confirm, chat }[s.screen];
  const html = (s.person && s.phone ? view() : '<div class="body"><div class="blank"><b>先添加一位客户</b>左上角的「新客户」</div></div>') + (s.toast ? `<div class="toast" role="status" data-testid="toast">${esc(s.toast)}</div>` : "");
  const typing = document.activeElement?.matches("#screen input:not([type=file])") && document.activeElement.value;
  if (!typing && put("screen", html) && $("chat")) $("chat").scrollTop = 1e6;
  if (!document.activeElement?.matches("#right select")) put("right", right());
}
async function refresh() {
  const [people, log] = await Promise.all([call("GET", "/sim/customers?limit=200"), call("GET", `/sim/timeline?after=${s.last}`)]);
  s.people = people.customers || []; s.total = people.total || 0; s.now = log.now;
  for (const e of log.entries || []) { s.log.push(e); s.last = e.id; }
  if (s.log.length > 900) s.log = s.log.slice(-600);
  if (!s.people.some((p) => p.person_id === s.person)) s.person = s.people[0]?.person_id || null;
  if (s.person) s.phone = await call("GET", mine(""));
  if (s.tab === "staff") {
    s.corps = (await call("GET", "/sim/corps")).corps || [];
    const all = s.corps.flatMap((c) => c.members.filter((m) => m.status !== 5).map((m) => `${c.corp_id}/${m.userid}`));
    if (!all.includes(s.staff)) s.staff = all[0] || null;
    s.staffView = s.staff ? await call("GET", `/sim/staff/${s.staff.split("/").map(encodeURIComponent).join("/")}`) : null;
  }
  draw();
}
async function show(next) {
  if (next.kind === "page") { s.version = Date.now(); s.screen = "web"; }
  else if (next.kind === "contact" || next.kind === "group") { s.confirm = next; s.screen = "confirm"; }
  else if (next.error) toast(next.error);
  else if (next.text) toast(`二维码内容：${next.text}`);
  await refresh();
}
async function scanned(body) {
  const next = await call("POST", mine("/scan"), body);
  if (next.kind === "page") localStorage.setItem("recent", JSON.stringify([...new Set([body.text || next.url, ...JSON.parse(localStorage.getItem("recent") || "[]")])].slice(0, 5)));
  if (next.ok) await show(next);
}
const staffCall = (what, d, body) => call("POST", `/sim/staff/${s.staff.split("/").map(encodeURIComponent).join("/")}/${what}`, { external_userid: d.ext, ...body });
const party = () => { const [corp_id, ...rest] = s.chat.split("/"); return { corp_id, userid: rest.join("/") }; };
const actions = {
  "new-customer": async () => { const p = await call("POST", "/sim/customers", {}); s.person = p.person_id; s.screen = "home"; },
  choose: (d) => { s.person = d.person; s.screen = "home"; s.phone = null; },
  home: () => { s.screen = "home"; }, scan: async () => { s.codes = (await call("GET", "/sim/codes")).codes || []; s.screen = "scanner"; },
  close: async () => { await call("POST", mine("/close"), {}); s.screen = "home"; },
  pick: (d) => scanned({ text: d.text }),
  recognise: async () => show(await call("POST", mine("/recognise"), {})),
  add: async (d) => { const r = await call("POST", mine("/add"), { text: s.confirm.text, userid: s.confirm.userid }); if (r.ok) { s.chat = d.chat; s.screen = "chat"; } },
  join: async () => { const r = await call("POST", mine("/join"), { text: s.confirm.text }); if (r.ok) { s.screen = "home"; toast(`已加入 ${r.name}`); } },
  "open-chat": (d) => { s.chat = d.chat; s.screen = "chat"; },
  unfriend: async () => { await call("POST", mine("/delete"), party()); },
  forget: async () => { if (s.person) { await call("DELETE", mine("/cookies")); s.screen = "home"; toast("已换新手机"); } },
  tab: (d) => { s.tab = d.tab; document.querySelectorAll("[role=tab]").forEach((t) => t.setAttribute("aria-selected", String(t.dataset.tab === d.tab))); },
  accept: (d) => staffCall("accept", d), drop: (d) => staffCall("delete", d), tagging: (d) => { s.tagging = s.tagging === d.ext ? null : d.ext; },
  reply: (d) => { const text = prompt("回复客户"); return text ? staffCall("message", d, { text }) : null; },
  remark: (d) => { const remark = prompt("备注，20 字以内"); return remark === null ? null : staffCall("edit", d, { remark }); },
};
document.addEventListener("click", async (event) => {
  const target = event.target.closest("[data-do]");
  if (!target) return;
  target.blur();
  await actions[target.dataset.do](target.dataset);
  await refresh();
});
document.addEventListener("submit", async (event) => {
  event.preventDefault();
  const input = event.target.elements.text, text = input.value.trim();
  input.value = "";
  if (!text) return;
  if (event.target.dataset.form === "scan") await scanned({ text });
  else await call("POST", mine("/message"), { ...party(), text });
  await refresh();
});
document.addEventListener("change", async (event) => {
  const t = event.target;
  if (t.id === "file" && t.files[0]) { const form = new FormData(); form.append("picture", t.files[0]); await scanned(form); }
  if (t.id === "staff") { s.staff = t.value; t.blur(); await refresh(); }
  if (t.dataset.tag) { const tags = [...document.querySelectorAll(`[data-tag][data-ext="${CSS.escape(t.dataset.ext)}"]`)].filter((x) => x.checked).map((x) => x.dataset.tag); await staffCall("edit", t.dataset, { tags }); await refresh(); }
});
document.addEventListener("dragover", (e) => { if (e.target.closest("#drop")) { e.preventDefault(); $("drop").classList.add("over"); } });
document.addEventListener("drop", async (e) => { if (!e.target.closest("#drop")) return; e.preventDefault(); const form = new FormData(); form.append("picture", e.dataTransfer.files[0]); await scanned(form); });
refresh();
setInterval(() => { if (!document.hidden) refresh(); }, 1000);
