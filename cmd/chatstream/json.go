package main

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

func (r *jsonReport) finish() {}
