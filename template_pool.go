package chatstream

import "sync"

// workbenches has those that are not in use.
var workbenches = sync.Pool{New: func() any { return newWorkbench() }}

func newWorkbench() *workbench {
	w := aligned[workbench]()
	w.renewParser()
	return w
}

// desk is a stream's place at a workbench.
type desk struct {
	bench *workbench
	// borrower is the caller's chunk that is decoded into. While the stream waits its
	// memory belongs to nobody.
	borrower *CreateChatCompletionData
	only     *workbench // in tests: the one to take
}

// takeBench returns the workbench that the stream has, or takes one.
func (d *desk) takeBench() *workbench {
	if d.bench == nil {
		if d.bench = d.only; d.bench == nil {
			d.bench = workbenches.Get().(*workbench)
		}
	}
	return d.bench
}

// leaveBench gives the workbench back. What was lent from it has expired.
func (d *desk) leaveBench() {
	w := d.bench
	if w == nil {
		return
	}
	d.bench = nil
	w.clear()
	if w != d.only {
		workbenches.Put(w)
	}
}

// wait is leaveBench for a stream that may have to wait long: the memory of the caller's chunk
// stays at the workbench, too.
func (d *desk) wait() {
	w, c := d.bench, d.borrower
	if w == nil {
		return
	}
	if c != nil && c.parser != nil && c.parser.owner == c {
		if p := c.parser; w.spare == nil && !p.isLarge() {
			p.owner = nil
			p.wipe()
			w.spare = p
		}
		*c = CreateChatCompletionData{}
	}
	d.leaveBench()
}

// into returns dst with memory to decode into, or the workbench's chunk for nil.
func (d *desk) into(dst *CreateChatCompletionData) *CreateChatCompletionData {
	w := d.takeBench()
	if dst == nil {
		return &w.block.chunk
	}
	if dst.parser == nil || dst.parser.owner != dst {
		dst.parser = w.takeSpare()
		dst.parser.owner = dst
	}
	return dst
}

// chunk returns the workbench's chunk that was decoded into; nil if that is no longer lent.
func (d *desk) chunk() *CreateChatCompletionData {
	if d.bench == nil {
		return nil
	}
	return &d.bench.block.chunk
}

// lendTo notes that a caller's chunk is to be decoded into. One that is the workbench's is
// the caller's from then on, and the workbench with it.
func (d *desk) lendTo(dst *CreateChatCompletionData) {
	if dst == d.chunk() {
		d.bench = nil
	}
	d.borrower = dst
}
