// The picture: where each dot goes (layoutOf), which frontier points get a name (labelsOf), and drawing it.

const CHART = { left: 54, right: 14, top: 10, bottom: 26, room: 16, dot: 3.5, ring: 6.5, reach: 14, font: 12 };
const MOST_LABELS = 8;
const FADED = 0.1;

// `look` says of a row which colour it has and whether it is faded.
function layoutOf(size, picked, state, look) {
  const box = { left: CHART.left, right: size.width - CHART.right, top: CHART.top, bottom: size.height - CHART.bottom };
  const rows = picked.shown.filter((row) => drawable(row, state));
  const values = (quantity) => rows.map((row) => row[quantity]);
  const x = scaleOf(values(state.x), QUANTITIES[state.x].log, box.left, box.right, CHART.room);
  const y = scaleOf(values(state.y), QUANTITIES[state.y].log, box.bottom, box.top, CHART.room);
  const on = new Set(picked.frontier);
  const points = rows.map((row) => ({ row, x: x.at(row[state.x]), y: y.at(row[state.y]), front: on.has(row), tie: picked.ties.has(row), ...look(row) }));
  const depth = (point) => (point.faded ? 0 : 2) + (point.other ? 0 : 1);
  points.sort((a, b) => depth(a) - depth(b));
  const front = points.filter((point) => point.front).sort((a, b) => a.row.ms - b.row.ms || a.row.entry - b.row.entry);
  return { size, box, x, y, points, front, stepped: state.x === "ms" && state.y === "top1" };
}

// Names for frontier points far from each other, where they hide neither a dot nor the line: to the left and
// above, where no model can be, if there is room.
function labelsOf(layout, widthOf) {
  const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
  const around = (point, reach) => ({ left: point.x - reach, right: point.x + reach, top: point.y - reach, bottom: point.y + reach });
  const taken = [...layout.points.map((point) => around(point, point.front ? CHART.ring : CHART.dot)), ...stepsOf(layout)];
  const inside = (place) => place.left > layout.box.left && place.right < layout.size.width
    && place.top >= 0 && place.bottom < layout.box.bottom;
  const labels = [];
  const left = [...layout.front];
  const gap = (point) => Math.min(...labels.map((label) => Math.hypot(label.point.x - point.x, label.point.y - point.y)));
  const most = layout.size.width < 600 ? 4 : MOST_LABELS;
  while (left.length && labels.length < most) {
    const next = labels.length ? left.reduce((a, b) => (gap(b) > gap(a) ? b : a)) : left.at(-1);
    left.splice(left.indexOf(next), 1);
    const text = next.row.model.split(".")[0];
    const clear = (p) => inside(p) && !taken.some((other) => overlaps(p, other)) && isNearest(next, p, layout.front);
    const place = placesAround(next, widthOf(text)).find(clear);
    if (place) {
      taken.push(place);
      labels.push({ text, point: next, ...place });
    }
  }
  return labels;
}

// A name nearer to another ring than to its own would be read as the other's.
function isNearest(point, place, front) {
  const outside = (at, from, to) => Math.max(from - at, 0, at - to);
  const far = ({ x, y }) => Math.hypot(outside(x, place.left, place.right), outside(y, place.top, place.bottom));
  return front.every((other) => other === point || far(other) > far(point));
}

function placesAround(point, width) {
  const place = (left, top) => ({ left, right: left + width, top, bottom: top + 14 });
  const [before, after] = [point.x - 9 - width, point.x + 9];
  return [place(before, point.y - 19), place(before, point.y - 7), place(after, point.y - 19), place(after, point.y + 5)];
}

// The parts of the stepped line, each as the thin box that it covers.
function stepsOf(layout) {
  if (!layout.stepped) return [];
  return layout.front.slice(1).flatMap((to, i) => {
    const from = layout.front[i];
    return [
      { left: from.x, right: to.x, top: from.y - 1, bottom: from.y + 1 },
      { left: to.x - 1, right: to.x + 1, top: to.y, bottom: from.y },
    ];
  });
}

// Which dot is meant by a place in the picture: the nearest in reach, faded ones only if there is no other.
function pointAt(layout, x, y) {
  const far = (point) => Math.hypot(point.x - x, point.y - y);
  const near = layout.points.filter((point) => far(point) <= CHART.reach);
  const clear = near.filter((point) => !point.faded);
  return (clear.length ? clear : near).reduce((a, b) => (a && far(a) <= far(b) ? a : b), null);
}

