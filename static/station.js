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

  /* ── keys: F2, F4, F6, F8 and Esc press the button that says so; a stopped station takes nothing else ── */
  const press = k => {
    const b = one(`[data-fn="${k}"]`);
    if (!b) return false;
    if (window.htmx && b.matches("[hx-get]")) htmx.process(b);
    b.click();
    return true;
  };
  doc.addEventListener("keydown", e => {
    if (e.isComposing || e.altKey || e.ctrlKey || e.metaKey) return;
    if (/^(F2|F4|F6|F8|Escape)$/.test(e.key)) { if (press(e.key)) e.preventDefault(); return; }
    const field = one("[data-focus]");
    if (e.key.length === 1 && field && !/^(INPUT|SELECT|TEXTAREA|BUTTON|A)$/.test(doc.activeElement?.tagName || "")) field.focus();
  }, true);

  /* ── the field: what is scanned while an answer is on its way waits for its turn ── */
  const scan = () => one("form.scan");
  doc.addEventListener("submit", e => {
    if (e.target !== scan()) return;
    const field = one("#code");
    if (field.readOnly) { e.preventDefault(); e.stopImmediatePropagation(); sound("bad"); return; }
    if (!busy) return;
    e.preventDefault(); e.stopImmediatePropagation();
    waiting.push(field.value); field.value = "";
  }, true);
  doc.addEventListener("htmx:before:request", e => {
    busy = true;
    if (e.detail?.ctx?.sourceElement === scan()) { const field = one("#code"); field.value = ""; }
  });
  let begun = "";
  doc.addEventListener("htmx:before:swap", () => { const field = one("#code"); begun = field && doc.activeElement === field ? field.value : ""; });
  doc.addEventListener("htmx:after:swap", () => { busy = false; settle(); });
  doc.addEventListener("htmx:error", () => { busy = false; waiting.length = 0; sound("bad"); });
  function settle() {
    const s = station(), field = one("[data-focus]");
    mark(); sound(s?.dataset.sound);
    if (field) {
      field.focus({ preventScroll: true });
      if (field.id === "found") field.select();
      else if (field.id === "code" && field.value) field.select();
    }
    one(".piece--now")?.scrollIntoView({ block: "nearest" });
    for (const frame of doc.querySelectorAll("iframe[data-print]:not([data-run])")) {
      frame.dataset.run = "";
      frame.addEventListener("load", () => { try { frame.contentWindow.print(); } catch { /* the link beside it prints */ } field?.focus(); });
    }
    if (s?.hasAttribute("data-stop")) { waiting.length = 0; begun = ""; return; }
    const form = scan(), code = one("#code");
    if (!form || !code) return;
    if (begun && !code.value) { code.value = begun; begun = ""; code.setSelectionRange(code.value.length, code.value.length); }
    if (waiting.length) {
      const rest = code.value;
      code.value = waiting.shift();
      if (window.htmx) htmx.process(form);
      form.requestSubmit();
      one("#code").value = rest;
    }
  }
  settle();
})();
