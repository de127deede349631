// Working a list by keys: rows, panels that open in place, days moved by a key, toasts that go.
(() => {
  const pane = () => document.querySelector("#pane, #case");
  const close = () => document.querySelectorAll("[data-panel]").forEach((panel) => (panel.hidden = true));
  // A form that opens asks the gate for its contact, or for the text that fits, and again when the
  // contact or the text becomes another. Words that somebody has begun to write stay.
  const asks = (panel) => {
    const asked = panel.querySelector("[data-asks]");
    if (asked) asked.dispatchEvent(new CustomEvent("recoup:asks"));
  };
  const isBegun = (panel) => panel.dataset.panel === "write" && panel.querySelector("[name=text]").value.trim() !== "";
  document.addEventListener("change", (event) => {
    const asking = "[data-panel=log] .rc-fields select, [data-panel=write] .rc-fields select:not([data-stays]), [data-fills]";
    if (event.target.matches(asking)) asks(event.target.closest("[data-panel]"));
  });
  const open = (name) => {
    const panel = document.querySelector(`[data-panel="${name}"]`);
    if (!panel) return;
    const wasOpen = !panel.hidden;
    close();
    if (wasOpen) return;
    panel.hidden = false;
    if (!isBegun(panel)) asks(panel);
    const first = panel.querySelector("[data-first]");
    if (first) {
      first.focus();
      if (first.matches("input")) first.select();
    }
    panel.scrollIntoView({ block: "nearest" });
  };

  // A click on a row chooses it, as j and k do.
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) return open(opener.dataset.opens);
    const row = event.target.closest("[data-key-rows] [data-row]");
    if (!row || event.target.closest("a, button, input, label")) return;
    row.parentElement.querySelectorAll("[data-row]").forEach((one) => one.setAttribute("aria-selected", String(one === row)));
    row.dispatchEvent(new CustomEvent("recoup:chosen", { bubbles: true }));
    if (window.innerWidth < 900) document.querySelector("#pane").scrollIntoView();
  });

  // Days: D one later, W a week later, arrows a day; the weekday stands beside.
  const week = () => new Intl.DateTimeFormat(document.documentElement.lang, { weekday: "short", timeZone: "UTC" });
  const tellWeekday = (field) => {
    const shown = field.closest("label").querySelector("[data-weekday]");
    if (shown) shown.textContent = field.value ? week().format(new Date(`${field.value}T00:00:00Z`)) : "";
  };
  const move = (field, days) => {
    const on = new Date(`${field.value}T00:00:00Z`);
    if (Number.isNaN(on.getTime())) return;
    on.setUTCDate(on.getUTCDate() + days);
    field.value = on.toISOString().slice(0, 10);
    tellWeekday(field);
  };
  const DAYS = { d: 1, w: 7, ArrowUp: 1, ArrowDown: -1 };
  document.addEventListener("keydown", (event) => {
    if (event.target.matches("[data-day]") && event.key in DAYS && !event.ctrlKey && !event.metaKey) {
      event.preventDefault();
      return move(event.target, DAYS[event.key]);
    }
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches("[data-sends]")) {
      return event.target.form.requestSubmit();
    }
    if (event.key === "Escape" && !event.target.closest("input, textarea, select")) close();
  });
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-day]")) tellWeekday(event.target);
  });

  // Toasts count down and go; what they offer to undo can then no longer be undone.
  const countDown = () =>
    document.querySelectorAll("[data-toast]:not([data-runs])").forEach((toast) => {
      toast.dataset.runs = "1";
      const bar = toast.querySelector("[data-countdown]");
      let left = 100;
      const clock = setInterval(() => {
        left -= 1;
        if (bar) bar.value = left / 10;
        if (left <= 0 || !toast.isConnected) {
          clearInterval(clock);
          toast.remove();
        }
      }, 100);
    });

  // After an answer: the line of a worked person says so, and the next field is ready.
  const settle = () => {
    countDown();
    const here = pane();
    if (!here) return;
    here.querySelectorAll("[data-day]").forEach(tellWeekday);
    const worked = here.querySelector("[data-worked]");
    if (worked) {
      const row = document.querySelector(`[data-row][data-debtor="${CSS.escape(worked.dataset.pane)}"]`);
      if (row) {
        row.classList.add("rc-worked");
        row.querySelector(".rc-why-cell").textContent = `✓ ${worked.dataset.worked}`;
      }
    }
    const opened = here.querySelector("[data-panel]:not([hidden]) [data-first]");
    if (opened && !here.contains(document.activeElement)) {
      opened.focus();
      if (opened.matches("input")) opened.select();
    }
  };
  // A refusal stays until the next act.
  document.addEventListener("htmx:before:request", () =>
    document.querySelectorAll("#toasts .rc-refusal").forEach((told) => told.remove()));
  document.addEventListener("htmx:after:swap", settle);
  document.addEventListener("DOMContentLoaded", () => {
    const said = document.querySelector("template[data-said]");
    if (said) {
      document.querySelector("#toasts").append(said.content);
      htmx.process(document.querySelector("#toasts"));
    }
    settle();
  });
})();
