"use strict";
// What the explorer computes: rows, limits, frontier, scales. No document, no canvas.

const QUANTITIES = {
  ms: { words: "time per image", unit: "ms", log: true },
  params: { words: "parameters", unit: "millions", log: true },
  gmacs: { words: "GMACs", unit: "10⁹ multiply-accumulates per image", log: true },
  macts: { words: "activations", unit: "millions per image", log: true },
  size: { words: "image size", unit: "pixels", log: false },
  top1: { words: "top-1 accuracy", unit: "%", log: false },
};
const AXES = { x: ["ms", "params", "gmacs", "macts", "size"], y: ["top1", "ms", "params", "gmacs", "macts"] };
const OTHER = "other families";

// A limit compares one quantity of a row. Named as the options of `timm-charts pick`.
const LIMITS = {
  "max-ms": { of: "ms", holds: (value, limit) => value <= limit, say: (limit) => `at most ${limit} ms per image` },
  "max-params": { of: "params", holds: (value, limit) => value <= limit, say: (limit) => `at most ${limit} million parameters` },
  "min-top1": { of: "top1", holds: (value, limit) => value >= limit, say: (limit) => `at least ${limit} % top-1` },
};

// Rows ---------------------------------------------------------------------------------------------------

const byIdIn = (things, id) => things.find((thing) => thing.id === id);

// One object for each model at a size: of its rows in these profiles the fastest, of equals that of the earlier
// profile. top1 is null where the test set has no evaluation.
function rowsOf(data, profileIds, testSetId) {
  const testSet = byIdIn(data.test_sets, testSetId);
  const profiles = profileIds.map((id) => byIdIn(data.profiles, id));
  const fastest = new Map();
  for (const profile of profiles) {
    profile.entry.forEach((entry, i) => {
      const best = fastest.get(entry);
      if (!best || profile.samples_per_sec[i] > best.profile.samples_per_sec[best.i]) fastest.set(entry, { profile, i });
    });
  }
  const setups = setupsOf(profiles);
  const order = [...fastest].sort(([a], [b]) => a - b);
  return order.map(([entry, { profile, i }]) => ({ ...rowOf(data, testSet, profile, entry, i), setup: setups.get(profile) }));
}

function rowOf(data, testSet, profile, entry, i) {
  const { model, img_size, family, param_count } = data.entries;
  return {
    entry,
    model: model[entry],
    family: data.families[family[entry]],
    size: img_size[entry],
    top1: testSet.top1[entry],
    error: standardError(testSet.top1[entry], testSet.images),
    crop: testSet.crop_pct[entry],
    interpolation: data.interpolations[testSet.interpolation[entry]] ?? null,
    profile: profile.id,
    speed: profile.samples_per_sec[i],
    ms: 1000 / profile.samples_per_sec[i],
    batch: profile.batch_size[i],
    params: param_count[entry],
    gmacs: profile.gmacs[i],
    macts: profile.macts[i],
  };
}

// What of a profile is not its mode and device.
const setupOf = (profile) => profile.words.split(", ").slice(2).join(", ");

// Settings that not all of these profiles share.
function differing(profiles) {
  return Object.keys(profiles[0].settings).filter((column) => new Set(profiles.map((p) => p.settings[column])).size > 1);
}

// By profile what it differs in from the others; of a profile alone, all of its setup.
function setupsOf(profiles) {
  const columns = differing(profiles);
  return new Map(profiles.map((p) => [p, columns.map((column) => p.settings[column]).join(", ") || setupOf(p)]));
}

// In points; null where there is no accuracy, or the number of images is not known.
function standardError(top1, images) {
  if (top1 === null || images === null) return null;
  const share = top1 / 100;
  return 100 * Math.sqrt((share * (1 - share)) / images);
}

// The rows of a frontier, the most accurate first, that are at most one standard error below the one before.
function tiesOf(frontier) {
  const isTie = (better, worse) => better.error !== null && better.top1 - worse.top1 <= better.error;
  return new Set(frontier.filter((row, i) => i > 0 && isTie(frontier[i - 1], row)));
}

// The rows that no other row beats on both time and accuracy; rows that tie in both stay together.
function frontierOf(rows) {
  const order = [...rows].sort((a, b) => a.ms - b.ms || b.top1 - a.top1);
  const on = [];
  for (const row of order) {
    const best = on.at(-1);
    if (!best || row.top1 > best.top1 || (row.top1 === best.top1 && row.ms === best.ms)) on.push(row);
  }
  return on;
}

// What `timm-charts pick` answers: limits first, then the frontier of what is left, most accurate first.
function pick(rows, limits) {
  const asked = Object.entries(LIMITS).filter(([name]) => limits[name] !== null && limits[name] !== undefined);
  const evaluated = rows.filter((row) => row.top1 !== null);
  const shown = evaluated.filter((row) => asked.every(([name, limit]) => limit.holds(row[limit.of], limits[name])));
  const frontier = frontierOf(shown).sort((a, b) => b.top1 - a.top1 || a.ms - b.ms || a.entry - b.entry);
  return {
    shown,
    frontier,
    ties: tiesOf(frontier),
    outside: evaluated.length - shown.length,
    unevaluated: rows.length - evaluated.length,
  };
}

