package chatstream

// workbench has what a stream needs while it decodes, and not while it waits: a chunk, the
// memory of parsers, and templates. As there are about as many workbenches as processors,
// it is in the caches when the next event of whichever stream comes.
type workbench struct {
	block  block   // the chunk that All and a Tap give
	parser *parser // of it
	spare  *parser // for a caller's chunk

	// templates are those that were of use last, those that were looked for
	// last first, up to the first that is nil. marks has their marks.
	templates [maxTemplates]*template
	marks     [maxTemplates]uint32
	used      [maxTemplates]int64 // when each was of use last, counted in hits
	hits      int64
	alike     int    // how many in a row had that mark
	seen      uint32 // the mark of the event that was looked at last
	learner   learner
}

const (
	maxTemplates = 16
	// learnCost is how many hits pay for learning a template, and maxDebt how much a
	// stream may owe. Beyond that two neighbors in rareMisses are looked at, and learned if
	// they are alike, so that it costs next to nothing and still has a way back.
	learnCost  = 64
	maxDebt    = 16 * learnCost
	rareMisses = 64
)

// lessons is what a stream knows of templates: little, since it keeps it while it waits.
type lessons struct {
	hint   uint32 // the mark of the template that matched last
	debt   uint16
	misses uint8
	off    bool // in tests: no template is used
}

// renewParser gives the workbench's chunk a new parser.
func (w *workbench) renewParser() {
	w.parser = newParser()
	w.parser.lists.choice = w.block.choices[:0]
	w.parser.owner = &w.block.chunk
	w.block = block{chunk: CreateChatCompletionData{parser: w.parser}}
}

// match makes dst of the event that b begins with, if there is a template for it. It returns
// the template and the event's length.
func (w *workbench) match(dst *CreateChatCompletionData, b []byte, l *lessons) (*template, int) {
	p := dst.parser
	hinted := w.find(l.hint)
	if hinted >= 0 {
		t := w.templates[hinted]
		if n := t.match(p, dst, b); n > 0 {
			w.credit(hinted, l)
			return t, n
		}
	}
	for k, t := range w.templates {
		if t == nil {
			break
		}
		if k == hinted || !t.resembles(b) {
			continue
		}
		if n := t.match(p, dst, b); n > 0 {
			w.move(k, t)
			w.credit(0, l)
			return t, n
		}
	}
	return nil, 0
}

// find returns which template has the mark, or -1.
func (w *workbench) find(mark uint32) int {
	for k := range w.marks {
		if w.marks[k] == mark && mark != 0 {
			return k
		}
	}
	return -1
}

// move makes t the first template, in the place of the one at k.
func (w *workbench) move(k int, t *template) {
	used := w.used[k]
	copy(w.templates[1:k+1], w.templates[:k])
	copy(w.marks[1:k+1], w.marks[:k])
	copy(w.used[1:k+1], w.used[:k])
	w.templates[0], w.marks[0], w.used[0] = t, t.mark, used
}

// insert adds a template, in the place of the one that has not been of use for longest.
func (w *workbench) insert(t *template) {
	victim := 0
	for k := range w.templates {
		if w.templates[k] == nil {
			victim = k
			break
		}
		if w.used[k] < w.used[victim] {
			victim = k
		}
	}
	w.move(victim, t)
	w.used[0] = w.hits
}

// credit notes that the template at k was of use to a stream.
func (w *workbench) credit(k int, l *lessons) {
	w.hits++
	w.used[k] = w.hits
	l.hint = w.marks[k]
	if l.debt > 0 {
		l.debt--
	}
}

// learn makes a template of an event that had none, if the stream may.
func (w *workbench) learn(event *Event, data int, l *lessons, isChat func(*CreateChatCompletionData, []byte) bool) {
	owes := l.debt > maxDebt-learnCost
	if owes {
		if l.misses = (l.misses + 1) % rareMisses; l.misses > 2 {
			return
		}
	}
	defer w.learner.wipe()
	if !w.learner.read(event, data) {
		l.owe()
		return
	}
	n, ok := w.learner.place()
	if !ok {
		l.owe()
		return
	}
	mark := w.learner.digest()
	if w.alike++; w.seen != mark {
		w.seen, w.alike = mark, 1
	}
	if owes && w.alike < 3 || w.find(mark) >= 0 { // or it is no hit for another reason
		return
	}
	l.owe()
	l.hint = mark
	w.insert(w.learner.publish(mark, &n, isChat(&w.learner.chunk, w.learner.event[w.learner.from:w.learner.to])))
}

// owe notes that a template was made, or could not be.
func (l *lessons) owe() {
	l.debt = min(l.debt+learnCost, maxDebt)
}

// clear ends the life of all that was lent from the workbench, so that it holds nothing of
// a stream.
func (w *workbench) clear() {
	if w.parser.isLarge() {
		w.renewParser()
		return
	}
	w.block.chunk = CreateChatCompletionData{parser: w.parser}
	w.parser.wipe()
	if cap(w.parser.lists.choice) != 1 { // they have moved
		clear(w.block.choices[:])
	}
}

func (w *workbench) hasTemplates() bool { return w.templates[0] != nil }

// takeSpare returns a parser for a caller's chunk.
func (w *workbench) takeSpare() *parser {
	p := w.spare
	if w.spare = nil; p == nil {
		p = newParser()
	}
	return p
}
