// Package chatstream decodes the streams of OpenAI-compatible Chat Completions APIs:
// server-sent events, each with one chat.completion.chunk as its payload. It is for
// proxies, gateways and clients. It keeps everything that a provider sends, and never
// reports a truncated answer as complete. It bounds memory and time for any input.
//
//	io.Reader      Tap.Write, Tap.Body      bytes, cut anywhere
//	    |               |
//	    +-------+-------+
//	            v
//	        source, framer                  lines, fields, events: the only buffer
//	            |        \
//	            |         template          an event like an earlier one: compared, not parsed
//	            v        /
//	          parser                        one whole payload, RFC 8259
//	            |
//	            v
//	CreateChatCompletionData                typed; absent, null and set told apart
//	    |
//	    +-- Texts, EditTexts                every text that a client may show
//	    +-- Validate                        violations of the schema
//	    +-- Accumulator                     the whole answer
//	    +-- AppendJSON, AppendEvent         the chunk as JSON and as an event
//
// A [Decoder] reads chunks from a reader; [FromResponse] makes one for an HTTP response.
// A proxy writes the bytes that pass to a [Tap]. [Unmarshal] decodes one payload. A
// [Scanner] reads any event stream exactly as the standard says. [Decoder.Events] returns
// the events of other APIs' streams, with undecoded payloads. The package starts no
// goroutine.
//
// # Terms
//
// An event is an event of the HTML standard: field lines up to a blank line.
// Its data is the payload, and the payload of a chat completion stream is one JSON
// object, the chunk. Comments, events without data, and events whose data is blank or
// an empty JSON string are keep-alives. Raw is an event with all its bytes, and with
// the keep-alives before it.
//
// # Ownership
//
// A [Text], a [RawValue] and an [Event] are borrowed. They are read-only, and valid
// until the next Decode, Reset or Close. For a Tap they are valid until its function
// returns; after Unmarshal, until data is changed or dst is decoded into again. They are
// byte slices without spare capacity, so that append copies them. A string is never
// borrowed. [CreateChatCompletionData.Clone] keeps a chunk, and [Text.String] one text.
//
// The struct and its slices belong to the caller. Decode overwrites every field and
// reuses the memory behind the slices, including nested slices. Changes that the caller
// made to the struct do not affect the next result. A shallow copy of the struct shares its
// slices: decoding into the original overwrites what the copy sees, decoding into the
// copy does not affect the original.
//
// Close may be called from any goroutine at any time, but not at the same time as
// Reset. It marks the Decoder, Scanner or Tap as closed; a Decoder from FromResponse
// also closes the body. Close touches no memory that was handed out or is being read
// into. Only the owner's calls give buffers back to the pool: the Decode that returns
// the final result, the next Decode, and Reset.
//
// To end a stream that stalls, use the context of its request, a deadline, or a timer that
// calls Close: see the example of [Decoder.Close]. A Decoder from NewDecoder and a Scanner
// do not close their reader, and do not interrupt a Read that blocks in it.
//
// Under the build tag chatstream_poison, borrowed memory is overwritten as it expires. So
// the tests of a program find texts that it keeps too long:
//
//	go test -tags chatstream_poison ./...
//
// # Three states
//
// An [Optional] tells three states of a member apart: absent, null and set. They
// survive when the chunk is written again. Three required members are not Optional.
// Choices is nil when the member is absent, and empty but not nil for []. For Object the chunk remembers whether an
// empty string came, and for Delta whether it was absent, until the caller sets the
// field. A null as the value of one of these three is kept in Extra.
//
// # Validation
//
// JSON is checked strictly, also in members without a field: a payload that is not one
// object of RFC 8259 is a [*SyntaxError]. Every object decodes. A member whose JSON
// type is not its field's is kept unchanged in Extra. A number is an integer if its value
// is an integer: 3.0 is 3. Names are compared exactly. If a member with a field is
// repeated, the last one counts. Invalid UTF-8 and lone surrogates in a text become
// U+FFFD. Whether a chunk conforms to the schema is a separate question, which
// [CreateChatCompletionData.Validate] answers.
//
// # Limits
//
//   - An event may have 16 MiB, or as many bytes as [WithMaxEventSize] says, counted from
//     its first field line. A larger event gives [ErrEventTooLarge] at once. It is skipped
//     and not stored. The memory of a stream is at most a small multiple of the limit.
//   - Keep-alives that together exceed the limit are left out of Raw.
//   - JSON may be nested 10,000 levels deep.
//   - A list of more than 1,024 choices or 4,096 other elements is not built but kept in
//     Extra. So is a list that would take over 64 KiB of memory and over 64 times its
//     bytes.
//   - What is allocated for a payload depends on its bytes, never on a number in it.
//   - The finish reasons of 128 choices are tracked. With more choices, only [DONE] is a
//     clean end.
//   - An [Accumulator] takes answers of 16 MiB, or of its Limit.
//   - [FromResponse] reads at most 64 KiB of a body that is no event stream or has a status
//     other than 2xx.
//
// # Deviations from the standard
//
// A Scanner follows "Parsing an event stream" and "Interpreting an event stream" of the
// WHATWG HTML standard, with one exception: it does not decode UTF-8 but hands out bytes
// as they came. An empty Event.Type stands for "message". Reconnecting is left to the
// caller.
//
// A Decoder and a Tap deviate from the standard where servers do. These are all their
// deviations; docs/conformance.md has the reason and the tests of each.
//
//   - If the first data line of an event is a whole JSON object and another data or error
//     line follows, it is read as if a blank line stood after it. Servers that leave out
//     the blank lines lose nothing.
//   - If joined data lines are not valid JSON, they are split again: every line that is a
//     whole object becomes an event, every run of other lines one *SyntaxError.
//   - A last event without its blank line, which the standard drops, counts if its payload
//     is whole. If its payload is cut, the error is io.ErrUnexpectedEOF.
//   - The payload [DONE], with or without spaces around it, ends the stream at the end of
//     its line. It is not joined to other lines, nothing is read after it, and the
//     connection may stay open.
//   - A field named error, which the standard does not have, has a payload too. That is an
//     *APIError, and is never joined to data.
//   - An event of type error, and a payload with an error that is not null, is an
//     *APIError. The stream goes on.
//   - JSON without a field name is an *APIError if it is an object, or a list of one object,
//     with an error that is not null. It may stand where an event can begin, or right after
//     a whole first data line, and may have many lines, until its brackets close. Its lines
//     are unknown fields, as in the standard, in three cases: if a field, a comment, the
//     limit or the end comes before its brackets close; if it is other JSON; or if it stands
//     before the first known field or comment of the stream.
//   - A payload that is a list of one object with an error that is not null, or that begins
//     with "error:", is an *APIError.
//   - A data line that is a whole JSON object with "data: [DONE]" glued to its end is read
//     as two lines.
//   - A stream that had payloads, but none that was a chunk or an error, ends with
//     ErrNotChatCompletion, unless it ends within an event. A payload is a chunk if its
//     object begins with chat.completion, if one of its choices has a delta or a message,
//     or if choices is empty or null.
//   - Data that is empty, blank or an empty JSON string is a keep-alive: it is counted and
//     not dispatched.
//   - A body is no event stream, and gives ErrNotEventStream, if its first line with text
//     begins with a brace, a bracket or a less-than sign, if it is binary, or if it has no
//     known field and no comment at all. gzip and zstd are recognized by their first four
//     bytes.
//   - An event ends at the first byte of the line end of its blank line, even at the CR of a
//     CRLF whose LF has not arrived. That LF then begins the next Raw.
//   - An event over the limit is skipped up to its blank line or to a [DONE] line. Its first
//     data line is kept if that is a whole JSON object and another line follows.
//   - Only a Scanner reads the field retry.
//   - A last event ID of more than 64 KiB counts for its own event alone. A Scanner keeps it
//     until the next one.
package chatstream
