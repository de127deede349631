/* The parts of the page, in reading order: the answer first, then its picture and its table. */

function card(id, width, titleKey, whyKey, ...content) {
  const title = word(titleKey);
  const reason = whyKey ? why(title, word(whyKey), sourceOf(whyKey)) : null;
  return element("section", { class: "card " + (width || ""), id, "aria-label": title },
    element("header", {}, element("h2", {}, title, reason), element("span", { class: "grow" }),
      content.filter((part) => part && part.inHeader).map((part) => part.inHeader)),
    content.filter((part) => part && !part.inHeader));
}

function sourceOf(whyKey) {
  return WORDS[whyKey + "_from"] ? word(whyKey + "_from") : null;
}

function answer(key, values) {
  return element("p", { class: "answer" }, rich(key, values));
}

function segment(label, choices, chosen, choose) {
  return element("div", { class: "seg", role: "group", "aria-label": label },
    choices.map(([value, text]) => element("button", { type: "button", "data-choice": value,
      "aria-pressed": String(value === chosen), onclick: () => choose(value) }, text)));
}

/* At a glance */

function glance() {
  const total = FIGURES.total;
  return element("section", { class: "card", id: "today", "aria-label": word("part_today") },
    element("p", { class: "lead" }, leadSentence(total)),
    element("div", { class: "tiles" }, headlineTiles(total)),
    element("ul", { class: "calls" }, callsToPeople(total)));
}

function leadSentence(total) {
  if (!total.overdue_accounts) return rich("lead_empty", { date: FIGURES.as_of });
  const grown = total.overdue_accounts - total.overdue_accounts_before;
  const change = word(grown > 0 ? "change_more" : grown < 0 ? "change_fewer" : "change_same",
    { date: FIGURES.before, n: count(Math.abs(grown)) });
  return rich("lead", { date: FIGURES.as_of, accounts: count(total.overdue_accounts),
    people: count(FIGURES.people_in_arrears), amount: amount(total.overdue_minor),
    share: share(total.overdue_exposure_minor, total.exposure_minor), change });
}

function tile(name, big, exact, lines, change, sentence, source) {
  return element("div", { class: "tile" },
    element("div", { class: "name" }, element("span", {}, name), why(name, sentence, source)),
    element("div", { class: "big", title: exact }, big),
    lines.map((line) => element("div", { class: "sub" }, line)),
    change === null ? null : element("div", { class: "delta" }, delta(change)));
}

function delta(grown) {
  const key = grown > 0 ? "delta_up" : grown < 0 ? "delta_down" : "delta_same";
  return word(key, { n: count(Math.abs(grown)) });
}

function headlineTiles(total) {
  const late = (days) => tile(word("tile_over", { days }),
    share(total[`over_${days}_exposure_minor`], total.exposure_minor),
    exactAmount(total[`over_${days}_exposure_minor`]),
    [word("tile_over_sub", { exposure: amount(total[`over_${days}_exposure_minor`]),
      accounts: count(total[`over_${days}_accounts`]) })],
    total[`over_${days}_accounts`] - total[`over_${days}_accounts_before`],
    word("why_over", { days }), word("why_share_from"));
  return [
    tile(word("tile_overdue"), count(total.overdue_accounts), null,
      [word("tile_people", { people: count(FIGURES.people_in_arrears) }),
        word("tile_on_book", { accounts: count(total.accounts) })],
      total.overdue_accounts - total.overdue_accounts_before, word("why_overdue"), sourceOf("why_overdue")),
    tile(word("tile_amount"), shortAmount(total.overdue_minor, DATA.currency), exactAmount(total.overdue_minor),
      [word("tile_amount_sub", { exposure: amount(total.overdue_exposure_minor) })], null,
      word("why_amount"), sourceOf("why_amount")),
    tile(word("tile_share"), share(total.overdue_exposure_minor, total.exposure_minor), null,
      [word("tile_share_sub", { share: share(total.overdue_accounts, total.accounts) })], null,
      word("why_share"), sourceOf("why_share")),
    late(30), late(60), late(90),
    tile(word("tile_npl"), share(total.npl_exposure_minor, total.exposure_minor),
      exactAmount(total.npl_exposure_minor),
      [word("tile_npl_sub", { exposure: amount(total.npl_exposure_minor), accounts: count(total.npl_accounts) }),
        word("tile_npl_note")], null, word("why_npl"), sourceOf("why_npl")),
  ];
}

