package main

import (
	"bytes"
	"encoding/json"
)

// jsonReport prints each chunk on a line of its own.
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

// jsonLine writes a value of the command's own for machines, on a line.
func jsonLine(v any) []byte {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // its types can all be encoded
	return b.Bytes()
}
