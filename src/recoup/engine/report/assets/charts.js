/* Pictures. Each is drawn by ECharts as SVG from the same figures as its table, in the colours of
   the page, with a sentence as its text alternative. */

const drawn = [];

function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue("--" + name).trim();
}

function safe(text) {
  return String(text).replace(/[&<>"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
}

function narrow() {
  return window.innerWidth < 640;
}

/* A place for a picture; option() is asked anew for each drawing. */
function picture(id, text, option, low) {
  const holder = element("div", { class: low ? "chart low" : "chart", id: "chart-" + id, role: "img",
    "aria-label": text });
  drawn.push({ holder, option, chart: null });
  return holder;
}

function drawPictures() {
  for (const item of drawn) {
    if (item.chart) item.chart.dispose();
    item.chart = null;
    if (!item.holder.isConnected) continue;
    item.chart = echarts.init(item.holder, null, { renderer: "svg" });
    item.chart.setOption({ ...frame(), ...item.option() });
  }
}

function forgetPictures() {
  for (const item of drawn) if (item.chart) item.chart.dispose();
  drawn.length = 0;
}

function frame() {
  return {
    animation: false,
    textStyle: { color: colour("text"), fontSize: 12,
      fontFamily: getComputedStyle(document.body).fontFamily },
    tooltip: tip(),
  };
}

function tip(more) {
  const said = more && more.formatter;
  return { confine: true, backgroundColor: colour("card"), borderColor: colour("line-strong"),
    textStyle: { color: colour("text"), fontSize: 13 }, extraCssText: "box-shadow:none", ...more,
    ...(said && { formatter: (at) => toned(said(at)) }) };
}

/* What a tooltip says, its marks coloured here: the page's policy refuses style attributes. */
function toned(text) {
  if (!text) return "";
  const told = element("div");
  told.innerHTML = text;
  for (const mark of told.querySelectorAll("[data-tone]")) mark.style.background = mark.dataset.tone;
  return told;
}

function toneMark(tone) {
  return `<i class="tone" data-tone="${safe(tone)}"></i>`;
}

function axisStyle() {
  return { axisLine: { lineStyle: { color: colour("line-strong") } }, axisTick: { show: false },
    axisLabel: { color: colour("muted"), fontSize: 12 },
    splitLine: { lineStyle: { color: colour("line") } } };
}

function percentAxis(most) {
  return { type: "value", min: 0, max: most, ...axisStyle(), axisLine: { show: false },
    axisLabel: { color: colour("muted"), formatter: (value) => Number(value.toFixed(2)) + "%" } };
}

/* The ramp of arrears: the later the bucket, the deeper the tone. */
function bucketColour(name) {
  const order = FIGURES.buckets.map((bucket) => bucket.name);
  const rank = order.indexOf(name);
  if (rank <= 0) return colour("s0");
  const step = order.length <= 2 ? 3 : 1 + Math.round((5 * (rank - 1)) / (order.length - 2));
  return colour("s" + Math.min(6, step));
}

function bucketName(name) {
  if (name === "new") return word("bucket_new");
  if (name === "paid_off") return word("bucket_paid_off");
  return name;
}

const FATES = {
  better: () => colour("accent"), same: () => colour("line-strong"), worse: () => colour("amber-fill"),
};

function stageOrder() {
  return ["new", "paid_off", ...FIGURES.buckets.map((bucket) => bucket.name)];
}

function fateOf(move) {
  const order = FIGURES.buckets.map((bucket) => bucket.name);
  const [before, now] = [order.indexOf(move.before), order.indexOf(move.now)];
  if (move.now === "paid_off") return "better";
  if (move.before === "new") return now > 0 ? "worse" : "same";
  return now < before ? "better" : now > before ? "worse" : "same";
}

/* Moves worth drawing: in arrears on one of the two days. */
function drawnMoves() {
  const current = FIGURES.buckets[0].name;
  const calm = new Set([current, "new", "paid_off"]);
  return FIGURES.moves.filter((move) => !(calm.has(move.before) && calm.has(move.now)));
}

function flowOption() {
  const key = state.measure === "accounts" ? "accounts" : "exposure_minor";
  const moves = drawnMoves().filter((move) => move[key] > 0);
  const shown = (value) => (key === "accounts" ? count(value) : amount(value));
  const nodes = [];
  for (const stage of stageOrder()) {
    for (const [side, field] of [["before", "before"], ["now", "now"]]) {
      const total = moves.filter((move) => move[field] === stage)
        .reduce((sum, move) => sum + move[key], 0);
      if (!total) continue;
      nodes.push({ name: side + ":" + stage, depth: side === "before" ? 0 : 1, total, stage,
        text: `${bucketName(stage)}  ${shown(total)}`,
        itemStyle: { color: stage === "new" || stage === "paid_off" ? colour("s0") : bucketColour(stage),
          borderWidth: 0 },
        label: { position: side === "before" ? "left" : "right" } });
    }
  }
  return {
    tooltip: tip({ trigger: "item", formatter: (at) => (at.dataType === "node"
      ? `${safe(word(at.data.depth ? "bucket_now" : "bucket_before"))} · ${safe(bucketName(at.data.stage))}<br><b>${shown(at.data.total)}</b>`
      : `${safe(bucketName(at.data.before))} → ${safe(bucketName(at.data.now))} · ${safe(word("key_" + at.data.fate))}<br><b>${count(at.data.accounts)}</b> ${safe(word("accounts"))}<br>${amount(at.data.exposure)}`) }),
    series: [{
      type: "sankey", left: flowMargin(nodes, 0), right: flowMargin(nodes, 1), top: 10, bottom: 10,
      nodeWidth: narrow() ? 10 : 14, nodeGap: 14,
      layoutIterations: 0, draggable: false, emphasis: { focus: "adjacency" },
      label: { color: colour("text"), fontSize: 12, formatter: (at) => at.data.text },
      data: nodes,
      links: moves.map((move) => ({ source: "before:" + move.before, target: "now:" + move.now,
        value: move[key], before: move.before, now: move.now, accounts: move.accounts,
        exposure: move.exposure_minor, fate: fateOf(move),
        lineStyle: { color: FATES[fateOf(move)](), opacity: fateOf(move) === "same" ? 0.35 : 0.42,
          curveness: 0.5 } })),
    }],
  };
}

/* Room for the longest label on one side; Chinese signs are twice as wide. */
function flowMargin(nodes, depth) {
  const widths = nodes.filter((node) => node.depth === depth)
    .map((node) => [...node.text].reduce((sum, sign) => sum + (sign > "\u2e7f" ? 12 : 6.8), 0));
  return 12 + Math.ceil(Math.max(30, ...widths));
}

const RATE_PARTS = [["cured", "accent"], ["paid_off", "s5"], ["better", "bar"], ["same", "s0"],
  ["worse", "amber-fill"]];

function ratesOption() {
  const rows = FIGURES.rates.filter((row, index) => index > 0 && row.accounts > 0);
  return {
    tooltip: tip({ trigger: "axis", axisPointer: { type: "shadow" }, formatter: (at) =>
      `<b>${safe(rows[at[0].dataIndex].before)}</b> · ${count(rows[at[0].dataIndex].accounts)}<br>` +
      at.map((part) => `${toneMark(part.color)}${safe(part.seriesName)} <b>${share(part.value, 100)}</b>`)
        .join("<br>") }),
    grid: { left: 8, right: 16, top: 8, bottom: 4, containLabel: true },
    xAxis: percentAxis(100),
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.before), ...axisStyle(),
      axisLabel: { color: colour("text") } },
    series: RATE_PARTS.map(([key, tone]) => ({ type: "bar", stack: "all", name: word(key),
      barMaxWidth: 26, itemStyle: { color: colour(tone), borderColor: colour("card"), borderWidth: 1 },
      label: { show: true, fontSize: 11, color: labelOn(tone),
        formatter: (at) => (at.value >= 9 ? Math.round(at.value) + "%" : "") },
      data: rows.map((row) => (100 * row[key]) / row.accounts) })),
  };
}