function drawChart(canvas, layout, colours) {
  const ratio = window.devicePixelRatio || 1;
  const [width, height] = [Math.round(layout.size.width * ratio), Math.round(layout.size.height * ratio)];
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  const pen = canvas.getContext("2d");
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, layout.size.width, layout.size.height);
  pen.font = `${CHART.font}px "Liberation Sans", Arial, Helvetica, sans-serif`;
  drawAxes(pen, layout, colours);
  drawDots(pen, layout.points, ratio);
  drawFrontier(pen, layout, colours);
}

function drawAxes(pen, layout, colours) {
  const { box, x, y } = layout;
  const most = (pixels, each) => Math.max(3, Math.floor(pixels / each));
  pen.lineWidth = 1;
  pen.strokeStyle = colours.grid;
  pen.fillStyle = colours.soft;
  pen.textAlign = "center";
  pen.textBaseline = "top";
  for (const tick of ticksOf(x, most(box.right - box.left, 50))) {
    const at = Math.round(x.at(tick)) + 0.5;
    line(pen, at, box.top, at, box.bottom);
    pen.fillText(NUMBERS.short.format(tick), at, box.bottom + 8);
  }
  pen.textAlign = "right";
  pen.textBaseline = "middle";
  for (const tick of ticksOf(y, most(box.bottom - box.top, 45))) {
    const at = Math.round(y.at(tick)) + 0.5;
    line(pen, box.left, at, box.right, at);
    pen.fillText(NUMBERS.short.format(tick), box.left - 8, at);
  }
  pen.strokeStyle = colours.line;
  line(pen, box.left, box.bottom + 0.5, box.right, box.bottom + 0.5);
}

function line(pen, fromX, fromY, toX, toY) {
  pen.beginPath();
  pen.moveTo(fromX, fromY);
  pen.lineTo(toX, toY);
  pen.stroke();
}

// Each kind of dot is drawn once and copied, which is several times as fast as drawing each.
function drawDots(pen, points, ratio) {
  const half = CHART.dot + 1;
  const kinds = new Map();
  for (const point of points) {
    const kind = `${point.colour} ${point.faded}`;
    if (!kinds.has(kind)) kinds.set(kind, dotOf(point, half, ratio));
    pen.drawImage(kinds.get(kind), point.x - half, point.y - half, 2 * half, 2 * half);
  }
}

function dotOf({ colour, faded }, half, ratio) {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = Math.ceil(2 * half * ratio);
  const pen = canvas.getContext("2d");
  pen.scale(canvas.width / (2 * half), canvas.height / (2 * half));
  pen.arc(half, half, CHART.dot, 0, 2 * Math.PI);
  pen.fillStyle = colour;
  pen.strokeStyle = colour;
  pen.globalAlpha = faded ? FADED : 0.6;
  pen.fill();
  pen.globalAlpha = faded ? FADED : 1;
  pen.stroke();
  return canvas;
}

function drawFrontier(pen, layout, colours) {
  pen.strokeStyle = colours.ink;
  pen.lineWidth = 1.25;
  if (layout.stepped && layout.front.length) {
    pen.beginPath();
    pen.moveTo(layout.front[0].x, layout.front[0].y);
    for (let i = 1; i < layout.front.length; i += 1) {
      pen.lineTo(layout.front[i].x, layout.front[i - 1].y);
      pen.lineTo(layout.front[i].x, layout.front[i].y);
    }
    pen.stroke();
  }
  for (const point of layout.front) {
    pen.beginPath();
    pen.setLineDash(point.tie ? [2.5, 2.5] : []);
    pen.arc(point.x, point.y, CHART.ring, 0, 2 * Math.PI);
    pen.stroke();
  }
  pen.setLineDash([]);
  pen.textAlign = "left";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  for (const label of labelsOf(layout, (text) => pen.measureText(text).width)) {
    const middle = (label.top + label.bottom) / 2;
    pen.strokeStyle = colours.paper;
    pen.lineWidth = 4;
    pen.strokeText(label.text, label.left, middle);
    pen.fillStyle = colours.ink;
    pen.fillText(label.text, label.left, middle);
  }
}
