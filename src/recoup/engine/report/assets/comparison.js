/* What differs between two results: pictures first, each with its table, in Chinese and English. */

const FOUND = JSON.parse(document.getElementById("data").textContent);
const NAMES = JSON.parse(document.getElementById("words").textContent);
const WORDS = {
  title: ["两套策略的差别", "What another strategy changes"],
  answer: ["合同 {contracts} 笔中有 {changed} 笔判定不同，涉及 {persons} 人，逾期 {money}。",
    "{changed} of {contracts} contracts are decided otherwise, of {persons} people, {money} overdue."],
  none: ["两边的判定完全相同。", "Both decide every contract alike."],
  moves: ["从什么变成什么", "From what to what"], column: ["项目", "what"],
  before: ["原（A）", "before (A)"], after: ["新（B）", "after (B)"], contracts: ["合同", "contracts"],
  persons: ["人数", "people"], overdue: ["逾期", "overdue"], teams: ["团队容量与工作清单", "Capacity and worklist of teams"],
  team: ["团队", "team"], capacity: ["容量", "capacity"], lines: ["行数", "lines"],
  reach: ["谁会被联系", "Who is contacted"], channel: ["渠道", "channel"],
  newly: ["新增联系", "newly contacted"], spared: ["不再联系", "spared"],
  often: ["七日内连同明日的联系次数", "Contacts in seven days with tomorrow's"], times: ["次数", "contacts"],
  listed: ["逐笔（逾期金额大者在前）", "Contract by contract, most money first"], contract: ["合同", "contract"],
  differs: ["变化", "what changes"], more: ["另有 {more} 笔，见 --json。", "{more} more: see --json."],
  treatment: ["处置方式", "treatment"], segment: ["分群", "segment"], asset_class: ["风险分类", "asset class"],
  experiment: ["实验", "experiment"], arm: ["实验组别", "arm"],
  blocked_by: ["阻止的规则", "blocked by"], priority: ["优先级", "priority"], nothing: ["（无）", "(none)"],
};
const CHANNELS = { call: ["电话", "call"], ai_call: ["智能语音", "robot call"], sms: ["短信", "text message"],
  email: ["电子邮件", "e-mail"], letter: ["信函", "letter"], visit: ["外访", "visit"], im: ["即时消息", "instant message"],
  portal: ["自助门户", "portal"] };
let place = (new URLSearchParams(location.search).get("language") || navigator.language || "en").startsWith("zh") ? 0 : 1;
const drawn = [];

function say(key, values) {
  const found = WORDS[key] ? WORDS[key][place] : key;
  return found.replace(/\{(\w+)\}/g, (mark, name) => (values && name in values ? values[name] : mark));
}

/* A value as people say it; a code of the bank's own stays as it is. */
function told(column, code) {
  if (!code) return say("nothing");
  if (column === "channel" && CHANNELS[code]) return CHANNELS[code][place];
  const kinds = { treatment: "treatment_", asset_class: "class_", arm: "arm_" };
  const known = kinds[column] && NAMES[kinds[column] + code];
  return known ? known[place ? "en" : "zh"] : code;
}

function make(tag, text, className) {
  const made = document.createElement(tag);
  if (text !== undefined && text !== null) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function money(minor) {
  const text = (minor / 10 ** FOUND.exponent).toLocaleString("en-US",
    { minimumFractionDigits: FOUND.exponent, maximumFractionDigits: FOUND.exponent });
  return `${text} ${FOUND.currency}`;
}

function count(number) {
  return number.toLocaleString("en-US");
}

function table(heads, rows, textColumns) {
  const holder = make("div", null, "sideways");
  const made = make("table");
  const top = made.createTHead().insertRow();
  heads.forEach((head, at) => {
    const cell = make("th", head, at < textColumns ? "text" : "");
    cell.scope = "col";
    top.append(cell);
  });
  const body = made.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    row.forEach((value, at) => line.append(make("td", value, at < textColumns ? "text" : "")));
  }
  holder.append(made);
  return holder;
}

function card(title, ...parts) {
  const made = make("section", null, "card");
  made.append(make("h2", title), ...parts);
  return made;
}

function picture(label, option, low) {
  const holder = make("div", null, low ? "picture low" : "picture");
  holder.setAttribute("role", "img");
  holder.setAttribute("aria-label", label);
  drawn.push([holder, option]);
  return holder;
}

function flow() {
  const column = FOUND.moves.treatment.length ? "treatment" : "segment";
  const name = (side, code) => `${side} ${told(column, code)}`;
  const moves = FOUND.moves[column];
  const nodes = [...new Set(moves.flatMap((move) => [name("A", move.before), name("B", move.after)]))];
  return {
    animation: false,
    tooltip: { confine: true },
    series: [{ type: "sankey", left: 8, right: 150, nodeGap: 12, data: nodes.map((one) => ({ name: one,
      itemStyle: { color: one.startsWith("A ") ? "#8a9ba8" : "#0b6e6e" } })),
      label: { fontSize: 12 }, lineStyle: { color: "source", opacity: 0.35 },
      links: moves.map((move) => ({ source: name("A", move.before), target: name("B", move.after),
        value: move.contracts })) }],
  };
}

