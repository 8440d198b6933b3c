package main

// writeJSON writes the methods for encoding/json.
func writeJSON(w *writer, objects []*object) {
	for _, o := range objects {
		w.line("")
		w.line("// MarshalJSON encodes the object with all its members, those in Extra included.")
		w.line("func (c %s) MarshalJSON() ([]byte, error) { return append%s(nil, &c), nil }", o.goType, upperFirst(o.name))
		w.line("")
		w.line("// UnmarshalJSON decodes the object into new memory: nothing of data or of the old value")
		w.line("// is kept. It ignores null. Names are compared exactly.")
		w.line("func (c *%s) UnmarshalJSON(data []byte) error {", o.goType)
		w.line("return unmarshalJSON(data, c, (*parser).%s)", o.name)
		w.line("}")
	}
}
