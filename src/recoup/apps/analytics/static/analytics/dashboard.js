// Draws the dashboard's pictures from the figures beside them; each mark leads down to its cases.
(() => {
  const holder = document.getElementById("pictures");
  if (!holder || !window.echarts) return;
  const data = JSON.parse(holder.textContent);
  const root = document.documentElement;
  const zh = root.lang.startsWith("zh");
  const style = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const major = (minor) => minor / data.scale;
  const short = (value) => {
    const steps = zh ? [[1e8, "亿"], [1e4, "万"]] : [[1e9, "B"], [1e6, "M"], [1e3, "K"]];
    for (const [size, name] of steps) if (Math.abs(value) >= size) return `${(value / size).toFixed(1)}${zh ? " " : ""}${name}`;
    return String(Math.round(value));
  };
  const percent = (bp) => (bp === null || bp === undefined ? null : bp / 100);
  const go = (query) => { window.location.href = `/cases/?state=open&${query}`; };
  const colours = () => ({ text: style("--tblr-body-color"), muted: style("--tblr-secondary"), line: style("--tblr-border-color"), accent: style("--rc-accent"), amber: style("--rc-amber"), surface: style("--tblr-bg-surface") });
  // What stands under the pointer, made of elements: the page's policy refuses the library's own style attributes.
  const tell = (show) => (at) => {
    const points = [].concat(at).filter((one) => one.value !== null && one.value !== undefined);
    const told = document.createElement("div");
    if (points.length) told.append(points[0].axisValueLabel || points[0].name);
    for (const one of points) {
      const line = told.appendChild(document.createElement("div"));
      const tone = line.appendChild(document.createElement("i"));
      tone.className = "an-tone";
      tone.style.background = one.color;
      if (points.length > 1) line.append(`${one.seriesName} `);
      line.appendChild(document.createElement("b")).textContent = show([].concat(one.value).at(-1));
    }
    return told;
  };
  const frame = (c, show = String) => ({
    animation: false,
    textStyle: { color: c.text, fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 12 },
    tooltip: { confine: true, formatter: tell(show), backgroundColor: c.surface, borderColor: c.line, textStyle: { color: c.text } },
    grid: { left: 8, right: 24, top: 28, bottom: 8, containLabel: true },
    legend: { textStyle: { color: c.muted }, top: 0, itemWidth: 12, itemHeight: 8 },
  });
  const axis = (c, more) => ({ axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, axisLabel: { color: c.muted }, splitLine: { lineStyle: { color: c.line } }, ...more });
  const ramp = (count) => Array.from({ length: count }, (_, place) => `hsl(183, ${30 + 40 * (place / count)}%, ${72 - 48 * (place / count)}%)`);
  const name = (key) => ({ product: "product", branch: "branch", team: "team" })[key];

  const options = {
    places: (c) => {
      const rows = data.places.filter((one) => one.overdue_minor > 0).slice(0, 12).reverse();
      return {
        ...frame(c, short), legend: undefined,
        xAxis: axis(c, { type: "value", axisLabel: { show: false } }),
        yAxis: axis(c, { type: "category", data: rows.map((one) => one.name) }),
        series: [{ type: "bar", barMaxWidth: 18, itemStyle: { color: c.accent }, data: rows.map((one) => ({ value: major(one.overdue_minor), code: one.code })), label: { show: true, position: "right", color: c.muted, formatter: (at) => short(at.value) } }],
        grid: { left: 8, right: 72, top: 8, bottom: 8, containLabel: true },
      };
    },
    moves: (c) => {
      const calm = data.buckets[0];
      const moves = data.moves.filter((move) => !([calm, "paid_off"].includes(move.before) && [calm, "paid_off"].includes(move.now)));
      const order = ["paid_off", ...data.buckets];
      const tones = Object.fromEntries(data.buckets.map((bucket, place) => [bucket, ramp(data.buckets.length)[place]]));
      const label = (stage) => (stage === "paid_off" ? data.words.paid_off : stage);
      const nodes = [];
      for (const [side, key] of [["before", "before"], ["now", "now"]])
        for (const stage of order) {
          const total = moves.filter((move) => move[key] === stage).reduce((sum, move) => sum + move.accounts, 0);
          if (total) nodes.push({ name: `${side}:${stage}`, stage, total, side, depth: side === "before" ? 0 : 1, itemStyle: { color: tones[stage] || c.line }, label: { position: side === "before" ? "right" : "left" } });
        }
      return {
        ...frame(c), legend: undefined,
        series: [{
          type: "sankey", left: 8, right: 8, top: 8, bottom: 8, layoutIterations: 0, draggable: false, nodeGap: 10, nodeWidth: 12, data: nodes,
          label: { color: c.text, formatter: (at) => `${label(at.data.stage)} ${at.data.total}` },
          links: moves.map((move) => ({ source: `before:${move.before}`, target: `now:${move.now}`, value: move.accounts, now: move.now, lineStyle: { color: order.indexOf(move.now) > order.indexOf(move.before) ? c.amber : order.indexOf(move.now) < order.indexOf(move.before) ? c.accent : c.line, opacity: 0.4 } })),
          tooltip: { formatter: (at) => (at.dataType === "edge" ? `${label(at.data.source.split(":")[1])} → ${label(at.data.target.split(":")[1])}<br><b>${at.data.value}</b>` : `${data.words[at.data.side]} · ${label(at.data.stage)}<br><b>${at.data.total}</b>`) },
        }],
      };
    },
    rolls: (c) => {
      const rows = data.rolls.filter((roll) => roll.before !== data.buckets[0]);
      const heads = [...document.querySelectorAll('[data-chart="rolls"] ~ details th')].map((cell) => cell.textContent);
      return {
        ...frame(c, (value) => `${value}%`),
        xAxis: axis(c, { type: "category", data: rows.map((roll) => roll.before) }),
        yAxis: axis(c, { type: "value", max: 100, axisLabel: { color: c.muted, formatter: "{value}%" } }),
        series: [
          { name: heads[2], type: "bar", itemStyle: { color: c.accent }, data: rows.map((roll) => percent(roll.cured_bp)) },
          { name: heads[5], type: "bar", itemStyle: { color: c.amber }, data: rows.map((roll) => percent(roll.worse_bp)) },
        ],
      };
    },
    funnel: (c) => {
      const rows = [...data.funnel].reverse();
      return {
        ...frame(c), legend: undefined,
        xAxis: axis(c, { type: "value", splitLine: { show: false }, axisLabel: { show: false } }),
        yAxis: axis(c, { type: "category", data: rows.map((step) => step.name) }),
        series: [{ type: "bar", barMaxWidth: 22, itemStyle: { color: c.accent }, data: rows.map((step) => step.persons), label: { show: true, position: "right", color: c.text } }],
        grid: { left: 8, right: 56, top: 4, bottom: 4, containLabel: true },
      };
    },
    treatments: (c) => {
      const rows = [...data.treatments].filter((one) => one.treatment !== "no_action").reverse();
      const heads = [...document.querySelectorAll('[data-chart="treatments"] ~ details th')].map((cell) => cell.textContent);
      return {
        ...frame(c),
        xAxis: axis(c, { type: "value" }),
        yAxis: axis(c, { type: "category", data: rows.map((one) => one.name) }),
        series: [
          { name: heads[1], stack: "all", type: "bar", barMaxWidth: 18, itemStyle: { color: c.accent }, data: rows.map((one) => ({ value: one.persons - one.blocked, treatment: one.treatment })) },
          { name: heads[2], stack: "all", type: "bar", barMaxWidth: 18, itemStyle: { color: c.line }, data: rows.map((one) => ({ value: one.blocked, treatment: one.treatment })) },
        ],
      };
    },
    vintages: (c) => {
      const rows = data.vintages.filter((one) => one.accounts >= 100 && one.over_30_accounts.length >= 3).slice(-10);
      if (!rows.length) return null; // too few or too young for a curve; the table has them
      const tones = ramp(rows.length);
      return {
        ...frame(c, (value) => `${value}%`), color: tones,
        xAxis: axis(c, { type: "value", minInterval: 1 }),
        yAxis: axis(c, { type: "value", axisLabel: { color: c.muted, formatter: "{value}%" } }),
        series: rows.map((one) => ({ name: `${one.year} Q${one.quarter}`, type: "line", showSymbol: false, data: one.over_30_accounts.map((late, month) => [month + 1, Number(((100 * late) / one.accounts).toFixed(2))]) })),
        tooltip: { ...frame(c, (value) => `${value}%`).tooltip, trigger: "axis" },
        grid: { left: 8, right: 24, top: 56, bottom: 8, containLabel: true },
      };
    },
    trend: (c) => ({
      ...frame(c, short), legend: undefined,
      xAxis: axis(c, { type: "category", data: data.trend.map((point) => point.as_of) }),
      yAxis: axis(c, { type: "value", axisLabel: { color: c.muted, formatter: (value) => short(value) } }),
      series: [{ type: "line", areaStyle: { opacity: 0.15 }, itemStyle: { color: c.accent }, data: data.trend.map((point) => major(point.overdue_minor)) }],
      tooltip: { ...frame(c, short).tooltip, trigger: "axis" },
    }),
  };
  const clicks = {
    places: (at) => go(`${name(data.by)}=${encodeURIComponent(at.data.code)}`),
    moves: (at) => at.dataType === "edge" && at.data.now !== "paid_off" && go(`bucket=${encodeURIComponent(at.data.now)}`),
    treatments: (at) => go(`treatment=${encodeURIComponent(at.data.treatment)}`),
  };
  const charts = [];
  const draw = () => {
    for (const chart of charts.splice(0)) chart.dispose();
    const c = colours();
    for (const place of document.querySelectorAll("[data-chart]")) {
      const option = options[place.dataset.chart](c);
      place.hidden = !option;
      if (!option) {
        place.parentElement.querySelector("details").open = true;
        continue;
      }
      const chart = echarts.init(place, null, { renderer: "svg" });
      chart.setOption(option);
      if (clicks[place.dataset.chart]) chart.on("click", clicks[place.dataset.chart]);
      charts.push(chart);
    }
  };
  draw();
  document.addEventListener("recoup:theme", draw);
  window.addEventListener("resize", () => charts.forEach((chart) => chart.resize()));
  for (const field of document.querySelectorAll("[data-sends] select")) field.addEventListener("change", () => field.form.requestSubmit());
})();
