/* Tables: sortable by their headers, right-aligned figures, small bars, long ones cut with a button.

   A column: {key, label, kind: text|count|amount|share|signed|chip|say|id, value(row), show(row),
   bar: true, why, from}. A table: {id, columns, rows, total, rest, first: rows shown at first}. */

const NUMBERS = new Set(["count", "amount", "share", "signed"]);

function cellText(column, row) {
  if (column.show) return column.show(row);
  const value = column.value(row);
  if (column.kind === "count") return value === null ? "–" : count(value);
  if (column.kind === "signed") return signed(value);
  if (column.kind === "amount") return amount(value);
  if (column.kind === "share") return value === null ? "–" : share(value, 1);
  return value;
}

function compareBy(column) {
  return (one, other) => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a === b) return 0;
    if (a === null) return 1;
    if (b === null) return -1;
    return typeof a === "string" ? a.localeCompare(b, state.language) : a - b;
  };
}

function makeTable(spec) {
  const holder = element("div", { id: "table-" + spec.id });
  drawTable(holder, spec);
  return holder;
}

function drawTable(holder, spec) {
  const order = state.sort[spec.id];
  const rows = [...spec.rows];
  if (order) {
    const column = spec.columns.find((candidate) => candidate.key === order.key);
    rows.sort(compareBy(column));
    if (order.falling) rows.reverse();
  }
  const first = narrow() ? Math.min(6, spec.first) : spec.first;
  const limit = first && !state.all[spec.id] ? first : rows.length;
  const greatest = {};
  for (const column of spec.columns.filter((candidate) => candidate.bar)) {
    greatest[column.key] = Math.max(1e-12, ...rows.map((row) => column.value(row) || 0));
  }
  const redraw = () => drawTable(holder, spec);
  const body = element("tbody", {},
    spec.total ? tableRow(spec, spec.total, {}, "sum") : null,
    rows.slice(0, limit).map((row) => tableRow(spec, row, greatest, null)),
    spec.rest ? tableRow(spec, spec.rest, {}, "rest") : null);
  const table = element("table", {},
    spec.caption ? element("caption", {}, spec.caption) : null,
    element("thead", {}, element("tr", {}, spec.columns.map((column, index) =>
      headCell(spec, column, index, redraw)))), body);
  holder.replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region",
    "aria-label": spec.label }, table));
  if (first && rows.length > first) {
    holder.append(element("button", { type: "button", class: "plain more", onclick: () => {
      state.all[spec.id] = !state.all[spec.id];
      redraw();
    } }, state.all[spec.id] ? word("show_fewer") : word("show_all", { n: count(rows.length) })));
  }
}

function headCell(spec, column, index, redraw) {
  const order = state.sort[spec.id];
  const here = order && order.key === column.key;
  const button = element("button", { type: "button", class: "sort",
    title: word("sort_by", { name: column.label }), onclick: () => {
      const falling = here ? !order.falling : NUMBERS.has(column.kind);
      state.sort[spec.id] = { key: column.key, falling };
      redraw();
      document.querySelector(`#table-${spec.id} th:nth-child(${index + 1}) button.sort`).focus();
    } }, column.label, here ? element("span", { class: "arrow", "aria-hidden": "true" },
    order.falling ? "▼" : "▲") : null);
  return element("th", { scope: "col", class: cellClass(column, index),
    "aria-sort": here ? (order.falling ? "descending" : "ascending") : null }, button,
    column.why ? [" ", why(column.label, column.why, column.from)] : null);
}

function cellClass(column, index) {
  const classes = [NUMBERS.has(column.kind) ? "number" : "text", index === 0 ? "pinned" : ""];
  return classes.join(" ").trim();
}

function tableRow(spec, row, greatest, kind) {
  return element("tr", { class: kind }, spec.columns.map((column, index) => {
    const text = cellText(column, row);
    const tag = index === 0 ? "th" : "td";
    const title = column.kind === "amount" && !column.show ? exactAmount(column.value(row)) : null;
    const names = [cellClass(column, index), column.kind === "say" ? "say" : "",
      column.kind === "id" ? "id" : "", column.mark ? column.mark(row) : ""];
    const cell = element(tag, { class: names.join(" ").trim(), title,
      scope: index === 0 ? "row" : null });
    if (column.bar) {
      const width = kind ? 0 : Math.min(100, (100 * (column.value(row) || 0)) / greatest[column.key]);
      cell.append(element("span", { class: "withbar" }, element("span", {}, text),
        element("span", { class: kind ? "track none" : "track", "aria-hidden": "true" },
          element("span", { class: "fill", style: `width:${width.toFixed(1)}%` }))));
    } else if (index === 0 && column.kind === "text") {
      cell.append(element("span", { class: "first" }, text));
    } else {
      cell.append(...[text].flat());
    }
    return cell;
  }));
}

/* A table that stays closed until it is asked for; what was open stays open. */
function behind(spec) {
  const holder = element("details", { class: "table", open: Boolean(state.open[spec.id]),
    ontoggle: (event) => { state.open[spec.id] = event.target.open; } },
    element("summary", {}, word("table_behind")));
  holder.append(makeTable(spec));
  return holder;
}
