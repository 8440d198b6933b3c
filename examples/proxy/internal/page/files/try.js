// A request of one's own.
import {AnswerView, EventReader} from "./answer.js";

const $ = id => document.getElementById(id);

function headers() {
  const key = $("key").value.trim();
  return key ? {Authorization: "Bearer " + key} : {};
}

// listModels offers what upstream has. It may list none, or want a key first.
async function listModels() {
  try {
    const response = await fetch("/v1/models", {headers: headers()});
    const names = (await response.json()).data.map(m => m.id);
    $("models").replaceChildren(...names.map(name => new Option(name)));
    if (names.length && !names.includes($("model").value)) $("model").value = names[0];
  } catch { /* the name can be typed */ }
}

function follow(out, add) {
  const atEnd = out.scrollHeight - out.scrollTop - out.clientHeight < 40;
  add();
  if (atEnd) out.scrollTop = out.scrollHeight;
}

// read shows a body as it comes: as it is, and what it says.
async function read(response, view) {
  const isStream = /^text\/event-stream/i.test(response.headers.get("Content-Type") || "");
  const events = new EventReader(data => follow($("answer"), () => view.payload(data)));
  const body = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let whole = "";
  for (let part; !(part = await body.read()).done;) {
    follow($("stream"), () => $("stream").append(part.value));
    if (isStream) events.add(part.value); else whole += part.value;
  }
  if (isStream) return events.close();
  if (whole.trim().startsWith("{")) view.payload(whole); else view.error(whole);
}

async function send() {
  const stop = new AbortController();
  const view = new AnswerView($("answer"));
  $("stream").textContent = $("tried").textContent = "";
  $("send").disabled = true;
  $("stop").disabled = false;
  $("stop").onclick = () => stop.abort();
  const begun = performance.now();
  try {
    const response = await fetch("/v1/chat/completions", {
      method: "POST",
      headers: {"Content-Type": "application/json", ...headers()},
      body: JSON.stringify({model: $("model").value, stream: true, messages: [{role: "user", content: $("prompt").value}]}),
      signal: stop.signal,
    });
    if (!response.ok) view.error("Status " + response.status);
    await read(response, view);
    $("tried").textContent = "ended after " + ((performance.now() - begun) / 1000).toFixed(1) + " s";
  } catch (error) {
    if (error.name === "AbortError") $("tried").textContent = "stopped";
    else view.error("The connection broke: " + error.message);
  }
  $("send").disabled = false;
  $("stop").disabled = true;
}

export function start() {
  $("try").addEventListener("submit", event => {
    event.preventDefault();
    if (!$("send").disabled) send();
  });
  $("raw").addEventListener("change", () => {
    $("stream").hidden = !$("raw").checked;
    $("answer").hidden = $("raw").checked;
  });
  $("key").addEventListener("change", listModels);
  listModels();
}
