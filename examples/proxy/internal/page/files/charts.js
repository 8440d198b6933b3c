// What happened over the last minutes, as small charts.
import {amount, quantile, seconds} from "./numbers.js";

const width = 300, height = 72; // of a plot, in units of its own

// A chart has a value for each pair of neighbouring samples, or undefined.
const troubles = ["truncations_total", "upstream_errors_total", "decode_errors_total"];
const grown = (a, b, name) => Math.max(0, (b.values[name] || 0) - (a.values[name] || 0));
const charts = [
  {title: "Open streams", value: (a, b) => b.values.streams_open || 0, show: amount},
  {title: "Chunks per second", value: (a, b, time) => grown(a, b, "chunks_total") / time, show: amount},
  {
    title: "Median time to first text",
    value(a, b, time, bounds) {
      const name = "time_to_first_text_seconds";
      const counts = b.histograms[name].map((n, i) => n - a.histograms[name][i]);
      return quantile(bounds[name], counts, .5);
    },
    height: e => e.value, show: e => e ? "≈ " + seconds(e) : "none",
  },
  {title: "Truncations and errors", value: (a, b) => troubles.reduce((n, name) => n + grown(a, b, name), 0), show: amount, bad: true, total: true},
];

function element(name, className, ...children) {
  const e = document.createElement(name);
  e.className = className;
  e.append(...children);
  return e;
}

function path(className, d) {
  const p = document.createElementNS("http://www.w3.org/2000/svg", "path");
  p.setAttribute("class", className);
  p.setAttribute("d", d);
  return p;
}

// plot draws the points, a list of [x, y] from 0 to 1. Where y is undefined the line
// has a gap; a point between two gaps is a short line.
function plot(points) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "plot");
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.setAttribute("preserveAspectRatio", "none");
  svg.setAttribute("aria-hidden", "true");
  const x = p => (p[0] * width).toFixed(1), y = p => (height - 2 - p[1] * (height - 6)).toFixed(1);
  let run = [];
  const draw = () => {
    if (!run.length) return;
    const line = run.map((p, i) => (i ? "L" : "M") + x(p) + " " + y(p)).join("");
    if (run.length > 1) svg.append(path("area", `${line}L${x(run.at(-1))} ${height}L${x(run[0])} ${height}Z`));
    svg.append(path("line", run.length > 1 ? line : line + "h2"));
    run = [];
  };
  for (const p of points) p[1] === undefined ? draw() : run.push(p);
  draw();
  return svg;
}

function ago(ms) {
  const s = Math.round(ms / 1000);
  return s < 90 ? s + " s ago" : Math.round(s / 60) + " min ago";
}

function draw(chart, {samples, bounds}) {
  const begin = samples[0].time, end = samples.at(-1).time;
  const steps = samples.slice(1).map((b, i) => ({
    at: (b.time - begin) / Math.max(end - begin, 1),
    value: chart.value(samples[i], b, Math.max(b.time - samples[i].time, 1) / 1000, bounds),
  }));
  const high = chart.height || (v => v);
  const known = steps.map(s => s.value).filter(v => v !== undefined);
  const top = known.reduce((a, b) => high(b) > high(a) ? b : a, known[0]);
  const scale = known.length ? Math.max(high(top), 1e-9) : 1;
  const points = steps.map(s => [s.at, s.value === undefined ? undefined : high(s.value) / scale]);
  const sum = known.reduce((n, v) => n + high(v), 0);
  const now = chart.total ? sum : steps.at(-1)?.value ?? (chart.height ? known.at(-1) : 0);
  const most = known.length ? "highest " + chart.show(top) : "";
  const figure = element("figure", "card" + (chart.bad && sum ? " bad" : ""),
    element("figcaption", "", chart.title, element("b", "", chart.show(now))),
    plot(points),
    element("div", "axis", element("span", "", ago(end - begin)), element("span", "", most), element("span", "", "now")));
  figure.setAttribute("role", "img");
  figure.setAttribute("aria-label", `${chart.title}: ${chart.show(now)}, ${most}`);
  return figure;
}

export function showCharts(history) {
  document.getElementById("charts").replaceChildren(...charts.map(c => draw(c, history)));
}