// Each setting that these profiles differ in, with the rows of its profiles alone.
function settingsOf(data, profileIds, testSetId) {
  const profiles = profileIds.map((id) => byIdIn(data.profiles, id));
  return differing(profiles).flatMap((column) => {
    return [...new Set(profiles.map((profile) => profile.settings[column]))].map((setting) => {
      const ids = profiles.filter((profile) => profile.settings[column] === setting).map((profile) => profile.id);
      return { setting, ids, alone: rowsOf(data, ids, testSetId) };
    });
  });
}

// How much of a setting fits, how much of the frontier it has, and its most accurate model beside the best of all.
function shareOf({ setting, ids, alone }, limits, picked) {
  const { shown, frontier } = pick(alone, limits);
  const rows = picked.frontier.filter((row) => ids.includes(row.profile)).length;
  return { setting, n: shown.length, rows, frontier: picked.frontier.length, best: picked.frontier[0], other: frontier[0] ?? null };
}

// Tells whether a row has a place in the picture; one that has not is in the table all the same.
function drawable(row, state) {
  const has = (quantity) => row[quantity] !== null && (row[quantity] > 0 || !QUANTITIES[quantity].log);
  return has(state.x) && has(state.y);
}

// Families with their colour, the same as in every chart: most frontier members first, then most rows; of those
// that share a colour the first. The rest is one group.
function legendOf(rows, colours) {
  const evaluated = rows.filter((row) => row.top1 !== null);
  const families = new Map();
  const count = (row, key) => {
    const family = families.get(row.family) ?? { name: row.family, front: 0, rows: 0 };
    family[key] += 1;
    families.set(row.family, family);
  };
  evaluated.forEach((row) => count(row, "rows"));
  frontierOf(evaluated).forEach((row) => count(row, "front"));
  const byName = (a, b) => (a.name < b.name ? -1 : 1);
  const order = [...families.values()].sort((a, b) => b.front - a.front || b.rows - a.rows || byName(a, b));
  const first = new Map();
  order.forEach((family) => {
    const colour = colours.families[family.name];
    if (!first.has(colour)) first.set(colour, family);
  });
  const named = [...first.values()].sort(byName);
  const legend = named.map(({ name, rows }) => ({ name, rows, colour: colours.families[name] }));
  const others = evaluated.length - named.reduce((sum, family) => sum + family.rows, 0);
  return others ? [...legend, { name: OTHER, rows: others, colour: colours.other }] : legend;
}

// Tells whether a model's name has every word that was searched for.
function matcher(search) {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return (row) => words.every((word) => row.model.toLowerCase().includes(word));
}

// Scales -------------------------------------------------------------------------------------------------

// Returns the place in pixels of a value; `from` and `to` are pixels, with room for marks at the ends.
function scaleOf(values, log, from, to, room) {
  const f = log ? Math.log10 : (value) => value;
  let low = Infinity;
  let high = -Infinity;
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low > high) [low, high] = log ? [0.1, 10] : [0, 1];
  if (low === high) [low, high] = log ? [low / 1.5, high * 1.5] : [low - 1, high + 1];
  const inner = Math.sign(to - from) * room;
  const step = (to - from - 2 * inner) / (f(high) - f(low));
  const at = (value) => from + inner + (f(value) - f(low)) * step;
  return { at, low, high, log };
}

// Round values for an axis. On a log axis 1, 2, 5 times powers of ten, or fewer of them; a short one needs more.
function ticksOf({ low, high, log }, most) {
  if (!log) return evenTicks(low, high, most);
  const powers = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power += 1) powers.push(power);
  const inside = (digits) => powers
    .flatMap((power) => digits.map((digit) => Number(`${digit}e${power}`)))
    .filter((tick) => tick >= low && tick <= high);
  const coarse = [[1, 2, 5], [1, 3], [1]].map(inside).find((ticks) => ticks.length <= most) ?? [];
  if (coarse.length >= 4 || high / low > 20) return coarse;
  const fine = inside([1, 1.5, 2, 3, 5, 7]);
  return fine.length >= 3 && fine.length <= most ? fine : evenTicks(low, high, most);
}

function evenTicks(low, high, most) {
  const rough = (high - low) / Math.max(most - 1, 1);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= rough);
  const ticks = [];
  for (let i = Math.ceil(low / step); i * step <= high; i += 1) ticks.push(Number((i * step).toPrecision(12)));
  return ticks;
}

// A slider has 0 to `steps`; one end means no limit, the rest are round values of a log or linear range.
function sliderScale(values, log, steps) {
  const { low, high } = scaleOf(values, log, 0, 1, 0);
  const value = (place) => {
    const share = place / steps;
    const exact = log ? low * (high / low) ** share : low + (high - low) * share;
    return log ? Number(exact.toPrecision(3)) : Number(exact.toFixed(1));
  };
  const place = (limit) => {
    const share = log ? Math.log(limit / low) / Math.log(high / low) : (limit - low) / (high - low);
    return Math.round(Math.min(Math.max(share, 0), 1) * steps);
  };
  return { value, place };
}
