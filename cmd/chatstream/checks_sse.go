package main

// The checks of lines. lineCheck and checkReport find these.
var (
	sseNotUTF8      = &check{name: "sse/not-utf8", level: levelFinding, what: "bytes that are not UTF-8"}
	sseNoBlankLine  = &check{name: "sse/no-blank-line", level: levelFinding, what: "no empty line after the event: a reader to the standard joins it to the next"}
	sseLastEvent    = &check{name: "sse/last-event", level: levelFinding, what: "no empty line after the last event: a reader to the standard drops it"}
	sseLastLine     = &check{name: "sse/last-line", level: levelFinding, what: "no line end after the last line"}
	sseAfterDone    = &check{name: "sse/done-blank-line", level: levelFinding, what: "no empty line after [DONE]"}
	sseErrorField   = &check{name: "sse/error-field", level: levelFinding, what: "field error: a reader to the standard ignores it, and the error in it"}
	sseUnknownField = &check{name: "sse/unknown-field", level: levelFinding, what: "an unknown field, which is ignored"}
	sseNulID        = &check{name: "sse/id-nul", level: levelFinding, what: "id with a NUL, which is ignored"}
	sseRetry        = &check{name: "sse/retry", level: levelFinding, what: "retry that is no number, which is ignored"}
	sseBOM          = &check{name: "sse/bom", level: levelNote, what: "byte order mark at the start"}
	sseCR           = &check{name: "sse/cr", level: levelNote, what: "CR as the line end"}
	sseCRLF         = &check{name: "sse/crlf", level: levelNote, what: "CRLF as the line end"}
	sseLongLine     = &check{name: "sse/long-line", level: levelNote, what: "line over 64 KiB: common line readers stop here"}
	sseNoSpace      = &check{name: "sse/no-space", level: levelNote, what: "no space after data:"}
	sseEventType    = &check{name: "sse/event-type", level: levelNote, what: "event type: browsers do not give it to onmessage"}
	sseNoData       = &check{name: "sse/no-data", level: levelNote, what: "event without data"}
	sseEmptyData    = &check{name: "sse/empty-data", level: levelNote, what: "empty data: clients that parse it fail"}
	sseEmptyString  = &check{name: "sse/empty-string", level: levelNote, what: `data that is "": clients that expect an object fail`}
	sseSeveralLines = &check{name: "sse/several-lines", level: levelNote, what: "payload on several data lines: clients that go by the line fail"}
	sseComment      = &check{name: "sse/comment-inside", level: levelNote, what: "comment inside an event: some clients end the event there"}

	sseChecks = []*check{
		sseNotUTF8, sseNoBlankLine, sseLastEvent, sseLastLine, sseAfterDone, sseErrorField, sseUnknownField, sseNulID, sseRetry,
		sseBOM, sseCR, sseCRLF, sseLongLine, sseNoSpace, sseEventType, sseNoData, sseEmptyData, sseEmptyString, sseSeveralLines, sseComment,
	}
)