/* What needs a person: red today, amber soon; each with the way to it. */
function callsToPeople(total) {
  const errors = findings("error");
  const over = FIGURES.work.filter((team) => team.capacity !== null && team.to_reach > team.listed);
  const calls = [];
  const call = (tone, text, href) => calls.push(element("li", { class: tone },
    element("span", { class: "sign", "aria-hidden": "true" }, tone === "calm" ? "·" : "!"),
    element("span", {}, text), href ? element("a", { href }, word("look")) : null));
  if (total.unknown_accounts) call("red", word("call_unknown", { n: count(total.unknown_accounts) }), "#data");
  if (errors) call("red", word("call_errors", { n: count(errors) }), "#data");
  if (over.length) {
    const names = over.slice(0, 3).map((team) => team.name).join(word("and")) + (over.length > 3 ? " …" : "");
    call("amber", word("call_over", { teams: names,
      n: count(over.reduce((sum, team) => sum + team.to_reach - team.listed, 0)) }), "#work");
  }
  if (total.without_rate) call("amber", word("call_rate", { n: count(total.without_rate) }), "#data");
  if (!total.unknown_accounts && !errors) call("calm", word("call_none"));
  if (total.off_book_accounts) call("calm", word("call_off_book", { n: count(total.off_book_accounts),
    amount: amount(total.off_book_overdue_minor) }));
  return calls;
}

function findings(severity) {
  return FIGURES.rejects.filter((row) => row.severity === severity)
    .reduce((sum, row) => sum + row.findings, 0);
}

/* Products, branches, teams */

function places() {
  const choose = (value) => { state.place = value; render("#places"); };
  const kinds = [["products", word("by_product")], ["branches", word("by_branch")], ["teams", word("by_team")]];
  return card("places", "", "places_title", null,
    { inHeader: segment(word("part_places"), kinds, state.place, choose) },
    placesAnswer(), placesTable());
}

function placeName(row) {
  return state.place === "products" ? coded("product", row.name) : row.name || word("not_named");
}

function placesAnswer() {
  const rows = FIGURES[state.place].rows.filter((row) => row.overdue_accounts > 0);
  if (!rows.length) return null;
  const rate = (row) => (row.exposure_minor ? row.overdue_exposure_minor / row.exposure_minor : 0);
  const worst = rows.reduce((kept, row) => (rate(row) > rate(kept) ? row : kept));
  return answer("places_answer", { name: placeName(rows[0]), amount: amount(rows[0].overdue_minor),
    part: share(rows[0].overdue_minor, FIGURES.total.overdue_minor), worst: placeName(worst),
    share: share(worst.overdue_exposure_minor, worst.exposure_minor) });
}

function placesTable() {
  const held = FIGURES[state.place];
  const first = { products: "product", branches: "branch", teams: "team" }[state.place];
  const portion = (key) => (row) => (row.exposure_minor ? row[key] / row.exposure_minor : null);
  const columns = [
    { key: "name", label: word(first), kind: "text", value: (row) => row.label || placeName(row) },
    { key: "overdue", label: word("overdue"), kind: "amount", value: (row) => row.overdue_minor, bar: true,
      why: word("why_amount"), from: sourceOf("why_amount") },
    { key: "overdue_accounts", label: word("in_arrears"), kind: "count", value: (row) => row.overdue_accounts,
      why: word("why_overdue"), from: sourceOf("why_overdue") },
    { key: "share", label: word("share"), kind: "share", value: portion("overdue_exposure_minor"), bar: true,
      why: word("why_share"), from: sourceOf("why_share") },
    ...[30, 60, 90].map((days) => ({ key: "over_" + days, label: word("over_" + days), kind: "share",
      value: portion(`over_${days}_exposure_minor`), why: word("why_over", { days }),
      from: sourceOf("why_share") })),
    { key: "npl", label: word("npl"), kind: "share", value: portion("npl_exposure_minor"),
      why: word("why_npl"), from: sourceOf("why_npl") },
    { key: "change", label: word("change"), kind: "signed",
      value: (row) => row.overdue_accounts - row.overdue_accounts_before,
      why: word("why_change"), from: sourceOf("why_overdue") },
    { key: "accounts", label: word("accounts"), kind: "count", value: (row) => row.accounts },
    { key: "exposure", label: word("exposure"), kind: "amount", value: (row) => row.exposure_minor },
  ];
  return makeTable({ id: "places-" + state.place, label: word("by_" + first), columns, rows: held.rows,
    first: 12, total: { ...FIGURES.total, label: word("total") },
    rest: held.rest ? { ...held.rest, label: word("rest", { n: count(held.rest_count) }) } : null });
}

