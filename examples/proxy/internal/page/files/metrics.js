// What the proxy counts, as tiles and a table.
import {amount, bytes, quantile, seconds} from "./numbers.js";

const $ = id => document.getElementById(id);

// parse reads the text format of Prometheus: a list of samples for each name.
function parse(text) {
  const samples = {};
  for (const line of text.split("\n")) {
    const m = /^chatstream_(\w+)(?:\{(.*)\})? (\S+)$/.exec(line);
    if (!m) continue;
    const labels = {};
    for (const [, name, value] of (m[2] || "").matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)) {
      labels[name] = value.replace(/\\(.)/g, (_, c) => c === "n" ? "\n" : c);
    }
    (samples[m[1]] ||= []).push({labels, value: Number(m[3])});
  }
  return samples;
}

const sum = list => (list || []).reduce((n, s) => n + s.value, 0);

// kinds lists the values of a metric by a label, the larger ones first.
const kinds = (list, label) => (list || []).filter(s => s.value).sort((a, b) => b.value - a.value)
  .map(s => s.labels[label].replaceAll("_", " ") + ": " + amount(s.value)).join(", ");

function count(id, list, isBad) {
  const n = sum(list);
  $(id).textContent = amount(n);
  $(id).closest(".card").classList.toggle("bad", isBad && n > 0);
}

// times shows the median of a histogram, and what a part of it is below.
function times(id, buckets, part) {
  const bounds = (buckets || []).map(s => Number(s.labels.le.replace("+Inf", "Infinity"))).filter(isFinite);
  const counts = (buckets || []).map(s => s.value);
  const median = quantile(bounds, counts, .5);
  $(id).textContent = median ? "≈ " + seconds(median) : "–";
  $(id + "High").textContent = median ? "median; " + part * 100 + " % below " + seconds(quantile(bounds, counts, part)) : "none yet";
}

function showTokens(list) {
  if (!list) return;
  const models = new Map();
  for (const {labels, value} of list) {
    models.set(labels.model, {...models.get(labels.model), [labels.kind]: value});
  }
  $("tokens").replaceChildren(...[...models].map(([name, tokens]) => {
    const row = document.createElement("tr");
    for (const text of [name || "(none)", amount(tokens.prompt || 0), amount(tokens.completion || 0)]) {
      row.insertCell().textContent = text;
    }
    return row;
  }));
}

let last; // chunks and bytes of the time before

export function show(text) {
  const samples = parse(text);
  const value = name => sum(samples[name]);
  const now = {time: performance.now(), chunks: value("chunks_total"), bytes: value("bytes_total")};
  const rate = key => last ? Math.max(0, now[key] - last[key]) / (now.time - last.time) * 1e3 : 0;
  $("open").textContent = amount(value("streams_open"));
  $("streams").textContent = amount(value("streams_total")) + " in all";
  $("chunks").textContent = amount(now.chunks);
  $("chunkRate").textContent = amount(Math.round(rate("chunks"))) + " per second";
  $("bytes").textContent = bytes(now.bytes);
  $("byteRate").textContent = bytes(Math.round(rate("bytes"))) + " per second";
  last = now;
  times("first", samples.time_to_first_text_seconds_bucket, .95);
  times("gap", samples.chunk_gap_seconds_bucket, .99);
  count("truncated", samples.truncations_total, true);
  count("upstream", samples.upstream_errors_total, true);
  $("upstreamKinds").textContent = kinds(samples.upstream_errors_total, "kind");
  count("decode", samples.decode_errors_total, true);
  $("decodeKinds").textContent = kinds(samples.decode_errors_total, "kind");
  count("abandoned", samples.abandoned_total, false);
  $("refused").textContent = samples.refusals_total ? "refused: " + kinds(samples.refusals_total, "reason") : "the client was gone";
  count("other", samples.other_responses_total, false);
  $("otherKinds").textContent = kinds(samples.other_responses_total, "kind") || "no chat streams";
  showTokens(samples.tokens_total);
}
