// One key, one act. An element says its key: data-key="p" is clicked, data-key-focus="/" is focused.
// Keys rest while a person types; Escape leaves the field. In lists, data-key-rows marks the rows
// that j and k (or the arrows) walk over and Enter opens.
(() => {
  const typing = (target) =>
    target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select, [contenteditable]");
  const shown = (element) => element.offsetParent !== null && !element.disabled;
  const find = (attribute, key) =>
    [...document.querySelectorAll(`[${attribute}]`)].find(
      (element) => element.getAttribute(attribute) === key && shown(element),
    );
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
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Escape" && typing(event.target)) return event.target.blur();
    if (typing(event.target)) return;
    if (["j", "ArrowDown"].includes(event.key) && walk(1)) return event.preventDefault();
    if (["k", "ArrowUp"].includes(event.key) && walk(-1)) return event.preventDefault();
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
