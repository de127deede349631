// What is wider than its place is scrolled by keys too: it can be reached where nothing in it can.
(() => {
  const CAN = "a[href], button, input, select, textarea, summary, [tabindex]";
  const reach = () => {
    for (const place of document.querySelectorAll(".rc-scroll, .rc-lines, .rc-side, pre")) {
      const hides = place.scrollWidth > place.clientWidth + 1 || place.scrollHeight > place.clientHeight + 1;
      if (hides && !place.querySelector(CAN)) place.tabIndex = 0;
    }
  };
  document.addEventListener("DOMContentLoaded", reach);
  document.addEventListener("htmx:after:swap", reach);
  document.addEventListener("toggle", reach, true);
  window.addEventListener("resize", reach);
})();
