// How numbers are read and shown.

// quantile estimates from a histogram: the bounds of its buckets, and how many values
// are below each, with all of them last. It returns the value and the width of the
// bucket that it is in, or undefined where there are none.
export function quantile(bounds, counts, q) {
  const total = counts?.at(-1);
  if (!total) return undefined;
  const rank = q * total;
  let low = 0, below = 0;
  for (let i = 0; i < bounds.length; i++) {
    if (counts[i] >= rank && counts[i] > below) {
      const width = bounds[i] - low;
      return {value: low + width * (rank - below) / (counts[i] - below), width};
    }
    low = bounds[i];
    below = counts[i];
  }
  return {value: low, above: true, width: low}; // beyond the last bound
}

// seconds shows a quantile with the digits that it has: the last one is not finer than
// half of the bucket.
export function seconds(estimate) {
  if (!estimate) return "–";
  const {value, width, above} = estimate;
  const [unit, size] = value >= 1 ? ["s", 1] : value >= 1e-3 ? ["ms", 1e-3] : ["µs", 1e-6];
  const step = 10 ** Math.ceil(Math.log10(width / 2 / size) - 1e-9);
  const rounded = Math.max(Math.round(value / size / step), 1) * step;
  return (above ? "over " : "") + rounded.toFixed(Math.max(0, -Math.round(Math.log10(step)))) + " " + unit;
}

export function amount(n) {
  for (const [unit, size] of [["G", 1e9], ["M", 1e6], ["k", 1e4]]) {
    if (n >= size) return (n / (unit === "k" ? 1e3 : size)).toFixed(1) + " " + unit;
  }
  return n > 0 && n < 10 && !Number.isInteger(n) ? n.toFixed(1) : String(Math.round(n));
}

// bytes has a space before B, unless a unit is there already.
export const bytes = n => amount(n).replace(/\d$/, "$& ") + "B";
