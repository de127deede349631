/* Words, numbers and page elements. Every text a person sees goes through word(), so that both
   languages are always complete; every text from the data is set as text, never as markup. */

const WORDS = JSON.parse(document.getElementById("words").textContent);
const DATA = JSON.parse(document.getElementById("data").textContent);
const FIGURES = DATA.figures;
const NIGHT = DATA.night;
const SYMBOLS = { CNY: "¥", USD: "$", EUR: "€", GBP: "£", HKD: "HK$", JPY: "JP¥", TWD: "NT$" };
const state = { language: "en", theme: "auto", exact: false, measure: "accounts", limit: "30", weigh: "accounts",
  place: "products",
  sort: {}, all: {}, open: {} };

function word(key, values) {
  const entry = WORDS[key];
  if (!entry) throw new Error("no word for " + key);
  return entry[state.language].replace(/\{(\w+)\}/g, (mark, name) =>
    values && name in values ? String(values[name]) : mark);
}

/* A word for a code from the data, or the code itself when the bank uses one of its own. */
function coded(kind, code) {
  if (!code) return word("not_named");
  const entry = WORDS[kind + "_" + code];
  return entry ? entry[state.language] : code;
}

function ruleText(id) {
  const known = DATA.names[id];
  if (known) return known[state.language];
  const bare = id.replace(/^holds?[:.]/, "");
  const hold = WORDS["hold_" + bare];
  return hold ? hold[state.language] : id;
}

/* Where a rule comes from; what is not law says in plain words whether bank policy or data. */
function ruleSource(id) {
  const known = DATA.names[id];
  if (!known) return "";
  const source = known["source_" + state.language];
  if (id.startsWith(source)) return "";
  return source.replace(/^(strategy|book|pack)\b/, (name) => word("source_" + name));
}

/* Elements: element("td", {class: "text"}, "words", otherElement). */
function element(tag, attributes, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (name === "style") made.style.cssText = value; // the page's policy refuses the attribute
    else made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined));
  return made;
}

/* A word with <b> marks, as elements; the values are set as text. */
function rich(key, values) {
  const parts = WORDS[key][state.language].split(/(<b>.*?<\/b>)/);
  const fill = (text) => text.replace(/\{(\w+)\}/g, (mark, name) => String(values[name]));
  return parts.map((part) => part.startsWith("<b>")
    ? element("b", {}, fill(part.slice(3, -4))) : fill(part));
}

function count(value) {
  return grouped(String(Math.round(value)));
}

function signed(value) {
  if (value === 0) return "0";
  return (value > 0 ? "+" : "−") + count(Math.abs(value));
}

function grouped(digits) {
  return digits.replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

function decimals(value, places) {
  const [whole, rest] = value.toFixed(places).split(".");
  return grouped(whole) + (rest ? "." + rest : "");
}

function share(part, whole) {
  if (!whole) return "–";
  const percent = (100 * part) / whole;
  if (part > 0 && percent < 0.01) return "<0.01%";
  return percent.toFixed(percent >= 99.95 && percent < 100 ? 2 : percent < 10 ? 2 : 1) + "%";
}

function symbol(currency) {
  return SYMBOLS[currency] || currency + " ";
}

/* An amount of minor units: 1.23亿 in Chinese, ¥12.3M in English, or to the last unit. */
function amount(minor, currency) {
  const code = currency || DATA.currency;
  return state.exact ? exactAmount(minor, code) : shortAmount(minor, code);
}

function exactAmount(minor, currency) {
  const code = currency || DATA.currency;
  const places = DATA.exponents[code];
  const digits = String(Math.abs(minor)).padStart(places + 1, "0");
  const whole = grouped(digits.slice(0, digits.length - places));
  return (minor < 0 ? "−" : "") + symbol(code) + whole + (places ? "." + digits.slice(-places) : "");
}

function shortAmount(minor, code) {
  const major = Math.abs(minor) / 10 ** DATA.exponents[code];
  const steps = state.language === "zh"
    ? [[1e12, "万亿"], [1e8, "亿"], [1e4, "万"]] : [[1e12, "T"], [1e9, "B"], [1e6, "M"], [1e3, "K"]];
  const sign = (minor < 0 ? "−" : "") + symbol(code);
  for (const [size, name] of steps) {
    if (major >= size) {
      const scaled = major / size;
      return sign + decimals(scaled, scaled >= 1000 ? 0 : scaled >= 100 ? 1 : 2) + name;
    }
  }
  return sign + decimals(major, major === 0 ? 0 : Math.min(2, DATA.exponents[code]));
}

function weekday(day) {
  const names = { zh: ["周日", "周一", "周二", "周三", "周四", "周五", "周六"],
    en: ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] };
  const [year, month, date] = day.split("-").map(Number);
  return names[state.language][new Date(Date.UTC(year, month - 1, date)).getUTCDay()];
}

/* The small mark that answers "how does this figure come about". */
function why(nameText, sentence, source) {
  const button = element("button", { type: "button", "aria-expanded": "false",
    "aria-label": word("why") + ": " + nameText, title: sentence, onclick: (event) => {
      event.stopPropagation();
      toggleWhy(button, nameText, sentence, source);
    } }, "?");
  return element("span", { class: "why" }, button);
}

function toggleWhy(button, nameText, sentence, source) {
  const wasOpen = button.getAttribute("aria-expanded") === "true";
  closeWhy();
  if (wasOpen) return;
  button.setAttribute("aria-expanded", "true");
  const pop = element("span", { class: "pop", role: "status" }, element("b", {}, nameText), sentence,
    source ? element("span", { class: "from" }, word("source") + ": " + source) : null);
  button.parentElement.append(pop);
  const at = button.getBoundingClientRect();
  const left = Math.min(at.left, document.documentElement.clientWidth - pop.offsetWidth - 12);
  const below = at.bottom + 6 + pop.offsetHeight <= window.innerHeight;
  pop.style.left = Math.max(12, left) + "px";
  pop.style.top = Math.max(8, below ? at.bottom + 6 : at.top - 6 - pop.offsetHeight) + "px";
}

function closeWhy() {
  for (const pop of document.querySelectorAll(".pop")) {
    pop.parentElement.querySelector("button").setAttribute("aria-expanded", "false");
    pop.remove();
  }
}
