// Sets light or dark before the page is painted, and switches it; the choice stays in the browser.
(() => {
  const root = document.documentElement;
  const kept = localStorage.getItem("recoup-theme");
  const dark = window.matchMedia("(prefers-color-scheme: dark)").matches;
  root.setAttribute("data-bs-theme", kept || (dark ? "dark" : "light"));
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-theme-switch]")) return;
    const next = root.getAttribute("data-bs-theme") === "dark" ? "light" : "dark";
    root.setAttribute("data-bs-theme", next);
    localStorage.setItem("recoup-theme", next);
    document.dispatchEvent(new CustomEvent("recoup:theme", { detail: next }));
  });
})();
