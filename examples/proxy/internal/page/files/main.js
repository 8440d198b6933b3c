import {showCharts} from "./charts.js";
import {show} from "./metrics.js";
import {start} from "./try.js";

const period = 1000; // of the numbers, in milliseconds
const perChart = 3;  // the charts are drawn less often

// state says so once: a screen reader reads each change.
function state(text, className) {
  const place = document.getElementById("state");
  if (place.textContent === text) return;
  place.textContent = text;
  place.className = className;
}

async function get(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(path + ": " + response.status);
  return response;
}

async function poll(n) {
  try {
    show(await (await get("/metrics")).text());
    if (n % perChart === 0) showCharts(await (await get("/history")).json());
    state("live", "");
  } catch (error) {
    console.error(error);
    state("no connection to the proxy", "lost");
  }
  setTimeout(poll, period, n + 1);
}

start();
poll(0);
