/* Puts the page together, and anew at each change of language, appearance or units. */

const PARTS = [["today", glance], ["places", places], ["flow", flow], ["rates", rates], ["vintage", vintage],
  ["work", work], ["treatments", treatments], ["blocked", blocked], ["classes", classes], ["data", dataQuality]];
const NAVIGATION = ["today", "places", "flow", "vintage", "work", "blocked", "classes", "data"];

function remembered(name, fallback, allowed) {
  const asked = new URLSearchParams(location.search).get(name);
  if (allowed.includes(asked)) return asked;
  try {
    const kept = localStorage.getItem("recoup-" + name);
    return allowed.includes(kept) ? kept : fallback;
  } catch {
    return fallback;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem("recoup-" + name, value);
  } catch { /* a file opened from a disk may have no memory; the page works without */ }
}

function darkNow() {
  if (state.theme !== "auto") return state.theme === "dark";
  return matchMedia("(prefers-color-scheme: dark)").matches;
}

function applyTheme(dark) {
  document.documentElement.dataset.theme = dark ? "dark" : "light";
}

function switches() {
  const change = (name, value) => {
    state[name] = value;
    remember(name, value);
    render();
    document.querySelector(`[data-group="${name}"] [data-choice="${value}"]`).focus();
  };
  const group = (name, label, choices, chosen, choose) => {
    const made = segment(label, choices, chosen, choose);
    made.dataset.group = name;
    return made;
  };
  return [
    group("language", word("language"), [["zh", "中文"], ["en", "English"]], state.language,
      (value) => change("language", value)),
    group("exact", word("units"), [["short", word("units_short_zh")], ["exact", word("units_exact")]],
      state.exact ? "exact" : "short", (value) => {
        state.exact = value === "exact";
        render();
        document.querySelector(`[data-group="exact"] [data-choice="${value}"]`).focus();
      }),
    group("theme", word("theme"), ["auto", "light", "dark"].map((name) => [name, word("theme_" + name)]),
      state.theme, (value) => change("theme", value)),
    element("button", { type: "button", class: "plain", id: "print", onclick: () => window.print() }, word("print")),
  ];
}

function frameTop() {
  document.documentElement.lang = state.language === "zh" ? "zh-Hans" : "en";
  document.title = `recoup 回款 · ${word("title")} · ${FIGURES.as_of}`;
  for (const marked of document.querySelectorAll("[data-word]")) marked.textContent = word(marked.dataset.word);
  document.getElementById("asof").replaceChildren(word("title"), " · ",
    element("b", {}, `${FIGURES.as_of} ${weekday(FIGURES.as_of)}`));
  document.getElementById("switches").replaceChildren(...switches());
  const parts = document.getElementById("parts");
  parts.setAttribute("aria-label", word("title"));
  parts.replaceChildren(...NAVIGATION.map((name) =>
    element("a", { href: "#" + name }, word("part_" + name))));
}

/* Draw everything, or one part (then the focus stays on the control that was used). */
function render(only) {
  closeWhy();
  if (only) return renderPart(only);
  applyTheme(darkNow());
  frameTop();
  forgetPictures();
  document.getElementById("main").replaceChildren(...PARTS.map(([, make]) => make()));
  document.getElementById("foot").replaceChildren(...footer().filter(Boolean));
  drawPictures();
  followReading();
}

function renderPart(selector) {
  const [, make] = PARTS.find(([name]) => "#" + name === selector);
  const choice = document.activeElement && document.activeElement.dataset.choice;
  document.querySelector(selector).replaceWith(make());
  drawPictures();
  const again = document.querySelector(`${selector} [data-choice="${choice}"]`);
  if (again) again.focus();
  followReading();
}

let reading = null;

function followReading() {
  if (reading) reading.disconnect();
  reading = new IntersectionObserver((entries) => {
    for (const entry of entries.filter((candidate) => candidate.isIntersecting)) {
      for (const link of document.querySelectorAll(".parts a")) {
        if (link.hash === "#" + entry.target.id) link.setAttribute("aria-current", "true");
        else link.removeAttribute("aria-current");
      }
    }
  }, { rootMargin: "-120px 0px -70% 0px" });
  for (const name of NAVIGATION) reading.observe(document.getElementById(name));
}

/* Paper is white, and its width is not the screen's: the pictures scale with it. */
const PAPER = { "chart-flow": [720, 290], "chart-classes": [340, 200] };

function forPaper() {
  applyTheme(false);
  for (const item of drawn.filter((candidate) => candidate.chart)) {
    const [width, height] = PAPER[item.holder.id] || [720, 200];
    item.chart.resize({ width, height });
    item.chart.setOption({ ...frame(), ...item.option() }, true);
    item.holder.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${height}`);
  }
}

function afterPaper() {
  applyTheme(darkNow());
  drawPictures();
}

state.language = remembered("language", (navigator.language || "").startsWith("zh") ? "zh" : "en", ["zh", "en"]);
state.theme = remembered("theme", "auto", ["auto", "light", "dark"]);
document.addEventListener("click", (event) => { if (!event.target.closest(".pop")) closeWhy(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeWhy(); });
document.addEventListener("scroll", closeWhy, { passive: true });
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => render());
window.addEventListener("beforeprint", forPaper);
window.addEventListener("afterprint", afterPaper);
let waiting = null;
window.addEventListener("resize", () => {
  clearTimeout(waiting);
  waiting = setTimeout(() => drawPictures(), 120);
});
render();
document.documentElement.dataset.ready = "true";
