// Enter in the form shows what the money would pay and moves on to the button that posts it; while
// somebody types, the picture follows and the cursor stays where it is.
(() => {
  let asked = false;
  document.addEventListener("submit", (event) => {
    if (event.target.id === "receipt") asked = true;
  }, true);
  document.addEventListener("htmx:after:swap", () => {
    if (!asked) return;
    asked = false;
    const button = document.getElementById("post");
    if (button) button.focus();
  });
})();