/* Flow and rates */

function flow() {
  const current = FIGURES.buckets[0].name;
  const moves = FIGURES.moves;
  const calm = new Set([current, "new", "paid_off"]);
  const sum = (test) => moves.filter(test).reduce((total, move) => total + move.accounts, 0);
  const entered = sum((move) => calm.has(move.before) && !calm.has(move.now));
  const left = sum((move) => !calm.has(move.before) && calm.has(move.now));
  const worse = sum((move) => !calm.has(move.before) && fateOf(move) === "worse");
  const still = sum((move) => move.before === current && move.now === current);
  const choose = (value) => { state.measure = value; render("#flow"); };
  const title = word("flow", { date: FIGURES.before });
  const stages = stageOrder();
  const rank = (field) => (row) => stages.indexOf(row[field]);
  return element("section", { class: "card wide", id: "flow", "aria-label": title },
    element("header", {}, element("h2", {}, title, why(title, word("why_flow"), sourceOf("why_flow"))),
      element("span", { class: "grow" }),
      segment(title, [["accounts", word("measure_accounts")],
        ["exposure", word("measure_exposure")]], state.measure, choose)),
    answer("flow_answer", { entered: count(entered), left: count(left), worse: count(worse) }),
    keys([["accent", word("key_better")], ["line-strong", word("key_same")], ["amber-fill", word("key_worse")]]),
    drawnMoves().length ? picture("flow", word("flow_text") + " " + title, flowOption)
      : element("p", { class: "nothing" }, word("nothing")),
    element("p", { class: "note" }, word("flow_note", { n: count(still) })),
    behind({ id: "flow", label: title, rows: FIGURES.moves, columns: [
      { key: "before", label: word("bucket_before"), kind: "text", value: rank("before"),
        show: (row) => bucketName(row.before) },
      { key: "now", label: word("bucket_now"), kind: "text", value: rank("now"),
        show: (row) => bucketName(row.now) },
      { key: "accounts", label: word("measure_accounts"), kind: "count", value: (row) => row.accounts },
      { key: "exposure", label: word("exposure"), kind: "amount", value: (row) => row.exposure_minor },
    ] }));
}

function keys(entries) {
  return element("ul", { class: "keys" }, entries.map(([tone, text]) => element("li", {},
    element("i", { style: `background:var(--${tone})`, "aria-hidden": "true" }), text)));
}

function rates() {
  const late = FIGURES.rates.slice(1);
  const sum = (key) => late.reduce((total, row) => total + row[key], 0);
  const first = FIGURES.rates[0];
  const columns = [
    { key: "bucket", label: word("bucket_before"), kind: "text", value: (row) => FIGURES.rates.indexOf(row),
      show: (row) => row.before },
    { key: "accounts", label: word("measure_accounts"), kind: "count", value: (row) => row.accounts },
    ...["cured", "paid_off", "better", "same", "worse"].map((key) => ({ key, label: word(key), kind: "share",
      value: (row) => (row.accounts ? row[key] / row.accounts : null) })),
  ];
  return card("rates", "narrow", "rates", "why_rates",
    answer("rates_answer", { cured: share(sum("cured") + sum("paid_off"), sum("accounts")),
      worse: share(sum("worse"), sum("accounts")) }),
    keys(RATE_PARTS.map(([key, tone]) => [tone, word(key)])),
    sum("accounts") ? picture("rates", word("rates_text"), ratesOption)
      : element("p", { class: "nothing" }, word("nothing")),
    first ? element("p", { class: "note" }, word("rates_first", { share: share(first.worse, first.accounts) })) : null,
    behind({ id: "rates", label: word("rates"), rows: FIGURES.rates, columns }));
}

