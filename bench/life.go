package bench

import (
	"runtime"
	"time"

	"github.com/seed-08fc7208/chatstream/bench/subject"
	"github.com/seed-08fc7208/chatstream/bench/workload"
)

// The ways in which an event gets to a decoder.
const (
	Pushed = "pushed"
	Pulled = "pulled"
)

// learningTurns is how many events each stream has had before a pass is timed.
const learningTurns = 4

// LifeMemory is how much memory the events of a Life should take: twice the last-level
// cache, so that none is still there when its turn comes again.
func LifeMemory() int { return 2 * workload.LastLevelCache() }

// LifeRunner lets a subject live.
type LifeRunner struct {
	Subject *subject.Subject
	// Of all timed passes: how often an event made the subject allocate and how many
	// bytes, in the pass where it was least.
	Allocs, Bytes float64
	// CPU is the processors' time for an event in ns, the collector's included, in the
	// pass where it was least; 0 where the system does not say.
	CPU float64
	// Tally is of all events of all passes.
	Tally subject.Tally

	life     *workload.Life
	newFleet func(streams int) subject.Fleet
	fleet    subject.Fleet
	streams  int // how many of the life's
	turn     int
	turns    int // of a pass
	passes   int
}

// NewLifeRunner is for all streams of a life; nil if s cannot live in this way.
func NewLifeRunner(l *workload.Life, s *subject.Subject, way string) *LifeRunner {
	newFleet := s.NewPushed
	if way == Pulled {
		newFleet = s.NewPulled
	}
	if newFleet == nil {
		return nil
	}
	return &LifeRunner{Subject: s, life: l, newFleet: newFleet, streams: l.Streams, turns: workload.PassTurns}
}

// Open begins all streams, and those that were there are no more.
func (r *LifeRunner) Open() {
	r.Close()
	runtime.GC() // the garbage of who was there before is not this one's
	r.fleet, r.turn = r.newFleet(r.streams), 0
	for i := range r.streams {
		r.fleet.Open(i)
	}
}

// Close gives up all streams, so that they are no burden for the collector while others
// have their turn.
func (r *LifeRunner) Close() {
	if r.fleet != nil {
		r.Tally.Add(r.fleet.Tally())
		r.fleet = nil
	}
}

// Turn gives each stream its next event, from a copy of the events; any number will do.
func (r *LifeRunner) Turn(number int) {
	for i := range r.streams {
		event, begins := r.life.Event(number, r.turn, i)
		if begins {
			r.fleet.Open(i)
		}
		r.fleet.Event(i, event)
	}
	r.turn = (r.turn + 1) % r.life.Turns
}

// Pass opens all streams, gives each its first events, and then times workload.PassTurns
// turns. It returns the time of an event in ns. Who takes ten microseconds for an event
// makes a quarter of the turns from the second pass on.
func (r *LifeRunner) Pass(number int) float64 {
	r.Open()
	defer r.Close()
	for range learningTurns {
		r.Turn(number)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	start, cpu := time.Now(), CPUTime()
	for range r.turns {
		r.Turn(number)
	}
	took := time.Since(start)
	cpu = CPUTime() - cpu
	runtime.ReadMemStats(&after)
	events := float64(r.turns * r.streams)
	each := float64(took.Nanoseconds()) / events
	r.least(float64(after.Mallocs-before.Mallocs)/events, float64(after.TotalAlloc-before.TotalAlloc)/events, float64(cpu.Nanoseconds())/events)
	if each > 10_000 {
		r.turns = workload.PassTurns / 4
	}
	return each
}

// least keeps the best figures of all passes.
func (r *LifeRunner) least(allocs, bytes, cpu float64) {
	if r.passes == 0 || allocs < r.Allocs {
		r.Allocs, r.Bytes = allocs, bytes
	}
	if r.passes == 0 || cpu < r.CPU {
		r.CPU = cpu
	}
	r.passes++
}

// Round lets each of the runners make a pass, one after the other, each with another copy
// of the events. It returns the time of an event in ns for each.
func Round(runners []*LifeRunner, round int) (times []float64) {
	for i, r := range runners {
		times = append(times, r.Pass(round*len(runners)+i))
	}
	return times
}
