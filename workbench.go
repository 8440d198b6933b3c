package chatstream

// workbench has what a stream needs while it decodes, and not while it waits: a chunk, the
// memory of parsers, and templates. As there are about as many workbenches as processors,
// it is in the caches when the next event of whichever stream comes.
type workbench struct {
	block  block   // the chunk that All and a Tap give
	parser *parser // of it
	spare  *parser // for a caller's chunk

	// templates are those that were of use last, most recent first, up to the first that
	// is nil. marks has their marks.
	templates [maxTemplates]*template
	marks     [maxTemplates]uint32
	debt      int // what learning has cost and hits have not paid
	learner   learner
}

const (
	maxTemplates = 16
	// learnCost is how many hits pay for learning a template, and maxDebt how much a
	// stream may owe, benchDebt all the streams of a workbench together. Beyond that one
	// in rareMisses is learned, so that it costs next to nothing and still has a way back.
	learnCost  = 4
	maxDebt    = 32
	benchDebt  = 512
	rareMisses = 64
)

// lessons is what a stream knows of templates: little, since it keeps it while it waits.
type lessons struct {
	hint   uint32 // the mark of the template that matched last
	debt   uint8
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
			w.insert(k, t)
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

// insert makes t the most recent template, in the place of the one at k.
func (w *workbench) insert(k int, t *template) {
	copy(w.templates[1:k+1], w.templates[:k])
	copy(w.marks[1:k+1], w.marks[:k])
	w.templates[0], w.marks[0] = t, t.mark
}

// credit notes that the template was of use to a stream.
func (w *workbench) credit(t *template, l *lessons) {
	l.hint = t.mark
	if l.debt > 0 {
		l.debt--
	}
	if w.debt > 0 {
		w.debt--
	}
}

// learn makes a template of an event that had none, if the stream may.
func (w *workbench) learn(event *Event, data int, l *lessons) {
	if l.debt > maxDebt-learnCost || w.debt > benchDebt-learnCost {
		if l.misses++; l.misses%rareMisses != 0 {
			return
		}
	}
	l.debt = min(l.debt+learnCost, maxDebt)
	w.debt = min(w.debt+learnCost, benchDebt)
	defer w.learner.wipe()
	if !w.learner.read(event, data) {
		return
	}
	n, ok := w.learner.place()
	if !ok {
		return
	}
	l.hint = w.learner.digest()
	if w.find(l.hint) < 0 { // otherwise it is no hit for another reason
		w.insert(maxTemplates-1, w.learner.publish(l.hint, &n))
	}
}

// takeSpare returns a parser for a caller's chunk.
func (w *workbench) takeSpare() *parser {
	p := w.spare
	if w.spare = nil; p == nil {
		p = newParser()
	}
	return p
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
