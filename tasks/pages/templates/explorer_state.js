// What the explorer says: its state as a fragment, numbers in words, the CSV. No document, no canvas.

// State and fragment -------------------------------------------------------------------------------------

function defaultState(data) {
  return {
    profile: data.profiles[0].id,
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
  return state;
}

// The profile is always written: which one comes first changes with the results.
function writeFragment(state, data) {
  const plain = defaultState(data);
  const said = Object.entries(state).filter(([key, value]) => key === "profile" || value !== plain[key]);
  return `#${new URLSearchParams(said)}`;
}

// Words --------------------------------------------------------------------------------------------------

const NUMBERS = {
  digits3: new Intl.NumberFormat("en-US", { minimumFractionDigits: 3, maximumFractionDigits: 3 }),
  digits2: new Intl.NumberFormat("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
  precise: new Intl.NumberFormat("en-US", { minimumSignificantDigits: 4, maximumSignificantDigits: 4 }),
  short: new Intl.NumberFormat("en-US", { maximumSignificantDigits: 6 }),
};
const written = (format, value) => (value === null ? "unknown" : NUMBERS[format].format(value));

// Columns of the table and of the CSV, which has the exact numbers.
const COLUMNS = [
  { name: "model", words: "Model", text: (row) => row.model, exact: (row) => row.model },
  { name: "img_size", words: "Image size, pixels", text: (row) => String(row.size), exact: (row) => row.size },
  { name: "top1", words: "Top-1, %", text: (row) => written("digits3", row.top1), exact: (row) => row.top1 },
  { name: "ms_per_image", words: "ms per image", text: (row) => written("precise", row.ms), exact: (row) => row.ms },
  { name: "samples_per_sec", words: "Images/s", text: (row) => written("digits2", row.speed), exact: (row) => row.speed },
  { name: "batch_size", words: "Batch size", text: (row) => String(row.batch), exact: (row) => row.batch },
  { name: "param_count", words: "Parameters, millions", text: (row) => written("digits2", row.params), exact: (row) => row.params },
  { name: "gmacs", words: "GMACs", text: (row) => written("digits2", row.gmacs), exact: (row) => row.gmacs },
];

function csvOf(rows, state) {
  const field = (value) => (/[",\r\n]/.test(value ?? "") ? `"${String(value).replaceAll('"', '""')}"` : String(value ?? ""));
  const head = [...COLUMNS.map((column) => column.name), "profile", "test_set"];
  const lines = rows.map((row) => [...COLUMNS.map((column) => column.exact(row)), state.profile, state["test-set"]]);
  return [head, ...lines].map((line) => `${line.map(field).join(",")}\r\n`).join("");
}

// As Python writes a string: in single quotes, in double ones if it has single ones only.
function createModel(name) {
  const quote = name.includes("'") && !name.includes('"') ? '"' : "'";
  return `timm.create_model(${quote}${name.replace(/\\/g, "\\\\").replaceAll(quote, `\\${quote}`)}${quote}, pretrained=True)`;
}

const aboutRow = (row) => [
  ["family", row.family],
  ["image size", `${row.size} pixels`],
  ["top-1", `${written("digits3", row.top1)} %`],
  ["time per image", `${written("precise", row.ms)} ms`],
  ["throughput", `${written("digits2", row.speed)} images/s, batch size ${row.batch}`],
  ["parameters", `${written("digits2", row.params)} million`],
  ["GMACs", written("digits2", row.gmacs)],
  ["activations", row.macts === null ? "unknown" : `${written("digits2", row.macts)} million`],
];
