// The board: rows are dragged onto a desk, alone or with all that are ticked; the form does the rest.
(() => {
  const form = () => document.getElementById("move");
  const ticked = () => [...document.querySelectorAll('#move input[name="debtor"]:checked')];
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-all]")) return;
    for (const box of document.querySelectorAll('#move input[name="debtor"]')) box.checked = event.target.checked;
  });
  document.addEventListener("dragstart", (event) => {
    const row = event.target.closest("[data-debtor]");
    if (!row) return;
    const box = row.querySelector('input[name="debtor"]');
    if (!box.checked) {
      for (const other of ticked()) other.checked = false;
      box.checked = true;
    }
    event.dataTransfer.effectAllowed = "move";
    event.dataTransfer.setData("text/plain", ticked().map((one) => one.value).join(","));
  });
  const desk = (event) => event.target.closest && event.target.closest("[data-drop]");
  document.addEventListener("dragover", (event) => {
    const row = desk(event);
    if (!row) return;
    event.preventDefault();
    for (const other of document.querySelectorAll(".is-over")) other.classList.remove("is-over");
    row.classList.add("is-over");
  });
  document.addEventListener("drop", (event) => {
    const row = desk(event);
    if (!row || !form()) return;
    event.preventDefault();
    form().elements.to.value = row.dataset.drop;
    form().requestSubmit();
  });
  // What may be taken back goes away when it no longer can be.
  const fade = () => {
    for (const box of document.querySelectorAll("[data-fades]")) {
      const seconds = Number(box.dataset.fades);
      delete box.dataset.fades;
      box.removeAttribute("data-fades");
      setTimeout(() => box.remove(), seconds * 1000);
    }
  };
  fade();
  new MutationObserver(fade).observe(document.getElementById("main"), { childList: true, subtree: true });
})();
