/* The pack station works without this file. It keeps the one field in focus, holds what is scanned while an answer is on its way,
   presses the keys that stand on the buttons, sounds, and prints the label. No eval, no inline handlers. */
(() => {
  "use strict";
  const doc = document, one = s => doc.querySelector(s), station = () => one("#station");
  doc.documentElement.classList.add("js");
  const waiting = [];
  let busy = false, audio = null;

  /* ── sound: two tones that nobody mixes up, off for good by a button ── */
  const MUTE = "desk-station-mute";
  const muted = () => { try { return localStorage.getItem(MUTE) === "1"; } catch { return false; } };
  const TONES = { good: [[880, 0, .09]], done: [[660, 0, .1], [990, .11, .16]], print: [[660, 0, .1], [990, .11, .16]], next: [[660, 0, .08], [880, .09, .08], [1320, .18, .16]], bad: [[180, 0, .22], [140, .25, .35]] };
  function sound(name) {
    if (!TONES[name] || muted() || !window.AudioContext) return;
    try {
      audio = audio || new AudioContext();
      for (const [pitch, at, length] of TONES[name]) {
        const tone = audio.createOscillator(), gain = audio.createGain(), start = audio.currentTime + at;
        tone.type = name === "bad" ? "square" : "sine"; tone.frequency.value = pitch;
        gain.gain.setValueAtTime(.25, start); gain.gain.exponentialRampToValueAtTime(.001, start + length);
        tone.connect(gain).connect(audio.destination); tone.start(start); tone.stop(start + length);
      }
    } catch { /* no sound card: the colour and the shape say it too */ }
  }
  function mark() {
    const b = one("[data-mute]");
    if (!b) return;
    b.setAttribute("aria-pressed", muted());
    const use = b.querySelector("use"), name = muted() ? "i-volume-x" : "i-volume-2";
    if (use) use.setAttribute("href", use.getAttribute("href").replace(/#.*/, "#" + name));
  }
  doc.addEventListener("click", e => {
    const b = e.target.closest?.("[data-mute]");
    if (!b) return;
    try { localStorage.setItem(MUTE, muted() ? "" : "1"); } catch { return; }
    mark(); one("[data-focus]")?.focus();
  });

  /* ── keys: F2, F4, F6, F7, F8 and Esc press the button that says so; a stopped station takes nothing else ── */
  const press = k => {
    const b = one(`[data-fn="${k}"]`);
    if (!b) return false;
    if (window.htmx && b.matches("[hx-get]")) ask(b, "GET", b.getAttribute("hx-get"));
    else if (window.htmx && b.form?.matches("[hx-post]")) ask(b.form, "POST", b.form.getAttribute("hx-post"));
    else b.click();
    return true;
  };
  let touched = 0;
  doc.addEventListener("keydown", e => {
    touched = performance.now();
    if (e.isComposing || e.altKey || e.ctrlKey || e.metaKey) return;
    if (/^(F2|F4|F6|F7|F8|Escape)$/.test(e.key)) {
      /* While an answer is on its way the key waits its turn among the codes, and counts for the order it was pressed at. */
      if (busy) { waiting.push({ key: e.key, order: order(), button: one(`[data-fn="${e.key}"]`) }); e.preventDefault(); } else if (press(e.key)) e.preventDefault();
      return;
    }
    const field = one("[data-focus]");
    if (e.key.length === 1 && field && !/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(doc.activeElement?.tagName || "")) field.focus();
  }, true);

  /* ── the field: the next code may be typed before the answer to the last one is there, and none is lost ── */
  const scan = () => one("form.scan"), order = () => one("form.scan [name=order]")?.value;
  doc.addEventListener("submit", e => {
    const form = e.target.closest("form.scan"), stop = () => { e.preventDefault(); e.stopImmediatePropagation(); };
    if (!form) { if (busy) stop(); return; }
    const field = form.elements.code;
    if (field.readOnly) { stop(); sound("bad"); return; }
    if (!window.htmx) return;
    stop();
    along(field);
    const code = typed;
    field.value = typed = "";
    if (busy) waiting.push({ code }); else send(form, code);
  }, true);
  /* Asked for here and not by the own event of form or link: htmx takes a moment to see what is new on the page, and an event
     comes to nothing while its form is being replaced. */
  function ask(source, verb, url, values = {}) {
    busy = true;
    htmx.ajax(verb, url, { source, target: "#station", swap: "outerHTML", values });
  }
  const send = (form, code) => ask(form, "POST", form.getAttribute("action"), { code });
  doc.addEventListener("htmx:before:request", () => { busy = true; });
  /* What is half typed goes along into the next field. */
  let typed = "", last = null;
  function along(field) {
    if (field !== last) { if (typed) field.value = typed + field.value; last = field; }
    typed = field.value;
  }
  doc.addEventListener("input", e => { if (e.target.id === "code") along(e.target); });
  doc.addEventListener("htmx:after:swap", () => { busy = false; settle(); });
  /* What is no answer of the station is not put in its place. */
  doc.addEventListener("htmx:before:response", e => {
    const { ctx } = e.detail, status = ctx.response.status;
    if (status < 400 || status === 409 || status === 422 || ctx.hx.redirect) return;
    e.preventDefault();
    lost("The desk did not answer", "Nothing was counted. Scan it again; if that fails, reload the page.");
  });
  doc.addEventListener("htmx:error", () => lost("The desk cannot be reached", "Nothing was counted. Scan it again in a moment."));
  function lost(title, text) {
    const bar = one(".verdict");
    busy = false; waiting.length = 0; sound("bad");
    if (!bar) return;
    bar.className = "verdict verdict--bad"; bar.setAttribute("role", "alert");
    const b = bar.querySelector("b"), p = bar.querySelector("p") || b.parentNode.appendChild(doc.createElement("p"));
    b.textContent = title; p.textContent = text;
    one("[data-focus]")?.focus();
  }
  /* The label opens in a frame of its own, outside of what the next answer replaces, and goes to the printer from there. */
  let printed = "";
  function paper(link) {
    if (!link || link.dataset.print === printed) return;
    printed = link.dataset.print;
    doc.querySelectorAll("iframe.papers[data-done]").forEach(f => f.remove());
    const frame = doc.createElement("iframe");
    frame.className = "papers"; frame.title = "Label"; frame.tabIndex = -1; frame.setAttribute("aria-hidden", "true");
    /* While a browser prints it drops what is typed: a code that is just coming in is let through first. */
    frame.addEventListener("load", function quiet() {
      if (performance.now() - touched < 400) { setTimeout(quiet, 100); return; }
      frame.dataset.done = "";
      try { frame.contentWindow.print(); } catch { /* this browser keeps its viewer to itself: the link prints */ }
      one("[data-focus]")?.focus();
    });
    frame.src = link.href;
    doc.body.append(frame);
  }
  function settle() {
    const s = station(), field = one("[data-focus]"), form = scan(), code = one("#code");
    mark(); sound(s?.dataset.sound);
    if (field) {
      field.focus({ preventScroll: true });
      if (field.defaultValue && field.value === field.defaultValue) field.select();
    }
    one(".piece--now")?.scrollIntoView({ block: "nearest" });
    paper(one("[data-print]"));
    if (s?.hasAttribute("data-stop") || !form || !code) {
      /* Of what was typed ahead nothing counts here but a key for what is on this very screen. */
      const seen = waiting.find(w => w.button?.isConnected);
      waiting.length = 0; typed = ""; last = code;
      if (seen) press(seen.key);
      return;
    }
    along(code);
    while (waiting.length && !busy) {
      const next = waiting.shift();
      if (!next.key) send(form, next.code);
      else if (next.order === order()) press(next.key);
    }
  }
  settle();
})();
