// Package chatstream decodes streamed chat completions: the server-sent events that
// a model's answer arrives in, as typed chunks. It is made for proxies, which sit
// between many providers and many clients: nothing is lost, nothing is copied that
// need not be, a truncated answer never looks like a whole one, and memory and time
// stay bounded whatever the other side sends.
//
//	io.Reader      Tap.Write, Tap.Body      bytes, cut anywhere
//	    |               |
//	    +-------+-------+
//	            v
//	        source, framer                  lines, fields, events: the only buffer
//	            |        \
//	            |         template            an event like the last one: compared, not parsed
//	            v        /
//	          parser                        one whole payload, RFC 8259
//	            |
//	            v
//	CreateChatCompletionData                typed, absent and null told apart
//	    |
//	    +-- Texts, EditTexts                all that a guardrail must see
//	    +-- Validate                        what the schema thinks of it
//	    +-- Accumulator                     the whole answer
//	    +-- AppendJSON, AppendEvent         re-emission
//
// A Decoder pulls chunks from a reader, and FromResponse makes one for a response. Its
// Events are those of the streams of other APIs, with payloads that are not decoded. A
// Tap is pushed into, where a proxy has bytes in hand. Unmarshal decodes one payload,
// and a Scanner reads any event stream, to the letter of the standard. A parser of a
// payload never waits for bytes, and no goroutine is started.
//
// # Terms
//
// An event is what the HTML standard calls so: field lines up to a blank line. Its
// data is the payload, which is one JSON object, the chunk. An event without a
// payload, a comment and a payload that is blank or an empty string are keep-alives.
// Raw is an event as it stood in the stream, with the keep-alives before it.
//
// # Ownership
//
// A Text, a RawValue and an Event are borrowed: read-only, and valid until the next
// Decode, Reset or Close (for a Tap: until its function returns; after Unmarshal:
// until data is changed or dst is decoded into again). They are byte slices with cut
// capacity, so that an append copies; a string is owned by whoever has it.
// CreateChatCompletionData.Clone keeps a chunk, Text.String one text.
//
// The struct and its slices are the caller's. Decode overwrites every field and uses
// the memory behind the slices again, that of nested ones too; nothing that the
// caller did to the struct shows in the next result. A shallow copy of the struct
// shares its slices; decoding into the copy leaves those of the first alone
// (TestCopyOfChunk).
//
// Close may be called from any goroutine at any time, but not beside Reset. It marks the
// Decoder, Scanner or Tap closed, and closes the body that a Decoder has from
// FromResponse. It touches nothing that was handed out or is being read into: only the
// owner's calls give buffers back, namely the Decode that returns the final result, the
// next Decode, and Reset (TestCloseWhileReadBlocks, TestCloseBetweenCalls,
// TestCloseAtAnyTime). A stream that stalls is ended by the context of its request, by a
// deadline, or by a timer that calls Close; see the example of Decoder.Close. A reader
// that NewDecoder or NewScanner was given is not closed, and a Read of it is not
// interrupted.
//
// Build with the tag chatstream_poison, and borrowed memory is overwritten as it
// expires. A program's own tests then find what it has kept too long:
//
//	go test -tags chatstream_poison ./...
//
// # Three states
//
// Absent, null and set are told apart for every optional member, by Optional, and
// survive re-emission. Of the required members that are no Optional, Choices is
// absent when it is nil and [] when it is empty but not nil; whether Object came as
// an empty string and whether Delta was absent is remembered until the caller sets
// the field. A null in the place of these three is in Extra.
//
// # What is judged, and when
//
// JSON is judged strictly, members that are skipped included: a payload that is not
// one object of RFC 8259 is a *SyntaxError (TestRFC8259Vectors). Every object
// decodes: a member of another type than its field's is kept in Extra, whole, and a
// number counts as an integer if its value is one. Names are compared exactly. Of a
// known member that is repeated the last one counts (TestRepeatedMembers). Invalid
// UTF-8 and lone surrogates in a text become U+FFFD (TestTextRepair). What the
// schema thinks of the chunk says Validate, when it is asked.
//
// # Limits
//
//   - An event may have 16 MiB, or what WithMaxEventSize says, counted from its first
//     field line (TestDecoderEventSize). One that is larger gives ErrEventTooLarge at
//     once and is skipped, not stored (TestDecoderEventOverTheLimit). Memory for a
//     stream stays at a small multiple of the limit (TestTapIsBounded).
//   - Keep-alives of more bytes than that in a row are left out of Raw
//     (TestDecoderKeepAlivesOverTheLimit).
//   - JSON may be nested 10,000 deep (TestNesting).
//   - A list of more than 1,024 choices or 4,096 other elements is not built: it
//     goes to Extra (TestListLimits). What is allocated for a payload depends on its
//     bytes alone, never on a number in it (TestAccumulatorIndex).
//   - The finish reasons of 128 choices are tracked. Where there are more, only [DONE]
//     is a clean end (TestDecoderEnd).
//   - An answer may have 16 MiB in an Accumulator, or what its Limit says
//     (TestAccumulatorLimit).
//   - Of a body that is no event stream, or has a status that is not 2xx, FromResponse
//     reads 64 KiB (TestFromResponseStatus, TestFromResponseContentType).
//
// # Deviations from the standard
//
// A Scanner follows "Parsing an event stream" and "Interpreting an event stream" of
// the WHATWG HTML standard (TestEventStreamVectors), but that it does not decode
// UTF-8: bytes are handed out as they came (TestBytesAreNotDecoded). An empty
// Event.Type stands for "message". Reconnecting is left to the caller.
//
// A Decoder and a Tap are practical on top of that. These are all their deviations:
//
//   - Where the first data line of an event is a whole JSON object and another data
//     or error line follows, it is read as if a blank line stood after it. Servers
//     that leave out the blank lines lose nothing. (TestFraming: "a whole first line
//     stands alone if another one follows, or the end")
//   - Lines that are joined and then are no JSON are taken apart again: each that is
//     a whole object is an event, and each run of others is a *SyntaxError.
//     (TestFraming: "each whole line is taken alone if the joined lines are no JSON")
//   - A last event without its blank line, which the standard drops, counts if its
//     payload is whole. One whose payload is cut is an error that is
//     io.ErrUnexpectedEOF. (TestFraming: "a whole first line stands alone if another
//     one follows, or the end", "lines are joined to the blank line if the first is
//     not whole", "the end cuts a payload")
//   - A payload of [DONE], with spaces around it or without, ends the stream at the
//     end of its line. It is not joined to other lines, nothing is read after it, and
//     the connection may stay open. (TestFraming: "[DONE] ends the stream";
//     TestDoneIsTheEnd)
//   - A field named error, unknown to the standard, has a payload too, which is an
//     *APIError. It and data are never joined. (TestFraming: "data and error do not
//     join")
//   - An event of the type error, and a payload with an error that is not null, is an
//     *APIError, and the stream goes on. (TestFraming: "an error from upstream")
//   - JSON that stands in the stream without a field, where an event may begin or right
//     after a whole first data line, is an *APIError if it is an object, or a list of one,
//     with an error that is not null. It may go on over many lines, up to where its
//     brackets close. A field, a comment, the limit or the end before that, and anything
//     else in it, leave its lines the unknown fields that they are by the standard. Before
//     the first known field or comment there is none. (TestFraming: "an error without
//     framing")
//   - A payload that is a list of one object with an error that is not null, or begins
//     with "error:", is an *APIError. (TestFraming: "an error in the place of an object")
//   - A data line that is a whole JSON object with "data: [DONE]" glued to its end is two
//     lines. (TestFraming: "[DONE] glued to a chunk")
//   - A stream that had payloads, none of which was a chunk or an error, ends with
//     ErrNotChatCompletion, unless it ends within an event. A payload is a chunk if its
//     object begins with chat.completion, if one of its choices has delta or message, or if
//     choices is empty or null. (TestFraming: "the stream is of another API")
//   - Data that is empty, blank or an empty JSON string is a keep-alive: it is counted
//     and not dispatched. (TestFraming: "keep-alives are never errors")
//   - A stream whose first line with text begins with a brace, a bracket or a less-than
//     sign, or is binary, or that has no known field and no comment at all, is no event
//     stream: ErrNotEventStream. gzip and zstd are told by their first four bytes.
//     (TestFraming: "the body is no event stream", "the body is an event stream";
//     TestCompressedBodyIsNamed)
//   - An event ends at the first byte of its blank line's end, be it the CR of a CRLF
//     whose LF has not arrived. That LF begins the next Raw then. (TestFraming: "an
//     event ends at its blank line"; TestDecoderHandsOutAnEventAtItsLastByte)
//   - An event over the limit is skipped to its blank line or to a [DONE] line, but
//     for a first data line that is a whole JSON object and has another line after it.
//     (TestDecoderSkipsToTheBlankLine, TestDecoderDoneAndTheLimit,
//     TestDecoderWholeLineOfAnEventOverTheLimit)
//   - The field retry is read by a Scanner only. (TestFramingQuirks)
package chatstream