/* Vintages */

function vintage() {
  const rows = drawnVintages();
  const choose = (name) => (value) => { state[name] = value; render("#vintage"); };
  const title = word("vintage");
  return card("vintage", "", "vintage", "why_vintage",
    { inHeader: [
      segment(word("vintage_limit"), [["30", word("ever_30")], ["90", word("ever_90")]], state.limit, choose("limit")),
      segment(word("vintage_weigh"), [["accounts", word("measure_accounts")], ["principal", word("by_principal")]],
        state.weigh, choose("weigh"))] },
    vintageAnswer(rows),
    rows.length ? picture("vintage", word("vintage_text", { days: state.limit }), vintageOption)
      : element("p", { class: "nothing" }, word("vintage_none", { n: ENOUGH, months: LEAST_MONTHS[state.limit] })),
    element("p", { class: "note" }, word("vintage_note", { n: ENOUGH, drawn: mostVintages(),
      months: LEAST_MONTHS[state.limit] })),
    behind({ id: "vintage", label: title, rows: [...FIGURES.vintages].reverse(), first: 16,
      columns: vintageColumns() }));
}

/* The youngest curve against those before it, at the age that the youngest has. */
function vintageAnswer(rows) {
  if (rows.length < 2) return null;
  const young = rows[rows.length - 1];
  const month = vintageCurve(young).length;
  const before = rows.slice(0, -1).filter((row) => vintageCurve(row).length >= month);
  if (!before.length) return null;
  const sum = (pick) => before.reduce((total, row) => total + pick(row), 0);
  const values = { quarter: quarterName(young), months: month, days: state.limit,
    share: share(vintageCurve(young)[month - 1], vintageWhole(young)),
    before: share(sum((row) => vintageCurve(row)[month - 1]), sum(vintageWhole)), n: before.length };
  return answer(state.weigh === "accounts" ? "vintage_answer" : "vintage_answer_principal", values);
}

/* The months whose shares stand in the table; the picture has them all. */
const VINTAGE_MONTHS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 15, 18, 21, 24, 30, 36, 48, 60];

function vintageColumns() {
  const longest = Math.max(0, ...FIGURES.vintages.map((row) => vintageCurve(row).length));
  const at = (row, month) => {
    const curve = vintageCurve(row);
    return curve.length >= month && vintageWhole(row) ? curve[month - 1] / vintageWhole(row) : null;
  };
  const shown = (row, month) => {
    if (at(row, month) === null) return "–";
    if (row.accounts >= ENOUGH) return share(at(row, month), 1);
    return word("vintage_of", { part: vintagePart(vintageCurve(row)[month - 1]),
      whole: vintagePart(vintageWhole(row)) });
  };
  return [
    { key: "quarter", label: word("quarter"), kind: "text", value: quarterName },
    { key: "accounts", label: word("started"), kind: "count", value: (row) => row.accounts },
    { key: "principal", label: word("principal_lent"), kind: "amount", value: (row) => row.principal_minor },
    { key: "paid_off", label: word("paid_off"), kind: "share",
      value: (row) => row.paid_off_accounts / row.accounts, why: word("why_vintage_paid_off") },
    { key: "age", label: word("months_on_book"), kind: "count", value: (row) => row.months_on_book },
    ...VINTAGE_MONTHS.filter((month) => month <= longest).map((month) => ({ key: "month_" + month,
      label: word("month_number", { n: month }), kind: "share", value: (row) => at(row, month),
      show: (row) => shown(row, month) })),
  ];
}

/* Work, treatments, blocks */

