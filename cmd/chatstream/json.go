package main

import (
	"bytes"
	"encoding/json"
)

// jsonReport prints each chunk on one line.
type jsonReport struct {
	out  *console
	line []byte
}

func (r *jsonReport) observe(c *chunk, _ error) {
	if c == nil {
		return
	}
	r.line = append(c.AppendJSON(r.line[:0]), '\n')
	r.out.Write(r.line)
}

func (r *jsonReport) finish(string) {}

// jsonLine writes one of the command's own values as a line of JSON.
func jsonLine(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // all its types can be encoded
	return b.Bytes()
}
