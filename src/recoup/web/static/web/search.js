// The list below the search field: arrows walk over it, Enter opens what is chosen, Escape closes it.
// Enter without a choice opens the page with everything found.
(() => {
  const field = document.getElementById("rc-q");
  const place = document.getElementById("rc-found");
  if (!field || !place) return;
  const rows = () => [...place.querySelectorAll('[role="option"]')];
  const shown = () => field.setAttribute("aria-expanded", String(rows().length > 0));
  const close = () => {
    place.replaceChildren();
    field.removeAttribute("aria-activedescendant");
    shown();
  };
  const choose = (step) => {
    const all = rows();
    if (!all.length) return;
    const here = all.findIndex((row) => row.getAttribute("aria-selected") === "true");
    const next = all[Math.max(0, Math.min(all.length - 1, here + step))];
    all.forEach((row) => row.setAttribute("aria-selected", String(row === next)));
    field.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };
  new MutationObserver(shown).observe(place, { childList: true });
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Escape") {
      close();
    } else if (event.key === "Enter") {
      const link = place.querySelector('[role="option"][aria-selected="true"] a');
      if (link) {
        event.preventDefault();
        link.click();
      }
    }
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".rc-search")) close();
  });
})();
