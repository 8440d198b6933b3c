// Reading an answer as it comes.

// EventReader reads an event stream: it calls dispatch with the data of each event.
export class EventReader {
  #rest = "";
  #data = [];
  #dispatch;
  constructor(dispatch) { this.#dispatch = dispatch; }

  add(text) {
    this.#rest += text;
    for (;;) {
      const end = /\r\n|\n|\r(?!$)/.exec(this.#rest);
      if (!end) return;
      this.#line(this.#rest.slice(0, end.index));
      this.#rest = this.#rest.slice(end.index + end[0].length);
    }
  }

  close() {
    if (this.#rest) this.#line(this.#rest.replace(/\r$/, ""));
    this.#line("");
  }

  #line(line) {
    if (line !== "") {
      const m = /^data(?:: ?(.*))?$/s.exec(line);
      if (m) this.#data.push(m[1] || "");
    } else if (this.#data.length) {
      const data = this.#data.join("\n");
      this.#data = [];
      this.#dispatch(data);
    }
  }
}

// AnswerView shows the texts of an answer: of each choice what was thought, the text,
// and calls of tools.
export class AnswerView {
  #root;
  #places = new Map();
  constructor(root) {
    this.#root = root;
    root.replaceChildren();
  }

  // payload shows what the data of an event has.
  payload(data) {
    if (data.trim() === "" || data.trim() === "[DONE]") return;
    let chunk;
    try {
      chunk = JSON.parse(data);
    } catch {
      return this.error("An event is no JSON: " + data);
    }
    if (chunk?.error) this.error(typeof chunk.error === "string" ? chunk.error : chunk.error.message || JSON.stringify(chunk.error));
    for (const choice of Array.isArray(chunk?.choices) ? chunk.choices : []) this.#choice(choice);
  }

  #choice(choice) {
    const delta = choice.delta || choice.message || {}, index = choice.index || 0;
    this.#add(index, "thought", text(delta.reasoning_content ?? delta.reasoning));
    this.#add(index, "text", text(delta.content));
    this.#add(index, "refusal", text(delta.refusal));
    this.#add(index, "text", delta.audio?.transcript);
    for (const [i, call] of (delta.tool_calls || []).entries()) this.#call(index, call.index ?? i, call.function);
    if (delta.function_call) this.#call(index, 0, delta.function_call);
  }

  #call(index, call, f) {
    if (f?.name) this.#add(index, "call" + call, f.name + " ");
    this.#add(index, "call" + call, typeof f?.arguments === "object" ? JSON.stringify(f.arguments) : f?.arguments);
  }

  #add(index, kind, piece) {
    if (!piece) return;
    const key = index + kind;
    if (!this.#places.has(key)) {
      if (index && ![...this.#places.keys()].some(k => k.startsWith(String(index)))) {
        const title = document.createElement("h3");
        title.textContent = "Choice " + index;
        this.#root.append(title);
      }
      const place = document.createElement("div");
      place.className = kind.startsWith("call") ? "call" : kind;
      this.#places.set(key, place);
      this.#root.append(place);
    }
    this.#places.get(key).append(piece);
  }

  error(message) {
    const place = document.createElement("div");
    place.className = "error";
    place.textContent = message;
    this.#root.append(place);
  }
}

// text returns a text that came as a string or in parts.
function text(value) {
  if (typeof value === "string") return value;
  return Array.isArray(value) ? value.map(part => typeof part === "string" ? part : text(part?.text ?? part?.thinking)).join("") : "";
}
