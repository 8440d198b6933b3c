// Asks for the stream of a model as programs do, and prints what the client shows:
//
//	node client.cjs URL MODEL [stop after so many chunks]
const OpenAI = require("openai");

async function main(url, model, stopAfter) {
  const client = new OpenAI({baseURL: url + "/v1", apiKey: "none", maxRetries: 0});
  const got = {choices: [], error: null, chunks: 0};
  try {
    const stream = await client.chat.completions.create({model, stream: true, messages: [{role: "user", content: "Hello"}]});
    for await (const chunk of stream) {
      got.chunks++;
      got.model = chunk.model;
      for (const {index, delta, finish_reason} of chunk.choices) {
        const choice = got.choices[index] ||= {content: "", calls: [], finish: null};
        choice.content += delta.content || "";
        for (const {index, id, function: f} of delta.tool_calls || []) {
          const call = choice.calls[index] ||= {id: "", name: "", arguments: ""};
          call.id ||= id;
          call.name += f?.name || "";
          call.arguments += f?.arguments || "";
        }
        choice.finish ||= finish_reason;
      }
      if (got.chunks === stopAfter) stream.controller.abort();
    }
  } catch (error) {
    got.error = {status: error.status, message: error.message};
  }
  console.log(JSON.stringify(got));
}

main(process.argv[2], process.argv[3], Number(process.argv[4]));
