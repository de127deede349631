// A message centre made with the npm package `smpp`: it prints what it gets, one JSON object a line,
// and does what it is told on its standard input, one JSON object a line.
const path = require("path");
const smpp = require(path.join(process.argv[2], "node_modules", "smpp"));
const tell = (what) => process.stdout.write(JSON.stringify(what) + "\n");
let session = null, taken = 0;
let answers = [];
const server = smpp.createServer({}, (link) => {
  link.on("error", () => {});
  link.on("bind_transceiver", (pdu) => {
    if (pdu.password !== "secret") { link.send(pdu.response({ command_status: smpp.ESME_RINVPASWD })); link.close(); return; }
    session = link;
    link.send(pdu.response());
    tell({ event: "bound", system_id: pdu.system_id, version: pdu.interface_version });
  });
  link.on("submit_sm", (pdu) => {
    const udh = pdu.short_message.udh ? pdu.short_message.udh.map((one) => one.toString("hex")) : [];
    tell({ event: "submit", to: pdu.destination_addr, text: pdu.short_message.message, coding: pdu.data_coding,
           esm_class: pdu.esm_class, receipt: pdu.registered_delivery, udh });
    const answer = answers.shift() || "ok";
    if (answer === "silence") return;
    if (answer === "cut") { link.destroy(); return; }
    if (answer !== "ok") { link.send(pdu.response({ command_status: smpp[answer] })); return; }
    taken += 1;
    link.send(pdu.response({ message_id: "m" + taken }));
  });
  link.on("deliver_sm_resp", (pdu) => tell({ event: "confirmed", status: pdu.command_status }));
  link.on("enquire_link", (pdu) => { tell({ event: "enquire_link" }); link.send(pdu.response()); });
  link.on("unbind", (pdu) => { link.send(pdu.response()); link.close(); });
});
server.listen(0, "127.0.0.1", () => tell({ event: "listening", port: server.address().port }));
require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const wish = JSON.parse(line);
  if (wish.answers) answers = wish.answers;
  if (wish.deliver) session.deliver_sm(wish.deliver);
  if (wish.enquire) session.enquire_link({}, () => tell({ event: "alive" }));
  tell({ event: "done" });
}).on("close", () => process.exit(0));
