// The page: controls to state, state to picture, table, legend and fragment. One `render` for every change.
(() => {
  const byId = (id) => document.getElementById(id);
  const data = JSON.parse(byId("data").textContent);
  const STEPS = 200;
  let state = readFragment(location.hash, data);
  let view = null; // rows, legend and sliders of the profile and test set; kept until one of the two changes
  let picked = null;
  let layout = null;
  let active = null; // the dot whose tooltip is open
  let pending = 0;

  // Helpers ----------------------------------------------------------------------------------------------

  function element(tag, properties = {}, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children);
    return made;
  }
  // Writes only what is new, so that live regions don't speak without a reason.
  function say(id, text) {
    if (byId(id).textContent !== text) byId(id).textContent = text;
  }
  // Lets a long name break after its dots and underscores.
  const breakable = (name) => name.split(/(?<=[._])/).flatMap((part) => [part, element("wbr")]);
  const count = (number) => number.toLocaleString("en-US");
  const looked = () => profilesOf(state, data).map((id) => byIdIn(data.profiles, id));
  const words = (mode) => ({ infer: "inference", train: "training" }[mode]);
  const mode = () => words(looked()[0].mode);
  const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
  function axisWords(quantity) {
    const { words: name, unit, log } = QUANTITIES[quantity];
    const note = quantity === "ms" ? ": 1 / throughput at the batch size used" : "";
    return capital(`${quantity === "ms" ? `${mode()} ` : ""}${name}, ${unit}${note}${log ? " (log scale)" : ""}`);
  }

  // What follows from the state --------------------------------------------------------------------------

  const viewKey = () => [state.device, state.profile, state["test-set"]].join();

  // The profiles that are looked at, as a heading.
  function title() {
    const [first, ...rest] = looked();
    if (!rest.length) return capital(first.words);
    return `${byIdIn(data.devices, state.device).label}, ${mode()}: of each model the fastest of ${rest.length + 1} profiles`;
  }

  function viewOf() {
    const rows = rowsOf(data, profilesOf(state, data), state["test-set"]);
    const evaluated = rows.filter((row) => row.top1 !== null);
    const sliders = Object.entries(LIMITS).map(([name, { of }]) => {
      const scale = sliderScale(evaluated.map((row) => row[of]), QUANTITIES[of].log, STEPS);
      return [name, { ...scale, off: name.startsWith("max") ? STEPS : 0 }];
    });
    const legend = legendOf(rows, data.colours);
    const settings = settingsOf(data, profilesOf(state, data), state["test-set"]);
    return { of: viewKey(), rows, settings, legend, sliders: Object.fromEntries(sliders) };
  }

  function look() {
    const matches = matcher(state.search);
    const colours = new Map(view.legend.map((group) => [group.name, group.colour]));
    return (row) => {
      const group = colours.has(row.family) ? row.family : OTHER;
      const faded = (state.family !== null && state.family !== group) || !matches(row);
      return { colour: colours.get(group), other: group === OTHER, faded };
    };
  }

  function render() {
    if (!view || view.of !== viewKey()) view = viewOf();
    if (!view.legend.some((group) => group.name === state.family)) state.family = null;
    picked = pick(view.rows, state);
    active = null;
    draw(); // before the rest of the page changes: it asks for the width, which would lay the page out twice
    showControls();
    showLegend();
    showWords();
    showTable();
  }

  function change(parts) {
    state = { ...state, ...parts };
    render();
    clearTimeout(pending); // browsers refuse many changes of the address in a short time
    pending = setTimeout(() => history.replaceState(null, "", writeFragment(state, data)), 150);
  }

  // Controls ---------------------------------------------------------------------------------------------

  function fill(id, choices, chosen) {
    const key = JSON.stringify(choices);
    const select = byId(id);
    if (select.dataset.choices !== key) {
      select.replaceChildren(...choices.map(([value, text]) => element("option", { value, text })));
      select.dataset.choices = key;
    }
    select.value = chosen;
  }

  function showControls() {
    const together = byIdIn(data.devices, state.device).profiles;
    const profiles = data.profiles.filter((profile) => profile.device === state.device);
    const all = `All ${count(together.length)} ${words(byIdIn(data.profiles, together[0]).mode)} profiles: the fastest row of each model`;
    fill("device", data.devices.map((device) => [device.id, device.label]), state.device);
    fill("profile", [
      ...(together.length > 1 ? [["", all]] : []),
      ...profiles.map((profile) => [profile.id, `${capital(words(profile.mode))}, ${setupOf(profile)}`]),
    ], state.profile ?? (together.length > 1 ? "" : together[0]));
    fill("test-set", data.test_sets.map((testSet) => [testSet.id, testSet.words]), state["test-set"]);
    for (const axis of ["x", "y"]) {
      fill(axis, AXES[axis].map((name) => [name, capital(QUANTITIES[name].words)]), state[axis]);
    }
    for (const [name, slider] of Object.entries(view.sliders)) {
      const [field, range, limit] = [byId(name), byId(`${name}-slider`), state[name]];
      if (document.activeElement !== field) field.value = limit ?? "";
      if (document.activeElement !== range) range.value = limit === null ? slider.off : slider.place(limit);
      range.setAttribute("aria-valuetext", limit === null ? "no limit" : LIMITS[name].say(limit));
    }
    if (document.activeElement !== byId("search")) byId("search").value = state.search;
  }

  function listen() {
    byId("device").addEventListener("change", (event) => change({ device: event.target.value, profile: null }));
    byId("profile").addEventListener("change", (event) => change({ profile: event.target.value || null }));
    for (const id of ["test-set", "x", "y"]) {
      byId(id).addEventListener("change", (event) => change({ [id]: event.target.value }));
    }
    byId("search").addEventListener("input", (event) => change({ search: event.target.value }));
    for (const name of Object.keys(LIMITS)) {
      byId(name).addEventListener("input", (event) => change({ [name]: readNumber(event.target.value) }));
      byId(`${name}-slider`).addEventListener("input", (event) => {
        const [place, slider] = [Number(event.target.value), view.sliders[name]];
        change({ [name]: place === slider.off ? null : slider.value(place) });
      });
    }
    const nothing = { ...Object.fromEntries(Object.keys(LIMITS).map((name) => [name, null])), search: "", family: null };
    byId("clear").addEventListener("click", () => change(nothing));
    byId("download").addEventListener("click", download);
    for (const link of document.querySelectorAll(".skip")) link.addEventListener("click", skip);
    window.addEventListener("hashchange", () => {
      clearTimeout(pending);
      document.activeElement.blur(); // so that a field shows its new value
      state = readFragment(location.hash, data);
      render();
    });
  }

  // The fragment holds the state, so a skip link moves the focus by itself.
  function skip(event) {
    event.preventDefault();
    const target = document.querySelector(event.target.hash);
    target.focus();
    target.scrollIntoView();
  }

  // Legend, words, table ---------------------------------------------------------------------------------

  function showLegend() {
    const legend = byId("legend");
    if (legend.dataset.of !== view.of) {
      legend.dataset.of = view.of;
      legend.replaceChildren(...view.legend.map(({ name, rows, colour }) => {
        const dot = element("i");
        dot.style.background = colour;
        const button = element("button", { type: "button", value: name }, dot, name, element("span", { textContent: count(rows) }));
        button.addEventListener("click", () => change({ family: state.family === name ? null : name }));
        return button;
      }));
    }
    for (const button of legend.children) button.setAttribute("aria-pressed", String(button.value === state.family));
  }

  function showWords() {
    const testSet = byIdIn(data.test_sets, state["test-set"]);
    const { toys } = state.profile === null ? byIdIn(data.devices, state.device) : byIdIn(data.profiles, state.profile);
    const { shown, frontier, outside, unevaluated } = picked;
    const unknown = shown.filter((row) => !drawable(row, state)).length;
    const limits = Object.entries(LIMITS).filter(([name]) => state[name] !== null);
    const asked = limits.map(([name, { say: words }]) => words(state[name]));
    const missing = [...new Set([state.x, state.y])].map((name) => QUANTITIES[name].words).join(" or ");
    const counted = [
      `${count(shown.length)} of ${count(view.rows.length)} models shown`,
      unknown && `${count(unknown)} of them not drawn, ${missing} unknown`,
      outside && `${count(outside)} filtered out (${asked.join(", ")})`,
      unevaluated && `${count(unevaluated)} without an evaluation on this test set`,
      toys && `${count(toys)} toy models of timm's tests left out`,
      `${count(frontier.length)} on the frontier`,
    ].filter(Boolean);
    say("plot-title", title());
    say("y-title", axisWords(state.y));
    say("x-title", axisWords(state.x));
    say("counts", `Top-1 on ${testSet.words}. ${counted.join("; ")}. A model counts once for each image size.`);
    showSettings();
    say("ties", tiesInWords(picked, testSet));
    const matching = shown.filter(matcher(state.search)).length;
    say("matches", state.search.trim() ? `${count(matching)} of ${count(shown.length)} shown match` : "");
    say("caption", `${title()}; top-1 on ${testSet.words}${asked.length ? `; ${asked.join(", ")}` : ""}. `
      + "ms per image is 1,000 / (images/s) at that batch size.");
  }

  // What compiling, another layout or another release changes.
  function showSettings() {
    const found = picked.frontier.length ? view.settings.map((setting) => shareOf(setting, state, picked)) : [];
    byId("settings").replaceChildren(...found.map((one) => element("li", { textContent: settingInWords(one) })));
    byId("settings-part").hidden = !found.length;
  }

  function showTable() {
    const key = [view.of, ...picked.frontier.map((row) => [row.entry, picked.ties.has(row)])].join();
    if (byId("rows").dataset.of === key) return;
    byId("rows").dataset.of = key;
    byId("rows").replaceChildren(...picked.frontier.map((row) => {
      const cells = COLUMNS.map((column, i) => {
        return i ? element("td", {}, column.text(row, picked.ties)) : element("th", { scope: "row" }, ...breakable(row.model));
      });
      const code = element("code", { textContent: createModel(row), title: createModel(row) });
      const button = element("button", { type: "button", textContent: "Copy" });
      button.setAttribute("aria-label", `Copy the call that creates ${row.model}`);
      button.addEventListener("click", () => copy(button, code));
      return element("tr", {}, ...cells, element("td", {}, element("div", { className: "call" }, button, code)));
    }));
    byId("table").hidden = !picked.frontier.length;
    byId("download").hidden = !picked.frontier.length;
    byId("no-rows").hidden = picked.frontier.length > 0;
  }

  async function copy(button, code) {
    const selection = getSelection();
    selection.selectAllChildren(code);
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = "Copied";
      say("said", "Copied");
    } catch {
      say("said", "Selected; copy it with the keyboard"); // a browser that does not let pages write the clipboard
    }
    setTimeout(() => { button.textContent = "Copy"; }, 1500);
  }

  function download() {
    const url = URL.createObjectURL(new Blob([csvOf(picked.frontier, picked.ties, state["test-set"])], { type: "text/csv" }));
    element("a", { href: url, download: `frontier-${state.profile ?? state.device}-${state["test-set"]}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  }

  // Picture ----------------------------------------------------------------------------------------------

  function draw() {
    const width = byId("frame").clientWidth;
    const height = Math.round(Math.min(Math.max(width * 0.62, 320), 580));
    layout = layoutOf({ width, height }, picked, state, look());
    byId("plot").style.height = `${height}px`;
    activate(active && layout.points.find((point) => point.row === active.row));
    const style = getComputedStyle(document.documentElement);
    const names = ["ink", "soft", "line", "grid", "paper"];
    const colours = Object.fromEntries(names.map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
    drawChart(byId("plot"), layout, colours);
  }

  function showTooltip() {
    const [tip, ring] = [byId("tooltip"), byId("ring")];
    ring.style.left = `${active.x}px`;
    ring.style.top = `${active.y}px`;
    const lines = aboutRow(active.row, picked.ties).map(([name, value]) => element("div", { textContent: `${name}: ${value}` }));
    tip.replaceChildren(element("b", { textContent: active.row.model }), ...lines);
    const { width, height } = layout.size;
    const place = (at, size, most) => Math.max(0, Math.min(at + 14 + size > most ? at - 14 - size : at + 14, most - size));
    tip.style.left = "0"; // measured where it has all the room
    tip.style.left = `${place(active.x, tip.offsetWidth, width)}px`;
    tip.style.top = `${place(active.y, tip.offsetHeight, height)}px`;
  }

  function activate(point) {
    active = point ?? null;
    byId("ring").hidden = byId("tooltip").hidden = !active;
    if (active) showTooltip();
  }

  function listenToPicture() {
    const plot = byId("plot");
    const pointed = (event) => activate(pointAt(layout, event.offsetX, event.offsetY));
    plot.addEventListener("pointermove", pointed);
    plot.addEventListener("pointerdown", pointed);
    plot.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") activate(null); });
    plot.addEventListener("blur", () => activate(null));
    plot.addEventListener("keydown", step);
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") activate(null); });
    new ResizeObserver(draw).observe(byId("frame"));
    for (const query of ["(prefers-color-scheme: dark)", "print"]) matchMedia(query).addEventListener("change", draw);
    for (const name of ["resize", "beforeprint", "afterprint"]) window.addEventListener(name, draw);
  }

  // The arrow keys walk along the frontier, from the fastest model to the most accurate.
  function step(event) {
    const last = layout.front.length - 1;
    const at = layout.front.indexOf(active);
    const forward = Math.min(at + 1, last);
    const back = at < 0 ? last : Math.max(at - 1, 0);
    const to = { ArrowRight: forward, ArrowUp: forward, ArrowLeft: back, ArrowDown: back, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    activate(layout.front[to]);
    say("said", [active.row.model, ...aboutRow(active.row, picked.ties).map((part) => part.join(" ")), `${to + 1} of ${last + 1}`].join(", "));
  }

  byId("app").hidden = false;
  byId("head").append(...[...COLUMNS.map((column) => column.words), "Create it"].map((text) => {
    return element("th", { scope: "col", textContent: text });
  }));
  listen();
  listenToPicture();
  render();

  // For the tests of this page, and for people with a console.
  window.timmCharts = Object.freeze({
    get state() { return { ...state }; },
    get picked() { return { ...picked }; },
    get points() { return layout.points.map(({ row, x, y, front, tie, faded, colour }) => ({ row, x, y, front, tie, faded, colour })); },
    get rows() { return [...view.rows]; },
    data,
    pick,
  });
})();
