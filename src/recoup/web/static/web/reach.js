// What is larger than its place is scrolled by keys too: it can be reached, then the arrows move it.
(() => {
  const reach = () => {
    for (const place of document.querySelectorAll(".rc-scroll, .rc-lines, .rc-side, pre")) {
      const hides = place.scrollWidth > place.clientWidth + 1 || place.scrollHeight > place.clientHeight + 1;
      if (hides) place.tabIndex = 0;
    }
  };
  document.addEventListener("DOMContentLoaded", reach);
  document.addEventListener("htmx:after:swap", reach);
  document.addEventListener("toggle", reach, true);
  window.addEventListener("resize", reach);
})();