/* Readable lettering on a filled area, whatever the appearance. */
function labelOn(tone) {
  const hex = colour(tone).replace("#", "");
  const [red, green, blue] = [0, 2, 4].map((at) => parseInt(hex.slice(at, at + 2), 16));
  return red * 299 + green * 587 + blue * 114 > 128000 ? "#10201f" : "#ffffff";
}

function quarterName(row) {
  return `${row.year} Q${row.quarter}`;
}

/* A quarter with fewer contracts says nothing to the percent: it is not drawn, its table counts. */
const ENOUGH = 100;

/* A younger quarter cannot have got so far: its line would lie on the axis and say nothing. */
const LEAST_MONTHS = { 30: 3, 90: 5 };

/* The youngest quarters that are large enough and old enough for a curve, youngest last. */
function mostVintages() {
  return narrow() ? 5 : 8;
}

function drawnVintages() {
  return FIGURES.vintages.filter((row) => row.accounts >= ENOUGH && row.months_on_book >= LEAST_MONTHS[state.limit])
    .slice(-mostVintages());
}

/* The curve of a vintage in the chosen limit and measure, and what it is a part of. */
function vintageCurve(row) {
  return row[`over_${state.limit}_${state.weigh === "accounts" ? "accounts" : "minor"}`];
}

