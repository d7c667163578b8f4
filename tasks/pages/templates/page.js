// Replaces the static picture of a chart page by the interactive chart, in light or dark, wide or narrow,
// and adds what a keyboard or a screen reader needs: a choice of one family and the data as a table.
"use strict";

const text = document.getElementById("spec").textContent;
const darkColours = JSON.parse(document.getElementById("dark").textContent);
const isDark = matchMedia("(prefers-color-scheme: dark)");
const isNarrow = matchMedia("(max-width: 800px)");
const NARROW_ROOM = 90; // axis and padding beside the plot
const NARROW_HEIGHT = 420;
const LONG_TITLE = 45;
let view = null;
let kept = "";

function specification() {
  const colours = isDark.matches ? darkColours : {};
  const spec = JSON.parse(text, (_key, value) => (typeof value === "string" && Object.hasOwn(colours, value) ? colours[value] : value));
  delete spec.title; // the page says it in text
  delete spec.description;
  return isNarrow.matches ? narrow(spec) : spec;
}

// A long axis title goes over two lines where a chart is narrow.
function wrapTitles(node) {
  if (node === null || typeof node !== "object") return;
  for (const [key, value] of Object.entries(node)) {
    if (key === "data" || key === "datasets") continue;
    const title = value?.title;
    if (key === "axis" && typeof title === "string" && title.length > LONG_TITLE) value.title = halves(title);
    else wrapTitles(value);
  }
}

function halves(title) {
  const spaces = [...title.matchAll(/ /g)].map((match) => match.index);
  const middle = spaces.sort((a, b) => Math.abs(a - title.length / 2) - Math.abs(b - title.length / 2))[0];
  return [title.slice(0, middle), title.slice(middle + 1)];
}

const marks = (spec) => (spec.layer ?? [spec]).map((layer) => layer.mark?.type);
// Columns with a heading of several lines would lie on each other if they were squeezed: they scroll.
const needsRoom = (spec) => find(spec, (key, value) => (key === "labelExpr" && value.startsWith("split(") ? true : undefined)) ?? false;

function narrow(spec) {
  if (needsRoom(spec)) return spec;
  const width = Math.max(200, document.getElementById("chart").clientWidth - NARROW_ROOM);
  wrapTitles(spec);
  spec.config.legend = { ...spec.config.legend, orient: "bottom", columns: 2 };
  const { hconcat, concat, columns: _columns, ...rest } = spec;
  const panels = hconcat ?? concat;
  if (panels) return { ...rest, vconcat: panels.map((panel) => slim(panel, width)) };
  return slim(spec, width);
}

function slim(view, width) {
  view.width = width;
  if (view.height > NARROW_HEIGHT && !marks(view).includes("bar")) view.height = NARROW_HEIGHT;
  // Labels are laid out for the wide picture.
  if (view.layer) view.layer = view.layer.filter((layer) => layer.data?.name !== "labels");
  return view;
}

async function draw() {
  const chart = document.getElementById("chart");
  const options = { ast: true, renderer: "svg", actions: false, tooltip: { theme: "custom" }, loader: { http: { credentials: "omit" } } };
  const scrolls = isNarrow.matches && needsRoom(spec);
  chart.classList.toggle("scroll", scrolls);
  if (scrolls) chart.tabIndex = 0;
  else chart.removeAttribute("tabindex");
  view?.finalize();
  view = (await vegaEmbed(chart, specification(), options)).view;
  chart.querySelector("svg")?.setAttribute("aria-hidden", "true"); // described in the text above, listed in the table
  await keep(kept);
}

function find(node, wanted) {
  if (node === null || typeof node !== "object") return undefined;
  for (const [key, value] of Object.entries(node)) {
    if (key === "data" || key === "datasets") continue;
    const found = wanted(key, value) ?? find(value, wanted);
    if (found !== undefined) return found;
  }
  return undefined;
}

const spec = JSON.parse(text);
const legend = find(spec, (key, value) => (key === "params" ? value.find((param) => param.bind === "legend") : undefined));
const field = legend?.select?.fields?.[0];
const families = field && find(spec, (key, value) => (key === "color" && value.field === field ? value.scale?.domain : undefined));

async function keep(family) {
  kept = family;
  if (!families) return;
  const fields = [{ type: "E", channel: "color", field }];
  view.data(`${legend.name}_store`, family ? [{ unit: "", fields, values: [family] }] : []);
  await view.runAsync();
}

function addChoice() {
  const label = document.createElement("label");
  label.textContent = "Keep one family, dim the others";
  const select = document.createElement("select");
  select.id = "family";
  for (const family of ["", ...families]) select.add(new Option(family || "all families", family));
  select.addEventListener("change", () => keep(select.value));
  label.append(select);
  const controls = document.getElementById("controls");
  controls.append(label);
  controls.hidden = false;
}

function fillTable(place) {
  const rows = (spec.data ?? {}).values ?? [];
  const columns = Object.keys(rows[0] ?? {});
  const table = document.createElement("table");
  table.createCaption().textContent = `${rows.length.toLocaleString("en")} rows`;
  const head = table.createTHead().insertRow();
  const isNumber = columns.map((column) => rows.every((row) => row[column] === null || typeof row[column] === "number"));
  columns.forEach((column, i) => {
    const cell = document.createElement("th");
    cell.scope = "col";
    cell.textContent = column;
    if (isNumber[i]) cell.className = "number";
    head.append(cell);
  });
  const body = table.createTBody();
  for (const row of rows) {
    const line = body.insertRow();
    columns.forEach((column, i) => {
      const cell = line.insertCell();
      cell.textContent = row[column] ?? "";
      if (isNumber[i]) cell.className = "number";
    });
  }
  place.replaceChildren(table);
}

if (families?.length > 1) addChoice();
const data = document.getElementById("data");
data.hidden = false;
data.addEventListener("toggle", () => data.open && !data.querySelector("table") && fillTable(data.querySelector("div")));
isDark.addEventListener("change", draw);
isNarrow.addEventListener("change", draw);
window.timmCharts = { ready: draw() };