function work() {
  const rows = FIGURES.work;
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const experiments = [...new Set(FIGURES.arms.map((arm) => arm.experiment))];
  const columns = [
    { key: "team", label: word("team"), kind: "text", value: (row) => row.name || word("not_named") },
    { key: "to_reach", label: word("to_reach"), kind: "count", value: (row) => row.to_reach },
    { key: "listed", label: word("listed"), kind: "count", value: (row) => row.listed, bar: true },
    { key: "capacity", label: word("capacity"), kind: "count", value: (row) => row.capacity,
      show: (row) => (row.capacity === null ? word("no_limit") : count(row.capacity)) },
    { key: "load", label: word("load"), kind: "share",
      value: (row) => (row.capacity ? row.to_reach / row.capacity : null),
      show: (row) => (row.capacity ? share(row.to_reach, row.capacity) : "–") },
    { key: "waiting", label: word("waiting"), kind: "count", value: (row) => row.to_reach - row.listed,
      mark: (row) => (row.to_reach > row.listed ? "over" : "") },
  ];
  return card("work", "wide", "work", "why_work",
    answer("work_answer", { listed: count(sum("listed")), reach: count(sum("to_reach")),
      left: count(sum("to_reach") - sum("listed")) }),
    rows.length ? [keys([["accent", word("listed")], ["amber-fill", word("waiting")], ["text", word("capacity")]]),
      sized(picture("work", word("work_text"), workOption), 60 + 34 * Math.min(DRAWN_TEAMS, rows.length))]
      : element("p", { class: "nothing" }, word("nothing")),
    rows.length ? behind({ id: "work", label: word("work"), rows, columns }) : null,
    ...experiments.map((name) => element("p", { class: "note" }, word("arms", { experiment: name,
      arms: FIGURES.arms.filter((arm) => arm.experiment === name).map((arm) =>
        `${coded("arm", arm.name)} ${count(arm.accounts)}`).join(word("and")) }))));
}

function sized(holder, height) {
  holder.style.height = Math.min(560, Math.max(140, height)) + "px";
  return holder;
}

function treatments() {
  return card("treatments", "narrow", "treatments", "why_treatments", makeTable({ id: "treatments",
    label: word("treatments"), rows: FIGURES.treatments, columns: [
      { key: "name", label: word("treatment"), kind: "text", value: (row) => coded("treatment", row.name) },
      { key: "accounts", label: word("treated_accounts"), kind: "count", value: (row) => row.accounts },
      { key: "overdue", label: word("overdue"), kind: "amount", value: (row) => row.overdue_minor },
      { key: "listed", label: word("treated_listed"), kind: "count", value: (row) => row.listed },
      { key: "blocked", label: word("treated_blocked"), kind: "count", value: (row) => row.blocked_accounts },
    ] }));
}

function ruleCell(row) {
  const text = ruleText(row.id);
  const source = ruleSource(row.id);
  return [text, element("br"), element("span", { class: "from" },
    [text === row.id ? "" : row.id, source].filter(Boolean).join(" · "))];
}

function blocked() {
  const columns = [
    { key: "rule", label: word("rule_or_hold"), kind: "say", value: (row) => ruleText(row.id), show: ruleCell },
    { key: "accounts", label: word("blocked_accounts"), kind: "count", value: (row) => row.accounts, bar: true },
    { key: "overdue_accounts", label: word("blocked_overdue"), kind: "count", value: (row) => row.overdue_accounts },
    { key: "overdue", label: word("overdue"), kind: "amount", value: (row) => row.overdue_minor },
  ];
  if (!FIGURES.blocked_accounts) {
    return card("blocked", "", "blocked", "why_blocked", element("p", { class: "nothing" }, word("blocked_none")));
  }
  return card("blocked", "", "blocked", "why_blocked",
    answer("blocked_answer", { accounts: count(FIGURES.blocked_accounts),
      overdue: count(FIGURES.blocked_overdue_accounts), amount: amount(FIGURES.blocked_overdue_minor) }),
    makeTable({ id: "blocked", label: word("blocked"), rows: FIGURES.blocked, columns, first: 10 }));
}

/* Asset classes */

