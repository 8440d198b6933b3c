package chatstream

import (
	"sync"
	"sync/atomic"
)

// library has the templates of all streams. What a stream needs of it stands on a shelf, so
// that the library is asked only about events that were parsed.
type library struct {
	mu sync.Mutex
	// recent and older have the templates by their digest. When recent is full it becomes
	// older, and what older had is forgotten. A template that is found in older moves to recent.
	recent, older map[uint64]*template
	size          int // of recent, in bytes
	// guesses are the last ones of any shelf, for the next shelf that is made.
	guesses guesses
	looked  [1 << 12]uint16 // bits of the digests of events that were looked at, where other bits of them tell
	// forgotten counts how often templates were forgotten. A shelf that has older guesses
	// would hold them.
	forgotten atomic.Uint32
}

const (
	maxTemplates = 1024    // of recent
	maxLibrary   = 2 << 20 // bytes of the templates of recent
	fewTemplates = 256
)

// common is the library that all streams share.
var common library

// entry is what a library knows of a digest.
type entry struct {
	template *template // nil if there is none
	seen     bool      // an event with the digest was looked at before
	room     bool      // there are few templates, so that any event is worth one
}

// look returns what is known of the digest of an event, and notes that an event with it was looked at,
// and where its template is looked for first.
func (l *library) look(digest uint64, event []byte, at guess) entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	slot := &l.looked[digest>>52]
	e := entry{seen: *slot == uint16(digest), room: len(l.recent)+len(l.older) < fewTemplates}
	*slot = uint16(digest)
	switch e.template = l.find(digest); {
	case e.template == nil:
	case !e.template.resembles(event): // a caller has written into a text that is read-only
		delete(l.recent, digest)
		l.size -= e.template.size()
		e.template = nil
	default:
		l.guesses[at].add(e.template)
	}
	return e
}

// has reports whether there is a template with the digest.
func (l *library) has(digest uint64) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.recent[digest] != nil || l.older[digest] != nil
}

// add adds a template, and notes where it is looked for first. It returns the one with that
// digest, which may have been added by another stream meanwhile.
func (l *library) add(t *template, at guess) *template {
	l.mu.Lock()
	defer l.mu.Unlock()
	if other := l.find(t.digest); other != nil {
		t = other
	} else {
		l.keep(t)
	}
	l.guesses[at].add(t)
	return t
}

func (l *library) find(digest uint64) *template {
	t := l.recent[digest]
	if t == nil {
		if t = l.older[digest]; t != nil {
			delete(l.older, digest)
			l.keep(t)
		}
	}
	return t
}

// keep puts a template into recent.
func (l *library) keep(t *template) {
	if l.size += t.size(); l.size > maxLibrary || len(l.recent) == maxTemplates {
		l.recent, l.older, l.size = l.older, l.recent, t.size()
		clear(l.recent)
		l.guesses.drop(func(t *template) bool { return l.older[t.digest] != t })
		l.forgotten.Add(1)
	}
	if l.recent == nil {
		l.recent = make(map[uint64]*template, maxTemplates)
	}
	l.recent[t.digest] = t
}

// latest copies the guesses, and returns how often templates were forgotten until then.
func (l *library) latest(dst *guesses) (forgotten uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	*dst = l.guesses
	return l.forgotten.Load()
}
