package main

import (
	"maps"
	"slices"
	"strconv"
)

// acrossCheck looks at what chunks must be to each other.
type acrossCheck struct {
	f        *findings
	id       string
	finished map[int64]bool // has every choice that was seen
	usages   int
}

func (k *acrossCheck) chunk(c *chunk, at place) {
	if id := c.ID.Value; len(id) > 0 {
		if k.id != "" && k.id != string(id) {
			k.f.add(departure{kindStream, "id", "another than in the chunk before"}, at)
		}
		k.id = string(id)
	}
	if c.Usage.IsSet() {
		if k.usages++; k.usages > 1 {
			k.f.add(departure{kindStream, "usage", "more than once: clients that add them count too much"}, at)
		}
	}
	for i := range c.Choices {
		k.choice(c.Choices[i].Index.Value, c.Choices[i].FinishReason.Value != "", at)
	}
}

func (k *acrossCheck) choice(index int64, finishes bool, at place) {
	if k.finished == nil {
		k.finished = make(map[int64]bool)
	}
	if finishes && k.finished[index] {
		k.f.add(departure{kindStream, "choices[].finish_reason", "more than once for a choice"}, at)
	}
	k.finished[index] = k.finished[index] || finishes
}

// end is called where the stream says that it is complete.
func (k *acrossCheck) end(at place) {
	for _, index := range slices.Sorted(maps.Keys(k.finished)) {
		if !k.finished[index] {
			d := departure{kindStream, "choices[].finish_reason", "never, for a choice that was begun"}
			k.f.addExample(d, at, "choice "+strconv.FormatInt(index, 10))
		}
	}
}
