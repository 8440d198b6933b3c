package chatstream

const (
	maxInternerStrings = 1024
	maxInternerBytes   = 64 << 10
	internerPlaces     = 32
)

// Interner makes strings of texts, and gives the same string for equal texts. It is for
// programs that keep ids, model names and the like of every chunk. The zero Interner is
// ready to use.
//
// It keeps at most 1,024 strings, of at most 64 KiB in total. A further string replaces
// those that it has kept longest. Strings that were handed out stay valid.
//
// An Interner must not be used by several goroutines at once, nor be copied after first
// use.
type Interner struct {
	known map[string]interned
	turn  []string // the keys of known, in the order in which they came
	size  int      // of all keys, in bytes

	// recent has some strings of known, each at its placeOf. The few strings of a stream
	// come with every chunk, and most are found here without a look into the map.
	recent [internerPlaces]string
}

// placeOf returns the index of a text in recent. It mixes the length and the first and last
// bytes, which usually tell the texts of a stream apart.
func placeOf[T string | []byte](t T) int {
	return (len(t)*7 + int(t[0]) + int(t[len(t)-1])*3) % internerPlaces
}

type interned struct {
	text    string
	pointer *string // nil until Ptr is called for the text
}

// String returns t as a string that is not borrowed. It allocates nothing for a text that
// the Interner keeps. A text of over 64 KiB is copied and not kept.
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

// Ptr returns nil unless o is set, and otherwise a pointer to its value as a string. It is
// for structs whose optional fields are pointers. Equal texts get the same pointer while
// the Interner keeps the string, so do not write through it. The Interner never writes
// through it either. Ptr allocates nothing if the Interner keeps the text and Ptr was called
// for it before.
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

// keep adds a text that is not known, and drops the oldest ones until there is room. It
// reports false for a text that is too large to keep.
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
