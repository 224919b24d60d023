"use strict";
(() => {
  const one = (q) => document.querySelector(q);
  const all = (q) => Array.from(document.querySelectorAll(q));
  const root = document.documentElement;

  // The token of a first visit goes out of the address, so that no link, no history
  // and no screenshot has it. The answer set a cookie instead.
  if (location.search) history.replaceState(null, "", location.pathname + location.hash);

  // Every text is there in two languages: data-o holds the other one.
  const count = one("#count"), language = one("#language");
  function swap() {
    for (const e of all("[data-o]")) {
      const other = e.dataset.o;
      e.dataset.o = e.textContent;
      e.textContent = other;
    }
    if (count) {
      [count.dataset.text, count.dataset.oText] = [count.dataset.oText, count.dataset.text];
    }
    language.lang = root.lang;
    root.lang = root.lang === "en" ? "zh-CN" : "en";
    texts = null;
    age();
    filter();
  }
  const stored = (value) => {
    try {
      if (value) localStorage.setItem("language", value);
      return localStorage.getItem("language");
    } catch {
      return null; // some browsers keep nothing for files
    }
  };
  language.hidden = false;
  language.addEventListener("click", () => {
    swap();
    stored(root.lang);
  });

  // How old the look is, by the visitor's clock.
  function age() {
    const minutes = Math.max(0, Math.round((Date.now() - new Date(one("#at").dateTime)) / 60000));
    const [n, unit] = minutes < 120 ? [minutes, "minute"] : minutes < 2880 ? [Math.round(minutes / 60), "hour"] : [Math.round(minutes / 1440), "day"];
    one("#ago").textContent = " · " + new Intl.RelativeTimeFormat(root.lang).format(-n, unit);
    one("#old").hidden = minutes < 60;
  }
  setInterval(age, 30000);

  // The filter hides rows of the matrix. The text of all rows is read once. Thousands
  // of rows at once would make typing slow, so the others are shown when asked for.
  const rows = all("#disks tbody tr"), field = one("#filter"), chips = all(".tools [data-s]"), rest = one("#rest");
  let texts = null, state = "", most = 200;
  function filter() {
    if (!field) return;
    texts ??= rows.map((row) => row.textContent.toLowerCase());
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    rows.forEach((row, i) => {
      const match = (!state || row.dataset.s === state) && words.every((word) => texts[i].includes(word));
      if (match) found++;
      const hide = !match || found > most;
      if (row.hidden !== hide) row.hidden = hide;
    });
    rest.hidden = found <= most;
    const n = new Intl.NumberFormat(root.lang);
    count.textContent = count.dataset.text.replace("{n}", n.format(found)).replace("{m}", n.format(rows.length));
  }
  function showAll() {
    most = rows.length;
    filter();
  }
  if (field) {
    one(".tools").hidden = false;
    field.addEventListener("input", filter);
    rest.addEventListener("click", showAll);
    for (const chip of chips) {
      chip.addEventListener("click", () => {
        state = chip.dataset.s;
        for (const c of chips) c.setAttribute("aria-pressed", c === chip);
        filter();
      });
    }
  }

  addEventListener("beforeprint", () => {
    all("details").forEach((d) => (d.open = true));
    showAll();
  });

  const wanted = stored() || (navigator.language.toLowerCase().startsWith("zh") ? "zh-CN" : "en");
  if (wanted !== root.lang) {
    swap();
  } else {
    age();
    filter();
  }
})();