function vintageWhole(row) {
  return state.weigh === "accounts" ? row.accounts : row.principal_minor;
}

function vintagePart(value) {
  return state.weigh === "accounts" ? count(value) : amount(value);
}

/* The younger the deeper; the youngest stands out in width as well. */
function vintageTone(place, total) {
  return colour("s" + Math.max(1, 6 - (total - 1 - place)));
}

function vintageOption() {
  const rows = drawnVintages();
  const months = Math.max(...rows.map((row) => vintageCurve(row).length));
  const style = (place) => ({ color: vintageTone(place, rows.length),
    width: place === rows.length - 1 ? 3 : 1.75, type: place < rows.length - 6 ? "dashed" : "solid" });
  const last = (row) => vintageCurve(row).length;
  const step = months > 30 ? 6 : months > 15 ? 3 : narrow() && months > 8 ? 2 : 1;
  return {
    tooltip: tip({ trigger: "axis", formatter: (at) => vintageTip(at, rows) }),
    grid: { left: 8, right: narrow() ? 58 : 72, top: 16, bottom: 24, containLabel: true },
    xAxis: { type: "value", min: 0, max: months, minInterval: 1, ...axisStyle(), splitLine: { show: false },
      interval: step, axisLabel: { color: colour("muted"), fontSize: 12, showMaxLabel: months % step === 0 },
      name: word("months_on_book"), nameLocation: "middle", nameGap: 26,
      nameTextStyle: { color: colour("muted") } },
    yAxis: percentAxis(undefined),
    series: rows.map((row, place) => ({ type: "line", name: quarterName(row), symbol: "circle",
      symbolSize: (value) => (value[0] === last(row) ? 6 : 0), showAllSymbol: true, lineStyle: style(place),
      itemStyle: { color: style(place).color }, z: 2 + place,
      endLabel: { show: true, formatter: quarterName(row), color: colour("text"), fontSize: 11, distance: 6,
        fontWeight: place === rows.length - 1 ? "bold" : "normal" },
      labelLayout: { moveOverlap: "shiftY" },
      data: [[0, 0], ...vintageCurve(row).map((value, at) =>
        [at + 1, vintageWhole(row) ? (100 * value) / vintageWhole(row) : null])] })),
  };
}

