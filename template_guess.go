package chatstream

// guesses has the templates of events that were like the one at hand, the last one first.
type guesses [1 << guessBits]likely

const guessBits = 9

// guess is an index in guesses.
type guess uint16

// likely are templates to try, the one that was found last first.
type likely [8]*template

// add makes t the first. If it is new, the last one makes room.
func (l *likely) add(t *template) {
	next := t
	for k, other := range l {
		if l[k] = next; other == t {
			return
		}
		next = other
	}
}

// drop forgets the templates that are gone.
func (g *guesses) drop(gone func(*template) bool) {
	for i := range g {
		for k, t := range g[i] {
			if t != nil && gone(t) {
				g[i][k] = nil
			}
		}
	}
}

// guessOf returns where the templates of an event are looked for first, whose line is given. They are
// those of events that followed one like last, ended with the same two bytes, and had the same model, unless that is 0:
// then of any model. The first event of a stream follows none, but those of one kind mostly have the
// same length and first member.
func guessOf(last *template, model uint32, line []byte) guess {
	n := len(line)
	key := uint64(line[n-1]) | uint64(line[n-2])<<8 ^ uint64(model)<<32
	if last != nil {
		key ^= last.outline
	} else {
		key ^= uint64(n)<<16 ^ uint64(line[min(n, len(`data: {"i`))-1])<<48
	}
	const golden = 0x9E3779B97F4A7C15 // 2^64 divided by the golden ratio: each bit of the key counts
	return guess(key * golden >> (64 - guessBits))
}
