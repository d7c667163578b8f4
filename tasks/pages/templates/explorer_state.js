// What the explorer says: its state as a fragment, numbers in words, the CSV. No document, no canvas.

// State and fragment -------------------------------------------------------------------------------------

function defaultState(data) {
  return {
    device: data.devices[0].id,
    profile: null, // all that are looked at together on the device
    "test-set": data.test_sets[0].id,
    x: "ms",
    y: "top1",
    "max-ms": null,
    "max-params": null,
    "min-top1": null,
    search: "",
    family: null,
  };
}

// Reads a limit as people type it: a plain number from 0 on. Anything else is no limit.
function readNumber(text) {
  const number = /^\s*(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(text) ? Number(text) : NaN;
  return Number.isFinite(number) ? number : null;
}

const oneOf = (values, text) => (values.includes(text) ? text : null);
const READERS = {
  device: (text, data) => oneOf(data.devices.map((d) => d.id), text),
  profile: (text, data) => oneOf(data.profiles.map((p) => p.id), text),
  "test-set": (text, data) => oneOf(data.test_sets.map((t) => t.id), text),
  x: (text) => oneOf(AXES.x, text),
  y: (text) => oneOf(AXES.y, text),
  "max-ms": readNumber,
  "max-params": readNumber,
  "min-top1": readNumber,
  search: (text) => text,
  family: (text, data) => oneOf([...data.families, OTHER], text),
};

// What a fragment does not say, says wrongly, or says in keys of another time, stays as it is by default.
function readFragment(fragment, data) {
  const state = defaultState(data);
  for (const [key, text] of new URLSearchParams(fragment.replace(/^#/, ""))) {
    if (Object.hasOwn(READERS, key)) state[key] = READERS[key](text, data) ?? state[key];
  }
  if (state.profile !== null) state.device = byIdIn(data.profiles, state.profile).device;
  return state;
}

// Which profiles a state looks at.
const profilesOf = (state, data) => (state.profile === null ? byIdIn(data.devices, state.device).profiles : [state.profile]);

// The device is always written: which one comes first changes with the results.
function writeFragment(state, data) {
  const plain = defaultState(data);
  const said = Object.entries(state).filter(([key, value]) => key === "device" || value !== plain[key]);
  return `#${new URLSearchParams(said)}`;
}

// Words --------------------------------------------------------------------------------------------------

const NUMBERS = {
  digits3: new Intl.NumberFormat("en-US", { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  digits2: new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  precise: new Intl.NumberFormat("en-US", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 }),
  plain: new Intl.NumberFormat("en-US", { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
  short: new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 }),
};
const written = (format, value) => (value === null ? "unknown" : NUMBERS[format].format(value));

// Columns of the table and of the CSV, which has the exact numbers.
const COLUMNS = [
  { name: "model", words: "Model", text: (row) => row.model, exact: (row) => row.model },
  { name: "img_size", words: "Image size, pixels", text: (row) => String(row.size), exact: (row) => row.size },
  { name: "top1", words: "Top-1, %", text: (row) => written("digits3", row.top1), exact: (row) => row.top1 },
  { name: "tie", words: "Tie with row above", text: (row, ties) => (ties.has(row) ? "tie" : ""), exact: (row, ties) => ties.has(row) },
  { name: "ms_per_image", words: "ms per image", text: (row) => written("precise", row.ms), exact: (row) => row.ms },
  { name: "samples_per_sec", words: "Images/s", text: (row) => written("digits2", row.speed), exact: (row) => row.speed },
  { name: "batch_size", words: "Batch size", text: (row) => String(row.batch), exact: (row) => row.batch },
  { name: "param_count", words: "Parameters, millions", text: (row) => written("digits2", row.params), exact: (row) => row.params },
  { name: "gmacs", words: "GMACs", text: (row) => written("digits2", row.gmacs), exact: (row) => row.gmacs },
  { name: "profile", words: "Fastest with", text: (row) => row.setup, exact: (row) => row.profile },
];

function csvOf(rows, ties, testSetId) {
  const field = (value) => (/[",\r\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
  const head = [...COLUMNS.map((column) => column.name), "top1_error", "test_set"];
  const lines = rows.map((row) => [...COLUMNS.map((column) => column.exact(row, ties)), row.error, testSetId]);
  return [head, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

// As Python writes a string: in single quotes, in double ones if it has single ones only.
function pythonString(text) {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return `${quote}${text.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`)}${quote}`;
}

// The call that makes the model of a row with its weights, its size and its crop.
function createModel({ model, size, crop, interpolation }) {
  const overlay = [
    `'input_size': (3, ${size}, ${size})`,
    crop !== null && `'crop_pct': ${Number.isInteger(crop) ? crop.toFixed(1) : crop}`,
    interpolation !== null && `'interpolation': ${pythonString(interpolation)}`,
  ].filter(Boolean);
  return `timm.create_model(${pythonString(model)}, pretrained=True, pretrained_cfg_overlay={${overlay.join(", ")}})`;
}

// As `timm-charts pick` says it.
function settingInWords({ setting, n, rows, frontier, best, other }) {
  if (!other) return `${setting}: alone, nothing fits`;
  const start = `${setting}: ${written("short", rows)} of ${written("short", frontier)} frontier rows; alone, `
    + `${written("short", n)} fit, and the most accurate is`;
  if (other.top1 < best.top1) {
    const less = written("plain", best.top1 - other.top1);
    return `${start} ${other.model} at ${other.size} px with ${written("digits2", other.top1)} %, ${less} points less`;
  }
  if (other.ms > best.ms) return `${start} as accurate, but takes ${written("plain", 100 * (other.ms / best.ms - 1))} % more time`;
  return `${start} the same`;
}

function tiesInWords({ frontier, ties }, testSet) {
  if (testSet.images === null) return "How many images this test set has is not known, so it can't be said which rows are a tie.";
  if (!frontier.length) return "";
  const [best] = frontier;
  return `Ties: ${written("short", ties.size)} of ${written("short", frontier.length)} rows on the frontier, each at most one `
    + `standard error of top-1 below the next more accurate one. Over ${written("short", testSet.images)} images that is `
    + `${written("plain", best.error)} points at ${written("digits2", best.top1)} %.`;
}

const aboutRow = (row, ties) => [
  ["family", row.family],
  ["image size", `${row.size} pixels`],
  ["top-1", `${written("digits3", row.top1)} %${row.error === null ? "" : `, standard error ${written("digits2", row.error)}`}`],
  ...(ties.has(row) ? [["tie", "with the next more accurate model of the frontier"]] : []),
  ["time per image", `${written("precise", row.ms)} ms`],
  ["throughput", `${written("digits2", row.speed)} images/s, batch size ${row.batch}`],
  ["with", row.setup],
  ["parameters", `${written("digits2", row.params)} million`],
  ["GMACs", written("digits2", row.gmacs)],
  ["activations", row.macts === null ? "unknown" : `${written("digits2", row.macts)} million`],
];
