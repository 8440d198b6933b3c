package chatstream

const (
	maxInternerStrings = 1024
	maxInternerBytes   = 64 << 10
	internerPlaces     = 32
)

// Interner turns texts into strings that the caller owns, and equal texts into the
// same string: for programs that keep ids, names of models and the like of every
// chunk. Its zero value is ready to use.
//
// It keeps at most 1,024 strings of at most 64 KiB together. One more takes the
// place of those that it has kept longest. Strings that were handed out stay valid.
//
// An Interner must not be used by several goroutines at the same time, nor be copied
// after its first use.
type Interner struct {
	known map[string]interned
	turn  []string // the keys of known, in the order in which they came
	size  int      // of all keys, in bytes

	// recent has strings of known, each at its place, where most are found without the
	// map: the few of a stream come again with every chunk.
	recent [internerPlaces]string
}

// placeOf returns where in recent a text is looked for, by what mostly tells texts of
// one stream apart.
func placeOf[T string | []byte](t T) int {
	return (len(t)*7 + int(t[0]) + int(t[len(t)-1])*3) % internerPlaces
}

type interned struct {
	text    string
	pointer *string // made when it is asked for
}

// String returns t as a string. For a text that it keeps, it allocates nothing. A
// text of more than 64 KiB is copied and not kept.
func (in *Interner) String(t []byte) string {
	if len(t) == 0 {
		return ""
	}
	recent := &in.recent[placeOf(t)]
	if *recent == string(t) {
		return *recent
	}
	entry, found := in.known[string(t)]
	if !found {
		entry.text = string(t)
		if !in.keep(entry) {
			return entry.text
		}
	}
	*recent = entry.text
	return entry.text
}

// Ptr returns nil unless o is set, and otherwise a pointer to what String returns of
// its value: what a struct with pointers for optional members wants. Equal texts have
// the same pointer while the string is kept, so do not write through it. The Interner
// never does: what it points to does not change. For a text that was asked for before
// and is kept, Ptr allocates nothing.
func (in *Interner) Ptr(o Optional[Text]) *string {
	if !o.IsSet() {
		return nil
	}
	entry, found := in.known[string(o.Value)]
	if found && entry.pointer != nil {
		return entry.pointer
	}
	if !found {
		entry.text = string(o.Value)
	}
	pointer := new(string)
	*pointer = entry.text
	entry.pointer = pointer
	if found {
		in.known[entry.text] = entry
	} else {
		in.keep(entry)
	}
	return pointer
}

// keep adds a text that is not known, after those have gone whose place it takes. It
// returns false for a text that is too large.
func (in *Interner) keep(entry interned) bool {
	n := len(entry.text)
	if n > maxInternerBytes {
		return false
	}
	for len(in.turn) == maxInternerStrings || in.size+n > maxInternerBytes {
		oldest := in.turn[0]
		in.turn[0] = ""
		in.turn = in.turn[1:]
		in.size -= len(oldest)
		delete(in.known, oldest)
		if oldest != "" && in.recent[placeOf(oldest)] == oldest {
			in.recent[placeOf(oldest)] = ""
		}
	}
	if in.known == nil {
		in.known = make(map[string]interned)
	}
	in.known[entry.text] = entry
	in.turn = append(in.turn, entry.text)
	in.size += n
	return true
}
