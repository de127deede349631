// Visits on a weak connection: what is recorded is kept in the browser (IndexedDB) under a key of its
// own and sent again until the desk says that it has it. Sent twice, it counts once: the key says so.
(() => {
  const page = document.querySelector("[data-visits]");
  if (!page) return;
  const says = page.dataset;
  const RETRY_MS = [3000, 10000, 30000, 60000];
  let failures = 0;
  let later = 0;
  let sending = false;

  // The store: one row per visit and per photograph, in the order in which they were made.
  const opened = new Promise((resolve, reject) => {
    if (!window.indexedDB) return reject(new Error("no store"));
    const asked = indexedDB.open("recoup-visits", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("outbox", { keyPath: "seq", autoIncrement: true });
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
  const act = async (mode, work) => {
    const store = (await opened).transaction("outbox", mode);
    return new Promise((resolve, reject) => {
      const asked = work(store.objectStore("outbox"));
      store.oncomplete = () => resolve(asked && asked.result);
      store.onabort = store.onerror = () => reject(store.error);
    });
  };
  const waiting = async () =>
    (await act("readonly", (store) => store.getAll())).filter((one) => one.staff === says.staff);
  const keepAll = (items) => act("readwrite", (store) => items.map((one) => store.add(one)).at(-1));
  const drop = (seq) => act("readwrite", (store) => store.delete(seq));

  const newKey = () => {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (one) => one.toString(16).padStart(2, "0")).join("");
  };
  const stopOf = (debtor) => page.querySelector(`[data-stop="${CSS.escape(debtor)}"]`);
  const tell = (debtor, text, look) => {
    const stop = stopOf(debtor);
    if (!stop) return;
    stop.querySelector("[data-said]").textContent = text;
    stop.querySelector("[data-state]").textContent = look === "done" ? "✓" : look === "kept" ? "…" : "✕";
    stop.classList.toggle("rc-stop-done", look === "done");
    stop.classList.toggle("rc-stop-kept", look === "kept");
  };
  const trouble = (text) => {
    const place = page.querySelector("[data-outbox-trouble]");
    place.textContent = text;
    place.hidden = !text;
  };
  const count = async () => {
    const items = await waiting();
    page.querySelector("[data-outbox-count]").textContent = items.length;
    page.querySelector("[data-outbox]").hidden = items.length === 0;
    items.forEach((one) => tell(one.fields.debtor, says.saysKept, "kept"));
    return items.length;
  };

  const post = (url, fields) => {
    const body = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (value instanceof Blob) body.append(name, value, value.name || "photo.jpg");
      else if (value !== "" && value !== null && value !== undefined) body.append(name, value);
    }
    const headers = { "X-CSRFToken": document.body.dataset.csrf };
    return fetch(url, { method: "POST", body, headers, redirect: "manual", credentials: "same-origin" });
  };
  // Yields "sent", "refused", "later" or "signed out".
  const send = async (item) => {
    const ago = Math.max(0, Math.round((Date.now() - item.since) / 1000));
    const fields = { ...item.fields, seconds_ago: ago };
    if (item.photo) fields.file = new File([item.photo], item.name, { type: item.photo.type });
    let answer;
    try {
      answer = await post(item.photo ? says.photo : says.record, fields);
    } catch {
      return "later";
    }
    if (answer.type === "opaqueredirect" || answer.status === 401) return "signed out";
    if (answer.status >= 500 || answer.status === 429) return "later";
    let told;
    try {
      told = await answer.json();
    } catch {
      // A page instead of an answer: the session's token is old, or something stands between.
      return answer.status === 403 ? "signed out" : "later";
    }
    if (told.saved !== item.fields.key && !told.refused) return "later";
    await drop(item.seq);
    if (told.refused) {
      tell(item.fields.debtor, `${says.saysRefused} ${told.refused}`, "refused");
      return "refused";
    }
    tell(item.fields.debtor, says.saysSent, "done");
    return "sent";
  };
  const sendAll = async () => {
    let came = "sent";
    for (const item of await waiting()) {
      came = await send(item);
      if (came === "later" || came === "signed out") break;
    }
    return came;
  };
  const flush = async () => {
    if (sending) return;
    sending = true;
    clearTimeout(later);
    try {
      // Two pages of one telephone do not send at once; where they cannot know, the key decides.
      const came = navigator.locks ? await navigator.locks.request("recoup-visits", sendAll) : await sendAll();
      trouble(came === "signed out" ? says.saysSignIn : "");
      failures = came === "later" ? failures + 1 : 0;
      if (came === "later") later = setTimeout(flush, RETRY_MS[Math.min(failures, RETRY_MS.length) - 1]);
    } finally {
      sending = false;
      await count();
    }
  };

  const numberOf = (degrees) => String(Math.round(degrees * 1000000));
  page.addEventListener("click", (event) => {
    const form = event.target.closest("[data-visit-form]");
    if (event.target.closest("[data-send-now]")) return void flush();
    if (!form) return;
    if (event.target.closest("[data-arrive-now]")) return void arrive(form);
    if (event.target.closest("[data-position]")) return void locate(form);
  });
  const arrive = async (form) => {
    const door = form.querySelector("[data-door]");
    form.dataset.since = Date.now();
    try {
      const answer = await post(says.arrive, { debtor: form.debtor.value });
      const told = await answer.json();
      form.decision.value = told.decision || "";
      const said = told.refused ? [told.refused] : told.said;
      const head = told.permitted ? says.saysOpen : says.saysShut;
      const until = told.until ? ` ${says.saysUntil} ${told.until}` : "";
      door.textContent = `${head} ${said.join(" ")}${until}`;
      door.classList.toggle("rc-red", !told.permitted);
    } catch {
      door.textContent = says.saysUnasked;
    }
  };
  const locate = (form) => {
    const place = form.querySelector("[data-place]");
    if (!navigator.geolocation) return void (place.textContent = says.saysNoPosition);
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => {
        form.latitude_e6.value = numberOf(coords.latitude);
        form.longitude_e6.value = numberOf(coords.longitude);
        form.accuracy_m.value = Math.round(coords.accuracy);
        place.textContent = `${says.saysPosition} ${Math.round(coords.accuracy)} ${says.saysMetres}`;
      },
      () => (place.textContent = says.saysNoPosition),
      { enableHighAccuracy: true, timeout: 20000, maximumAge: 60000 },
    );
  };

  page.addEventListener("submit", async (event) => {
    const form = event.target.closest("[data-visit-form]");
    if (!form) return;
    event.preventDefault();
    const said = form.querySelector("[data-said]");
    const outcome = new FormData(form).get("outcome");
    if (!outcome) return void (said.textContent = says.saysOutcome);
    const photos = [...form.photos.files];
    if (photos.length > Number(says.mostPhotos)) return void (said.textContent = says.saysMany);
    const key = newKey();
    const since = Number(form.dataset.since) || Date.now();
    const debtor = form.debtor.value;
    const names = ["decision", "latitude_e6", "longitude_e6", "accuracy_m", "party", "note", "witness"];
    const fields = { key, debtor, outcome };
    names.forEach((name) => (fields[name] = form[name].value));
    const items = [{ staff: says.staff, since, fields }];
    photos.forEach((photo) =>
      items.push({ staff: says.staff, since, photo, name: photo.name, fields: { key: newKey(), visit: key, debtor } }));
    try {
      await keepAll(items);
    } catch {
      return void (said.textContent = says.saysNoStore);
    }
    form.reset();
    delete form.dataset.since;
    form.decision.value = form.latitude_e6.value = form.longitude_e6.value = form.accuracy_m.value = "";
    form.querySelector("[data-door]").textContent = form.querySelector("[data-place]").textContent = "";
    await count();
    flush();
  });
  window.addEventListener("online", flush);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && flush());
  opened.then(flush, () => trouble(says.saysNoStore));
})();