function classes() {
  const all = FIGURES.classes.reduce((sum, row) => sum + row.exposure_minor, 0);
  const mention = FIGURES.classes.find((row) => row.name === "special_mention");
  const table = makeTable({ id: "classes", label: word("classes"), rows: FIGURES.classes, columns: [
    { key: "class", label: word("class"), kind: "text", value: (row) => FIGURES.classes.indexOf(row),
      show: (row) => word("class_" + row.name) },
    { key: "accounts", label: word("class_accounts"), kind: "count", value: (row) => row.accounts },
    { key: "exposure", label: word("exposure"), kind: "amount", value: (row) => row.exposure_minor,
      show: (row) => (isOpen(row) ? "–" : amount(row.exposure_minor)) },
    { key: "share", label: word("class_share"), kind: "share",
      value: (row) => (all && !isOpen(row) ? row.exposure_minor / all : null) },
  ] });
  const seen = FIGURES.classes.some((row) => row.name !== "normal" && row.exposure_minor > 0);
  return card("classes", "", "classes", "why_classes",
    answer("classes_answer", { exposure: amount(FIGURES.total.npl_exposure_minor),
      share: share(FIGURES.total.npl_exposure_minor, FIGURES.total.exposure_minor),
      mention: share(mention.exposure_minor, all) }),
    element("div", { class: "two" }, table,
      seen ? sized(picture("classes", word("classes"), classesOption), 220) : null),
    element("h3", {}, word("binding")), bindingTable(),
    element("p", { class: "note" }, word("binding_note")),
    element("h3", {}, word("unexamined")), unexaminedParts());
}

/* What could not be decided mostly has no known exposure; that is not an exposure of nought. */
function isOpen(row) {
  return row.name === "unknown" && row.accounts > 0 && row.exposure_minor === 0;
}

function bindingTable() {
  return makeTable({ id: "binding", label: word("binding"), rows: FIGURES.binding, first: 8, columns: [
    { key: "rule", label: word("rule"), kind: "say", value: (row) => ruleText(row.id), show: ruleCell },
    { key: "class", label: word("class"), kind: "text", value: (row) => classRank(row.asset_class),
      show: (row) => word("class_" + row.asset_class) },
    { key: "accounts", label: word("class_accounts"), kind: "count", value: (row) => row.accounts },
    { key: "exposure", label: word("exposure"), kind: "amount", value: (row) => row.exposure_minor },
  ] });
}

function classRank(name) {
  return FIGURES.classes.findIndex((row) => row.name === name);
}

/* What was not looked at: for some accounts a fact is missing, or the whole book lacks the column. */
function unexaminedParts() {
  const lacking = lackedColumns();
  if (!FIGURES.unexamined.length && !lacking.length) {
    return element("p", { class: "note" }, word("unexamined_none"));
  }
  return [
    FIGURES.unexamined.length ? [element("p", { class: "note" }, word("unexamined_note")), unexaminedTable()] : null,
    lacking.length ? [element("p", { class: "note" }, word("lacking_note")), lackingTable(lacking)] : null,
  ];
}

function unexaminedTable() {
  return makeTable({ id: "unexamined", label: word("unexamined"), rows: FIGURES.unexamined, first: 6, columns: [
    { key: "rule", label: word("rule"), kind: "say", value: (row) => ruleText(row.id), show: ruleCell },
    { key: "accounts", label: word("class_accounts"), kind: "count", value: (row) => row.accounts, bar: true },
  ] });
}

/* One row per rule: the columns of contracts that some limb of it needs. */
function lackedColumns() {
  const columns = {};
  for (const row of NIGHT.facts_the_book_lacks || []) {
    columns[row.rule] = columns[row.rule] || new Set();
    columns[row.rule].add(row.column);
  }
  return Object.keys(columns).map((id) => ({ id, columns: [...columns[id]].join(word("and")) }));
}

function lackingTable(rows) {
  return makeTable({ id: "lacking", label: word("unexamined"), rows, first: 6, columns: [
    { key: "rule", label: word("rule"), kind: "say", value: (row) => ruleText(row.id), show: ruleCell },
    { key: "columns", label: word("lacked_column"), kind: "text", value: (row) => row.columns },
  ] });
}

/* Data */

function dataQuality() {
  const rejects = FIGURES.rejects;
  const others = FIGURES.currencies.filter((row) => row.code !== DATA.currency);
  return card("data", "", "data", "why_data",
    rejects.length || FIGURES.total.unknown_accounts
      ? [answer("data_answer", { errors: count(findings("error")), warnings: count(findings("warning")),
        unknown: count(FIGURES.total.unknown_accounts) }),
      element("p", { class: "note" }, word("data_where")), rejectsTable()]
      : element("p", { class: "nothing" }, word("data_clean")),
    Object.keys(NIGHT.tables).length ? [element("h3", {}, word("rows_in")), deliveredTable()] : null,
    others.length ? [element("h3", {}, word("other_currencies")), currencyTable(others)] : null);
}