function vintageTip(at, rows) {
  const month = Math.round(at[0].axisValue);
  if (month < 1) return "";
  const lines = rows.filter((row) => vintageCurve(row).length >= month).reverse().map((row) => {
    const drawnAt = at.find((point) => point.seriesName === quarterName(row));
    const part = vintageCurve(row)[month - 1];
    return `${drawnAt ? toneMark(drawnAt.color) : ""}${safe(quarterName(row))} <b>${share(part, vintageWhole(row))}</b> · ${safe(word("vintage_of", {
      part: vintagePart(part), whole: vintagePart(vintageWhole(row)) }))}`;
  });
  return `<b>${safe(word("month_number", { n: month }))}</b><br>${lines.join("<br>")}`;
}

/* The teams with most people to reach; the table has them all. */
const DRAWN_TEAMS = 20;

function workOption() {
  const rows = FIGURES.work.slice(0, DRAWN_TEAMS);
  const waiting = (row) => row.to_reach - row.listed;
  return {
    tooltip: tip({ trigger: "axis", axisPointer: { type: "shadow" }, formatter: (at) => {
      const row = rows[at[0].dataIndex];
      const lines = [["to_reach", count(row.to_reach)], ["listed", count(row.listed)],
        ["waiting", count(waiting(row))],
        ["capacity", row.capacity === null ? word("no_limit") : count(row.capacity)]];
      return `<b>${safe(row.name || word("not_named"))}</b><br>` +
        lines.map(([key, value]) => `${safe(word(key))} <b>${safe(value)}</b>`).join("<br>");
    } }),
    grid: { left: 8, right: 24, top: 8, bottom: 4, containLabel: true },
    xAxis: { type: "value", ...axisStyle(), axisLine: { show: false } },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => row.name || word("not_named")),
      ...axisStyle(), axisLabel: { color: colour("text"), width: narrow() ? 90 : 150, overflow: "truncate" } },
    series: [
      { type: "bar", stack: "all", name: word("listed"), barMaxWidth: 18,
        itemStyle: { color: colour("accent") }, data: rows.map((row) => row.listed) },
      { type: "bar", stack: "all", name: word("waiting"), barMaxWidth: 18,
        itemStyle: { color: colour("amber-fill") }, data: rows.map(waiting) },
      { type: "scatter", name: word("capacity"), symbol: "rect", symbolSize: [3, 24],
        itemStyle: { color: colour("text") }, silent: true,
        data: rows.map((row) => (row.capacity === null ? null : row.capacity)) },
    ],
  };
}

const CLASS_TONES = { special_mention: "s1", substandard: "s3", doubtful: "s5", loss: "s6", unknown: "red" };

/* Classes other than normal, on a plain scale; normal would press them flat. */
function classesOption() {
  const all = FIGURES.classes.reduce((sum, row) => sum + row.exposure_minor, 0);
  const rows = FIGURES.classes.filter((row) => row.name !== "normal" && row.exposure_minor > 0);
  return {
    tooltip: tip({ trigger: "item", formatter: (at) => {
      const row = rows[at.dataIndex];
      return `<b>${safe(word("class_" + row.name))}</b><br>${count(row.accounts)} ${safe(word("class_accounts"))}<br>${amount(row.exposure_minor)} · ${share(row.exposure_minor, all)}`;
    } }),
    grid: { left: 8, right: 72, top: 4, bottom: 4, containLabel: true },
    xAxis: { type: "value", show: false },
    yAxis: { type: "category", inverse: true, data: rows.map((row) => word("class_" + row.name)),
      ...axisStyle(), axisLabel: { color: colour("text") } },
    series: [{ type: "bar", barMaxWidth: 22, label: { show: true, position: "right", color: colour("text"),
      formatter: (at) => share(rows[at.dataIndex].exposure_minor, all) },
      data: rows.map((row) => ({ value: row.exposure_minor,
        itemStyle: { color: colour(CLASS_TONES[row.name]) } })) }],
  };
}
