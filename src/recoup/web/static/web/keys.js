// One key, one act. An element says its key: data-key="p" is clicked, data-key-focus="/" is focused.
// Keys rest while a person types; Escape leaves the field. In lists, data-key-rows marks the rows
// that j and k (or the arrows) walk over and Enter opens.
//
// Nobody waits for a machine: keys pressed before the page is ready, or while an answer that will
// replace what is worked on is under way, are kept and pressed again when it has come. So a fast
// hand loses no key, and no key goes to the person who was there before.
(() => {
  const WAITS_MS = 8000;
  const BOUNCE_MS = 300;
  const modified = (event) => event.ctrlKey || event.metaKey || event.altKey;
  const typing = (target) =>
    target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const shown = (element) => element.offsetParent !== null && !element.disabled;
  // The key as it is, or what it is without Shift and Caps Lock.
  // What the page itself offers comes before the bar.
  const find = (attribute, key) => {
    const found = [key, key.toLowerCase()]
      .flatMap((name) => [...document.querySelectorAll(`[${attribute}="${CSS.escape(name)}"]`)])
      .filter(shown);
    return found.find((one) => one.closest("main")) || found[0];
  };
  const walk = (step) => {
    const rows = [...document.querySelectorAll("[data-key-rows] [data-row]")].filter(shown);
    if (!rows.length) return false;
    const here = rows.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = rows[Math.max(0, Math.min(rows.length - 1, here + step))];
    rows.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
    next.scrollIntoView({ block: "nearest" });
    next.dispatchEvent(new CustomEvent("recoup:chosen", { bubbles: true }));
    return true;
  };
  const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

  // What is awaited: the page, a chosen row's request, a request that replaces what is worked on.
  const awaited = new Map();
  const kept = [];
  let sent = {}; // the key that was acted on last, and when
  const wait = (what, kind) => {
    awaited.set(what, kind);
    setTimeout(() => come(what), WAITS_MS); // a wait has an end, whatever happens
  };
  const come = (what) => {
    if (!awaited.delete(what)) return;
    while (!awaited.size && kept.length) press(kept.shift());
  };
  const waits = (event) => {
    if (!awaited.size || (typing(event.target) && !event.target.closest("#pane, #case"))) return false;
    // Walking past a row whose person is still on the way only chooses another.
    const onlyChoosing = [...awaited.values()].every((kind) => kind === "choice");
    return !(onlyChoosing && !kept.length && event.key in STEPS && !typing(event.target));
  };
  const keep = (event) => {
    if (event.isComposing || ["Shift", "CapsLock", "Process"].includes(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Held down, or pressed twice for want of an answer: one press is meant.
    const again = event.key === sent.key && !kept.length && [...awaited.values()].includes("answer");
    const impatient = again && (event.key === "Enter" || event.timeStamp - sent.at < BOUNCE_MS);
    if (!event.repeat && !impatient) kept.push(event.key);
  };
  // Press a kept key where the page now stands; what a browser does by itself is done here.
  const press = (key) => {
    sent = { key, at: performance.now() };
    const at = document.activeElement || document.body;
    const pressed = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
    if (!at.dispatchEvent(pressed)) return;
    const field = typing(at);
    if (field && key.length === 1) document.execCommand("insertText", false, key);
    else if (field && key === "Enter" && at.form && !at.matches("textarea"))
      at.form.requestSubmit(at.form.querySelector("button:not([type=button])"));
    else if (key === "Enter" && at.matches("a, button, summary")) at.click();
  };

  window.addEventListener(
    "keydown",
    (event) => {
      if (!event.isTrusted || modified(event)) return;
      if (waits(event)) keep(event);
      else sent = { key: event.key, at: event.timeStamp };
    },
    true,
  );
  window.addEventListener("pointerdown", () => (sent = {}), true);
  wait("page", "page");
  // After the other scripts that wait for the same event.
  document.addEventListener("DOMContentLoaded", () => setTimeout(() => come("page")));
  document.addEventListener("recoup:chosen", (event) => {
    if (event.target.hasAttribute("hx-get")) wait(event.target, "choice");
  });
  document.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    const place = ctx.target instanceof Element && ctx.target.closest("#pane, #case");
    if (place) wait(ctx, awaited.has(ctx.sourceElement) ? "choice" : "answer");
    come(ctx.sourceElement);
  });
  // The first is told where the answer stands, the second also when there is none.
  document.addEventListener("htmx:finally:swap", ({ detail: { ctx } }) => come(ctx));
  document.addEventListener("htmx:finally:request", ({ detail: { ctx } }) => come(ctx));

  document.addEventListener("keydown", (event) => {
    if (modified(event)) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target)) return;
    if (event.key in STEPS && walk(STEPS[event.key])) return event.preventDefault();
    if (event.key === "Enter" && !event.target.closest("a, button")) {
      const row = document.querySelector('[data-key-rows] [data-row][aria-selected="true"] a');
      if (row) return row.click();
    }
    const focus = find("data-key-focus", event.key);
    if (focus) {
      event.preventDefault();
      focus.focus();
      return focus.select && focus.select();
    }
    const act = find("data-key", event.key);
    if (act) {
      event.preventDefault();
      act.click();
    }
  });
})();
