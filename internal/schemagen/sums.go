package main

import (
	"slices"
	"strings"
)

// writeSums writes, for each object that an Accumulator adds into another struct, the method that
// passes on the members that the other struct lacks.
func writeSums(w *writer, objects []*object) {
	for _, o := range objects {
		if o.sum == "" {
			continue
		}
		others := o.others(objects)
		w.line("")
		w.line("// appendOthers appends an object of the members that have no field in %s, or", o.sum)
		w.line("// nothing if all of them are absent.")
		w.line("func (c *%s) appendOthers(dst []byte) []byte {", o.goType)
		if len(others) > 0 {
			var states []string
			for _, m := range others {
				states = append(states, "c."+m.field+".state")
			}
			w.line("if %s == absent { return dst }", strings.Join(states, " | "))
			w.line("w := openObject(dst, &%sKind)", o.name)
			for _, m := range others {
				w.appendMember(o, m)
			}
			w.line("dst = append(w.dst, '}')")
		}
		w.line("return dst")
		w.line("}")
	}
}

// others returns the members that the sum lacks. Plain members are not among them: the sum has other
// members for them.
func (o *object) others(objects []*object) (others []member) {
	for _, sum := range objects {
		if sum.goType != o.sum {
			continue
		}
		for _, m := range o.members {
			if !m.isPlain() && !slices.ContainsFunc(sum.members, func(s member) bool { return s.name == m.name }) {
				others = append(others, m)
			}
		}
	}
	return others
}
