/* The desk works without this file. It adds keys, the moving row, dialogs, countdowns and the theme switch;
   everything that is loaded into a page is htmx's, declared in the markup. No eval, no inline handlers. */
(() => {
  "use strict";
  const doc = document, one = (s, e = doc) => e.querySelector(s), all = (s, e = doc) => [...e.querySelectorAll(s)];
  const wide = matchMedia("(min-width: 56.25em)");
  const typing = e => e && (e.isContentEditable || /^(TEXTAREA|SELECT)$/.test(e.tagName) ||
    (e.tagName === "INPUT" && !/^(checkbox|radio|button|submit)$/.test(e.type)));
  const shown = e => e.getClientRects().length > 0;
  doc.documentElement.classList.add("js");

  /* ── rows: j, k, x, o ── */
  const rows = () => all(".row__link").filter(shown);
  const row = () => doc.activeElement?.closest?.(".row") || one(".row--at") || one(".row--here");
  let place = 0, mark = "";
  function at(link) {
    all(".row--at").forEach(r => r.classList.remove("row--at"));
    link.closest(".row").classList.add("row--at");
    place = rows().indexOf(link); mark = link.id;
    link.focus({ preventScroll: true });
    link.scrollIntoView({ block: "nearest" });
  }
  function step(by) {
    const list = rows(), now = row();
    const i = now ? list.indexOf(one(".row__link", now)) : -1;
    const to = list[Math.min(Math.max(i < 0 ? place : i + by, 0), list.length - 1)];
    if (to) at(to);
  }
  /* A row opens in the reading pane where there is one; elsewhere its link is followed. */
  function read(link) {
    const pane = one("#reader");
    if (!pane || !shown(pane) || !window.htmx) return false;
    const dirty = one("form[data-draft].is-dirty", pane);
    if (dirty) htmx.trigger(dirty, "desk:keep");
    htmx.ajax("GET", link.href, { target: "#reader", swap: "innerHTML", source: link }).then(() => {
      pane.scrollTop = 0;
      all(".row--here").forEach(r => r.classList.remove("row--here"));
      all(".row__link[aria-current]").forEach(r => r.removeAttribute("aria-current"));
      const li = one(`[id="${link.id}"]`);
      li?.setAttribute("aria-current", "true");
      li?.closest(".row").classList.add("row--here");
      const row = li?.closest(".row");
      row?.classList.remove("row--new");
      if (row) all(".row__new, .row__new + .sr", row).forEach(x => x.remove());
      here(link.dataset.id);
    });
    return true;
  }
  /* The address and the list's poll know what is being read, so that a reload and every update show it again. */
  function here(id) {
    const url = new URL(location.href), list = one("#list[hx-get]");
    url.searchParams.set("here", id);
    history.replaceState(history.state, "", url);
    if (!list) return;
    const poll = new URL(list.getAttribute("hx-get"), location.href);
    poll.searchParams.set("here", id);
    list.setAttribute("hx-get", poll.pathname + poll.search);
  }
  doc.addEventListener("click", e => {
    const t = e.target.closest?.("a, button, [data-dismiss]");
    if (!t || e.defaultPrevented) return;
    const plain = !(e.ctrlKey || e.metaKey || e.shiftKey || e.altKey || e.button);
    if (t.matches(".row__link") && plain && read(t)) e.preventDefault();
    else if (t.matches("[data-peek]") && plain && read(doc.getElementById(t.dataset.peek))) e.preventDefault();
    else if (t.matches("[data-dialog]") && plain) {
      const d = doc.getElementById(t.dataset.dialog);
      if (d?.showModal) { e.preventDefault(); d.showModal(); }
    } else if (t.matches("[data-open]")) { keys(); t.closest("details")?.removeAttribute("open"); }
    else if (t.matches("[data-dismiss]")) t.closest(".toast, .notice")?.remove();
    else if (t.matches("[data-close]")) t.closest("dialog")?.close();
    else if (t.matches("[data-print]")) print();
  });
  doc.addEventListener("click", e => all("details.menu[open]").forEach(d => d.contains(e.target) || d.removeAttribute("open")));

  /* ── bulk: the bar counts what is ticked ── */
  function count() {
    const bar = one("#bulk");
    if (!bar) return;
    const n = all('input[name="ids"]:checked').length;
    bar.classList.toggle("is-on", n > 0);
    all("[data-count]", bar).forEach(c => { c.textContent = n; });
  }
  doc.addEventListener("change", e => {
    if (e.target.matches("[data-all]")) all('input[name="ids"]').forEach(c => { c.checked = e.target.checked; });
    count();
  });

  /* ── keys: every [data-key] on the page; "g a" is two strokes ── */
  let first = "", timer = 0;
  const stroke = e => (e.ctrlKey || e.metaKey ? "ctrl+" : "") + (e.key.length === 1 ? e.key : e.key.toLowerCase()).replace("escape", "esc");
  /* In a shut menu a control has a key as well; a visible one comes first. */
  const usable = e => shown(e) || e.closest(".menu");
  const forKey = k => all("[data-key]").filter(e => e.dataset.key === k && !e.disabled && (usable(e) || k.includes(" "))).sort((a, b) => shown(b) - shown(a));
  /* Of several things that can be undone, the last one is meant. */
  const hit = k => { const found = forKey(k); return k === "z" ? found.filter(e => e.closest(".toast")).at(-1) || found[0] : found[0]; };
  /* A key may be faster than htmx, which takes a moment to see what has just been put into the page. */
  function press(e) {
    if (window.htmx && e.matches("[hx-get], [hx-post]") && !("htmxPowered" in e.dataset)) htmx.process(e);
    typing(e) ? e.focus() : e.click();
  }
  doc.addEventListener("keydown", e => {
    if (e.isComposing || e.altKey || e.defaultPrevented) return;
    const k = stroke(e), inField = typing(e.target), modal = one("dialog[open]");
    if (k === "ctrl+enter") {
      /* Outside of any form the one button of the page that bears the key is meant. */
      const form = e.target.form || one("form[data-draft]"), every = all('[data-key="ctrl+enter"]').filter(shown);
      const b = form ? one('[data-key="ctrl+enter"]', form) : every.length === 1 && every[0];
      if (b) { e.preventDefault(); b.form.requestSubmit(b); }
      return;
    }
    const slash = k === "enter" && e.target.id === "c-text" && one("[data-insert]", e.target.form);
    if (slash) {  // a line of / and words asks for the saved reply of that title
      const at = e.target.selectionStart, line = e.target.value.slice(e.target.value.lastIndexOf("\n", at - 1) + 1, at);
      if (/^\/[\p{L}\d][^/]*$/u.test(line)) { e.preventDefault(); e.target.form.requestSubmit(slash); return; }
    }
    if (k === "esc") {
      if (modal) return;
      const menu = one("details.menu[open]");
      if (menu) { menu.removeAttribute("open"); one("summary", menu).focus(); }
      else if (inField) {
        e.target.blur();
        const here = one(".row--at .row__link") || one(".row--here .row__link");
        (here || one("#main")).focus({ preventScroll: true });
      }
      return;
    }
    if (inField || modal || e.ctrlKey || e.metaKey) return;
    const seq = first ? first + " " + k : k;
    clearTimeout(timer); first = "";
    const control = hit(seq);
    if (control) { e.preventDefault(); press(control); return; }
    if (!seq.includes(" ") && all("[data-key]").some(x => x.dataset.key.startsWith(k + " "))) {
      first = k; timer = setTimeout(() => { first = ""; }, 1200); return;
    }
    const done = () => e.preventDefault();
    if (k === "?") { done(); keys(); }
    else if (k === "/") { done(); const f = one("#find"); f.focus(); f.select(); }
    else if (k === "j" || k === "k") { if (rows().length) { done(); step(k === "j" ? 1 : -1); } }
    else if (k === "x") { const c = row() && one('input[name="ids"]', row()); if (c) { done(); c.click(); } }
    else if (k === "o" || k === "enter") {
      if (k === "enter" && e.target.closest?.("a, button, summary, input")) return;
      const l = row() && one(".row__link", row());
      if (l) { done(); l.click(); }
    }
  });

  /* The sheet lists what this page offers, with the words of its own controls. */
  function keys() {
    const d = one("#keys");
    if (!d || d.open) return;
    for (const name of ["go", "page"]) {
      const box = one(`[data-keys="${name}"]`, d), dl = one("dl", box), seen = new Set();
      dl.replaceChildren();
      for (const e of all("[data-key]")) {
        const k = e.dataset.key;
        if (seen.has(k) || k.startsWith("g ") !== (name === "go") || (name === "page" && !usable(e))) continue;
        seen.add(k);
        const copy = e.cloneNode(true);
        all("kbd, .n, svg", copy).forEach(x => x.remove());
        const dt = doc.createElement("dt"), dd = doc.createElement("dd");
        dt.textContent = (e.dataset.keyName || copy.textContent.trim() || e.title || e.ariaLabel || "").replace(/\s+/g, " ");
        for (const part of k.split(" ")) {
          const kbd = doc.createElement("kbd");
          kbd.textContent = { "ctrl+enter": "Ctrl ↵", enter: "↵", esc: "Esc" }[part] || part;
          dd.append(kbd);
        }
        dl.append(dt, dd);
      }
      box.hidden = !seen.size;
    }
    one('[data-keys="rows"]', d).hidden = !rows().length;
    d.showModal();
  }

  /* ── toasts: the ring drains as long as the server said; then nothing can be taken back ── */
  function toasts() {
    for (const r of all("[data-ring]:not([data-run])")) {
      r.dataset.run = "";
      one("circle:last-child", r).getAnimations().forEach(a => { a.effect.updateTiming({ duration: Number(r.dataset.ring) * 1000 }); });
    }
    for (const s of all("[data-leaves]:not([data-run])")) {
      s.dataset.run = "";
      const end = Date.now() + Number(s.dataset.leaves) * 1000, tick = setInterval(() => {
        const left = Math.ceil((end - Date.now()) / 1000);
        s.textContent = left > 0 ? `Leaves in ${left} s` : "Leaving now";
        if (left > 0 && s.isConnected) return;
        clearInterval(tick);
        if (s.isConnected) look("#thread", 1500);
      }, 500);
    }
    /* What is done to one order stroke after stroke is told once: the last of it, with the undo that belongs to it. */
    all('.toast[id^="toast-"]').forEach((t, i, every) => { if (every.slice(i + 1).some(o => o.id === t.id)) t.remove(); });
    /* What stands in the panel to be read first is brought into view. */
    for (const a of all('#side [role="alert"]:not([data-run])')) { a.dataset.run = ""; a.scrollIntoView({ block: "nearest" }); }
    /* The same complaint twice is one complaint. */
    all('.toast[role="alert"]').forEach((t, i, every) => { if (every.slice(i + 1).some(o => o.textContent === t.textContent)) t.remove(); });
    for (const t of all("[data-toast]:not([data-run])")) {
      t.dataset.run = "";
      const end = Date.now() + Number(t.dataset.toast) * 1000, ring = one(".ring circle:last-child", t), say = one("[data-left]", t);
      if (ring) ring.getAnimations().forEach(a => { a.effect.updateTiming({ duration: end - Date.now() }); a.currentTime = 0; });
      const life = Number(t.dataset.toast) ? end : Date.now() + 6000;
      if (t.getAttribute("role") === "alert") continue;
      const tick = setInterval(() => {
        const left = Math.ceil((life - Date.now()) / 1000);
        if (say) say.textContent = Math.max(left, 0);
        if (left > 0 && t.isConnected) return;
        if (!ring && t.contains(doc.activeElement)) return;
        clearInterval(tick); t.remove();
      }, 500);
    }
  }

  /* ── drafts: marked dirty while typing, clean once the server has them ── */
  doc.addEventListener("input", e => {
    const f = e.target.form;
    if (!f?.matches("[data-draft]")) return;
    f.classList.add("is-dirty");
    const s = one("[data-saved]", f);
    if (s) s.textContent = "Saving…";
  });
  /* Leaving the page keeps what was typed since the last saving; only without a connection does one have to be asked. */
  addEventListener("beforeunload", e => { if (doc.body.classList.contains("is-offline") && one("form[data-draft].is-dirty")) e.preventDefault(); });
  addEventListener("pagehide", () => all("form[data-draft].is-dirty").forEach(f => {
    const form = new FormData(f), to = one("[data-saved]", f).getAttribute("hx-post");
    form.delete("files");
    navigator.sendBeacon(to, new URLSearchParams([...form]));
  }));
  doc.addEventListener("submit", e => { e.target.classList?.remove("is-dirty"); all("form[data-draft]").forEach(f => f === e.target && f.classList.remove("is-dirty")); });

  /* ── live parts: never in a hidden tab, never over a focus or an open draft ── */
  doc.addEventListener("htmx:before:request", e => {
    const s = e.detail?.ctx?.sourceElement;
    if (s?.hasAttribute?.("data-poll") && (doc.hidden || one("dialog[open]") || s.matches(":active"))) e.preventDefault();
    if (s?.hasAttribute?.("data-here") && doc.hidden) e.preventDefault();
  });
  /* An error page belongs to nobody's target: the desk's own errors say where they go, anything else (a proxy's page) becomes
     one plain sentence. A poll that fails says nothing; the dot in the top bar turns red, and the next one tries again. */
  const shaken = status => doc.body.classList.toggle("is-offline", status >= 500);
  doc.addEventListener("htmx:before:response", e => {
    const { ctx } = e.detail, status = ctx.response.status, s = ctx.sourceElement;
    if (status < 400 || ctx.hx.redirect) return;
    if (s?.matches?.("[data-saved]")) { shaken(status); unsaved(); e.preventDefault(); }
    else if (s?.matches?.("[data-poll], [data-here]")) { shaken(status); e.preventDefault(); }
    else if (status >= 500 && !ctx.hx.retarget) { shaken(status); say("The desk did not answer. What you typed is kept; try again in a moment."); e.preventDefault(); }
  });
  function unsaved() {
    const s = one("form[data-draft].is-dirty [data-saved]");
    if (s) s.textContent = "Not saved yet; it is tried again as you type";
  }
  function say(words) {
    const box = one("#toasts"), toast = doc.createElement("div"), text = doc.createElement("span"), shut = doc.createElement("button");
    if (!box) return;
    toast.className = "toast"; toast.dataset.toast = "0"; toast.setAttribute("role", "alert");
    text.textContent = words;
    shut.className = "btn btn--s"; shut.type = "button"; shut.dataset.dismiss = ""; shut.textContent = "Dismiss";
    toast.append(text, shut); box.append(toast); toasts();
  }
  const look = (what, after = 0) => setTimeout(() => { const e = one(what); if (e) htmx.trigger(e, "desk:look"); }, after);
  /* An answer may show another conversation than the one on screen (a merge, a split, an undo): then nothing of the old
     one may stay, least of all its composer. What was typed there is saved first. */
  doc.addEventListener("htmx:before:swap", e => {
    for (const task of e.detail?.tasks || []) {
      const next = one("#case[data-of]", task.fragment), target = typeof task.target === "string" ? one(task.target) : task.target;
      if (!next || !target?.matches?.("[data-conversation]")) continue;
      const now = one("#case[data-of]", target);
      if (now?.dataset.of === next.dataset.of) continue;
      const dirty = one("form[data-draft].is-dirty", target);
      if (dirty) htmx.trigger(dirty, "desk:keep");
      task.swapSpec = { ...task.swapSpec, style: "innerHTML" };
      if (target.id === "reader") here(next.dataset.of); else history.replaceState(history.state, "", next.dataset.url);
    }
  });
  doc.addEventListener("htmx:before:swap", e => {
    const s = e.detail?.ctx?.sourceElement, f = s?.form || s?.closest?.("form");
    if (f?.matches?.("[data-draft]") && e.detail.ctx.response?.status < 300) f.classList.remove("is-dirty");
  });
  /* An act's form arrives in #act: open it. Once the act is done, its answer went elsewhere: shut it. */
  function act(e) {
    const d = one("#act"), ctx = e?.detail?.ctx;
    if (!d) return;
    const done = ctx && ctx.request?.method !== "GET" && d.contains(ctx.sourceElement) && ctx.response?.status < 400;
    if (d.open && (done || !d.childElementCount)) d.close();
    else if (!d.open && d.childElementCount) d.showModal();
  }
  doc.addEventListener("close", e => { if (e.target.id === "act") e.target.replaceChildren(); }, true);
  function settle(e) {
    const ctx = e?.detail?.ctx, from = ctx?.sourceElement;
    if (ctx?.request?.method === "POST" && ctx.response?.status < 400 && !from?.matches?.("[data-here], [data-saved]")) look("#list");
    if (ctx?.request?.method === "POST" && ctx.response?.status < 400) {
      all(".toast form").filter(f => f.action === new URL(ctx.request.action, location.href).href).forEach(f => f.closest(".toast").remove());
      if (from?.matches?.("form[data-draft], #composer")) stick = true;
    }
    if (stick) all("#thread").forEach(end);
    stick = false;
    const here = mark && doc.getElementById(mark);
    if (here && !one(".row--at")) here.closest(".row").classList.add("row--at");
    act(e); toasts(); count(); title(); all("[data-scroll-end]:not([data-at-end])").forEach(end); }
  /* Who reads the end of a thread sees what comes; who reads further up is left alone. */
  let stick = false;
  doc.addEventListener("htmx:before:swap", e => {
    const t = one("#thread");
    if (t && e.detail?.ctx?.sourceElement === t) stick = t.scrollHeight - t.scrollTop - t.clientHeight < 48;
  });
  /* A thread opens at its end, but never below the first line of what the customer wrote last. */
  function end(e) {
    e.dataset.atEnd = "";
    e.scrollTop = e.scrollHeight;
    const last = all(".mail:not(.mail--ours)", e).at(-1);
    const over = last ? e.getBoundingClientRect().top + 16 - last.getBoundingClientRect().top : 0;
    if (over > 0) e.scrollTop -= over;
  }
  doc.addEventListener("htmx:after:swap", settle);
  doc.addEventListener("htmx:error", e => {
    doc.body.classList.add("is-offline");
    if (e.detail?.ctx && !e.detail.ctx.sourceElement?.matches?.("[data-poll], [data-here], [data-saved]")) say("The desk cannot be reached. What you typed is still here; try again in a moment.");
    unsaved();
  });
  doc.addEventListener("htmx:after:request", () => doc.body.classList.remove("is-offline"));

  /* The number in the tab: what waits for an answer. */
  function title() {
    const n = one("[data-waiting]")?.dataset.waiting;
    if (n !== undefined) doc.title = (Number(n) ? `(${n}) ` : "") + doc.title.replace(/^\(\d+\) /, "");
  }

  /* ── the order beside the mail: words and line light up together, the picker walks by arrow keys ── */
  let lit = "";
  function light(k, place) {
    if (k === lit && one(".is-lit")) return;
    lit = k;
    all(".is-lit").forEach(e => e.classList.remove("is-lit"));
    if (k) all(`[data-k="${k}"]:not(.ln__to)`, place).forEach(e => e.classList.add("is-lit"));
  }
  const numbered = e => e.target.closest?.("[data-conversation] [data-k]");
  for (const [on, off] of [["mouseover", "mouseout"], ["focusin", "focusout"]]) {
    doc.addEventListener(on, e => { const n = numbered(e); if (n) light(n.dataset.k, n.closest("[data-conversation]")); });
    doc.addEventListener(off, e => {
      if (!numbered(e)) return;
      const stays = doc.activeElement?.closest?.("[data-conversation] [data-k]");
      light(on === "mouseover" && stays ? stays.dataset.k : "", stays?.closest("[data-conversation]"));
    });
  }
  /* A number leads to its other half; where only one of them is on screen, the address shows the other tab. */
  doc.addEventListener("click", e => {
    const n = e.target.closest?.(".ln__to, .span[data-k]"), place = n?.closest("[data-conversation]");
    if (!place || e.ctrlKey || e.metaKey || e.shiftKey) return;
    const other = all(n.matches(".span") ? `#side [data-k="${n.dataset.k}"]` : `.span[data-k="${n.dataset.k}"]`, place).at(n.matches(".span") ? 0 : -1);
    if (!other) return;
    if (!shown(other)) location.hash = n.matches(".span") ? "#side" : "#thread";
    e.preventDefault();
    other.scrollIntoView({ block: "nearest" });
    (n.matches(".span") ? one(".qty, a, button", other) || other : other).focus({ preventScroll: true });
    light(n.dataset.k, place);
  });
  doc.addEventListener("keydown", e => {
    const box = e.target.closest?.("[data-picker]");
    if (!box || e.isComposing || !/^(ArrowDown|ArrowUp|Enter)$/.test(e.key)) return;
    const found = all("[data-found]", box), i = found.indexOf(e.target), field = one("[data-pick]", box);
    if (e.key === "Enter") { if (e.target === field) { e.preventDefault(); found[0]?.click(); } return; }
    if (e.target !== field && i < 0) return;
    e.preventDefault();
    (found[i + (e.key === "ArrowDown" ? 1 : -1)] || (e.key === "ArrowUp" ? field : found[i] || found[0]))?.focus();
  });
  /* What others change shows at once, but never over a form that somebody fills, what is half typed, or what has to be read first. */
  const busyIn = side => one("[data-edit], [role=alert], [aria-invalid=true]", side) || (side.contains(doc.activeElement) && typing(doc.activeElement) && doc.activeElement.value !== doc.activeElement.defaultValue) || one("details.menu[open]", side);
  doc.addEventListener("htmx:before:swap", e => {
    const side = one("#side"), from = e.detail?.ctx?.sourceElement;
    if (!side || !from?.matches?.("[data-poll]") || !busyIn(side)) return;
    const tasks = e.detail.tasks || [], its = t => (typeof t.target === "string" ? one(t.target.replace(/^.*?(?=#)/, "")) : t.target) === side;
    for (let i = tasks.length - 1; i >= 0; i--) if (its(tasks[i])) tasks.splice(i, 1);
  });
  doc.addEventListener("htmx:before:request", e => {
    const s = e.detail?.ctx?.sourceElement, n = s?.matches?.(".ln__qty") && one(".qty", s);
    if (n && (n.value === "" || n.value === n.defaultValue) && !n.ariaInvalid) e.preventDefault();
  });

  /* ── theme: a cookie, so that the server paints the next page right at once ── */
  doc.addEventListener("submit", e => {
    const f = e.target;
    if (!f.matches?.("[data-theme-form]") || !e.submitter) return;
    e.preventDefault();
    const v = e.submitter.value, root = doc.documentElement;
    doc.cookie = `theme=${v}; path=/; max-age=${v ? 31536000 : 0}; samesite=lax`;
    if (v) root.dataset.theme = v; else delete root.dataset.theme;
    all("button[name=theme]", f).forEach(b => b.setAttribute("aria-pressed", b.value === v));
  });

  /* ── tabs: the one that is shown is in sight where they do not all fit ── */
  all(".tabs [aria-current]").forEach(t => { const bar = t.closest(".tabs"); bar.scrollLeft = t.offsetLeft - bar.offsetLeft - (bar.clientWidth - t.offsetWidth) / 2; });
  /* ── what has to change has the cursor, where the page gives it to nothing else: it may lie below the edge ── */
  const wrong = one("[autofocus]") ? null : one(':is(input, select, textarea)[aria-invalid="true"], fieldset[aria-invalid="true"] input');
  wrong?.focus();
  settle();
})();
