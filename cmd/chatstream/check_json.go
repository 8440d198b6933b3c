package main

// checkJSON is the output of -check -json for a stream.
type checkJSON struct {
	Stream   string `json:"stream"`
	Chunks   int64  `json:"chunks"`
	Events   int64  `json:"events"`
	Comments int64  `json:"comments"`
	Bytes    int64  `json:"bytes"`
	Done     bool   `json:"done"` // [DONE] was read
	// StrictChunks is the number of chunks that a reader gets if it follows the event
	// stream standard exactly.
	StrictChunks int64         `json:"strict_chunks"`
	Findings     []findingJSON `json:"findings"`
	Hint         string        `json:"hint,omitempty"`
}

// findingJSON is a finding. Event (from 1) and Byte (from 0) are those of its first occurrence.
type findingJSON struct {
	Level   string `json:"level"`
	Kind    string `json:"kind"`
	Check   string `json:"check"`
	Where   string `json:"where"`
	What    string `json:"what"`
	Example string `json:"example,omitempty"`
	Times   int64  `json:"times"`
	Event   int64  `json:"event"`
	Byte    int64  `json:"byte"`
	Strict  bool   `json:"strict"` // -strict names it
}

// json returns the check on one line.
func (r *checkReport) json(hint string, strict strictCount) []byte {
	stats := r.d.Stats()
	v := checkJSON{
		Stream: r.in.name, Chunks: stats.Chunks, Events: stats.Events, Comments: stats.Comments, Bytes: stats.Bytes,
		Done: r.d.Done(), StrictChunks: strict.objects, Findings: []findingJSON{}, Hint: hint,
	}
	for _, f := range r.findings.sorted() {
		v.Findings = append(v.Findings, findingJSON{
			Level: f.check.level.String(), Kind: f.check.kind(), Check: f.check.name,
			Where: f.where, What: f.what, Example: f.example,
			Times: f.times, Event: f.first.event, Byte: f.first.offset, Strict: r.c.strict.takes(f.check),
		})
	}
	return jsonLine(v)
}
