// Shows or hides what is typed into a password field; the button names the field it belongs to.
(() => {
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show-password]");
    if (!button) return;
    const field = document.getElementById(button.getAttribute("data-show-password"));
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.setAttribute("aria-pressed", String(!shown));
    button.textContent = button.getAttribute(shown ? "data-show" : "data-hide");
    field.focus();
  });
})();