function bars(names, sides) {
  return {
    animation: false, tooltip: { trigger: "axis", confine: true }, legend: { bottom: 0 },
    grid: { left: 8, right: 16, top: 16, bottom: 40, containLabel: true },
    xAxis: { type: "category", data: names, axisLabel: { interval: 0, rotate: names.length > 5 ? 30 : 0 } },
    yAxis: { type: "value" }, color: ["#8a9ba8", "#0b6e6e"],
    series: sides.map(([name, data]) => ({ type: "bar", name, data })),
  };
}

function sections() {
  const parts = [];
  const moved = Object.entries(FOUND.moves).flatMap(([column, moves]) => moves.map((move) => [say(column),
    told(column, move.before), told(column, move.after), count(move.contracts), count(move.persons),
    money(move.overdue_minor)]));
  if (moved.length) {
    const heads = ["column", "before", "after", "contracts", "persons", "overdue"].map((key) => say(key));
    const shown = FOUND.moves.treatment.length || FOUND.moves.segment.length;
    parts.push(card(say("moves"), ...(shown ? [picture(say("moves"), flow)] : []), table(heads, moved, 3)));
  }
  const channels = Object.entries(FOUND.channels);
  const often = Object.entries(FOUND.contacts_per_person);
  const sides = [say("before"), say("after")];
  parts.push(card(say("reach"),
    picture(say("reach"), () => bars(channels.map(([name]) => told("channel", name)),
      sides.map((name, at) => [name, channels.map(([, pair]) => pair[at])])), true),
    table([say("channel"), ...sides], [...channels.map(([name, pair]) => [told("channel", name), ...pair.map(count)])], 1),
    table(["", say("persons"), say("overdue")], ["newly", "spared"].map((key) => {
      const reached = FOUND[key === "newly" ? "newly_contacted" : "spared"];
      return [say(key), count(reached.persons), money(reached.overdue_minor)];
    }), 1)));
  parts.push(card(say("often"), picture(say("often"), () => bars(often.map(([name]) => name),
    sides.map((name, at) => [name, often.map(([, pair]) => pair[at])])), true),
    table([say("times"), ...sides], often.map(([name, pair]) => [name, ...pair.map(count)]), 1)));
  parts.push(card(say("teams"), table([say("team"), `${say("capacity")} A`, `${say("lines")} A`, `${say("capacity")} B`,
    `${say("lines")} B`], FOUND.teams.map((one) => [one.team || say("nothing"), count(one.capacity_before),
    count(one.lines_before), count(one.capacity_after), count(one.lines_after)]), 1)));
  if (FOUND.changes.length) {
    const rows = FOUND.changes.map((one) => [one.contract_id, Object.entries(one.differs).map(([column, [a, b]]) =>
      `${say(column)}: ${told(column, a)} → ${told(column, b)}`).join("; "), money(one.overdue_minor)]);
    const more = FOUND.more ? [make("p", say("more", { more: count(FOUND.more) }))] : [];
    parts.push(card(say("listed"), table([say("contract"), say("differs"), say("overdue")], rows, 2), ...more));
  }
  return parts;
}

function render() {
  document.documentElement.lang = place ? "en" : "zh-Hans";
  document.title = `recoup 回款 · ${say("title")}`;
  const side = (one) => `${one.strategy_id} ${one.strategy_version} (${one.strategy_content_hash.slice(0, 12)})`;
  document.getElementById("asof").textContent = `${FOUND.as_of} · A ${side(FOUND.before)} · B ${side(FOUND.after)}`;
  const button = make("button", place ? "中文" : "English", "plain");
  button.type = "button";
  button.onclick = () => { place = 1 - place; render(); };
  document.getElementById("switches").replaceChildren(button);
  for (const [holder] of drawn) { const chart = echarts.getInstanceByDom(holder); if (chart) chart.dispose(); }
  drawn.length = 0;
  const answer = FOUND.changed_contracts ? say("answer", { contracts: count(FOUND.contracts),
    changed: count(FOUND.changed_contracts), persons: count(FOUND.changed_persons),
    money: money(FOUND.changed_overdue_minor) }) : say("none");
  const head = make("div", null, "answer");
  head.append(make("h1", say("title")), make("p", answer));
  document.getElementById("main").replaceChildren(head, ...sections());
  for (const [holder, option] of drawn) echarts.init(holder, null, { renderer: "svg" }).setOption(option());
}

render();
window.addEventListener("resize", render);