const SEVERITIES = ["error", "warning", "note"];

function rejectsTable() {
  return makeTable({ id: "rejects", label: word("data"), rows: FIGURES.rejects, first: 10, columns: [
    { key: "finding", label: word("finding"), kind: "say", value: (row) => row["sentence_" + state.language],
      show: (row) => [row["sentence_" + state.language], element("br"), element("span", { class: "from" },
        [coded("table", row.table), row.column, row.code].filter(Boolean).join(" · "))] },
    { key: "severity", label: word("severity"), kind: "text", value: (row) => SEVERITIES.indexOf(row.severity),
      show: (row) => element("span", { class: "chip " + row.severity }, coded("severity", row.severity)) },
    { key: "findings", label: word("findings"), kind: "count", value: (row) => row.findings },
  ] });
}

function deliveredTable() {
  const rows = Object.entries(NIGHT.tables).map(([name, counts]) => ({ name, ...counts }));
  return makeTable({ id: "delivered", label: word("rows_in"), rows, columns: [
    { key: "table", label: word("table"), kind: "text", value: (row) => coded("table", row.name) },
    ...["read", "accepted", "rejected", "warnings"].map((key) => ({ key, label: word("rows_" + key), kind: "count",
      value: (row) => row[key] ?? null })),
  ] });
}

function currencyTable(rows) {
  return makeTable({ id: "currencies", label: word("other_currencies"), rows, columns: [
    { key: "code", label: word("currency"), kind: "text", value: (row) => row.code },
    { key: "accounts", label: word("accounts"), kind: "count", value: (row) => row.accounts },
    { key: "overdue_accounts", label: word("in_arrears"), kind: "count", value: (row) => row.overdue_accounts },
    { key: "overdue", label: word("overdue"), kind: "amount", value: (row) => row.overdue_minor,
      show: (row) => amount(row.overdue_minor, row.code) },
    { key: "exposure", label: word("exposure"), kind: "amount", value: (row) => row.exposure_minor,
      show: (row) => amount(row.exposure_minor, row.code) },
    { key: "without_rate", label: word("without_rate"), kind: "count", value: (row) => row.without_rate },
  ] });
}

/* Footer */

function footer() {
  const entries = [];
  const add = (key, ...value) => entries.push(element("dt", {}, word(key)), element("dd", {}, value));
  const named = (part) => [part.id || part.name || "", " ", word("version", { v: part.version || "–" }), " ",
    element("code", {}, part.content_hash || "")];
  add("as_of", FIGURES.as_of);
  add("decided", count(FIGURES.decided));
  add("base_currency", DATA.currency);
  if (NIGHT.pack) add("pack", ...named(NIGHT.pack));
  if (NIGHT.strategy) add("strategy", ...named(NIGHT.strategy));
  if (NIGHT.engine) add("engine", plainText(NIGHT.engine));
  if (NIGHT.versions) add("versions", plainText(NIGHT.versions));
  if (NIGHT.seconds) add("seconds", stepsText(NIGHT.seconds));
  return [element("h3", {}, word("night")), element("dl", {}, entries),
    hashes("inputs", NIGHT.inputs), hashes("results", NIGHT.results),
    element("p", { class: "note" }, word("aggregate"))];
}

function hashes(key, byName) {
  const entries = Object.entries(byName || {});
  if (!entries.length) return null;
  return element("details", {}, element("summary", {}, word(key)), element("dl", {},
    entries.map(([name, hash]) => [element("dt", {}, name), element("dd", {}, element("code", {}, hash))])));
}

/* The seconds of each step before this page, and their sum. */
function stepsText(steps) {
  const whole = Object.values(steps).reduce((sum, taken) => sum + Number(taken), 0);
  const each = Object.entries(steps).map(([name, taken]) => `${coded("step", name)} ${taken}`);
  return word("seconds_value", { n: whole.toFixed(1), steps: each.join(word("and")) });
}

function plainText(value) {
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value).map(([name, part]) => `${name} ${plainText(part)}`).join(" · ");
}
