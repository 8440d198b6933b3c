package main

import (
	"fmt"
	"io"
	"math/rand/v2"
	"runtime"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// maxEventSize is the limit on events, small enough that many streams go over it.
const maxEventSize = 256 << 10

// soak is one run.
type soak struct {
	bytes    int64 // of streams to send
	seed     uint64
	sample   int
	interval time.Duration
	warmUp   time.Duration
	out      io.Writer

	random  *rand.Rand
	make    *generator
	decoder *chatstream.Decoder // the one that is used again and again
	totals
	started time.Time
	heap    []uint64 // at each line of figures after the warm-up
}

// totals are the figures of a run.
type totals struct {
	sent          int64 // bytes of streams
	streams       int64
	kinds         map[string]int64 // results of the one Decoder
	chunks        int64
	matched       int64
	failures      int64 // of readers
	checked       int64 // streams that were compared with the oracles
	checkedBytes  int64
	checkedChunks int64
	disagreements int64
}

// run returns false if anything was not as it must be.
func (s *soak) run() bool {
	s.random = rand.New(rand.NewPCG(s.seed, 1))
	s.make = newGenerator(s.seed)
	s.decoder = chatstream.NewDecoder(nil, chatstream.WithMaxEventSize(maxEventSize))
	defer s.decoder.Close()
	s.kinds = map[string]int64{}
	s.started = time.Now()
	fmt.Fprintf(s.out, "%s %s/%s, %d processors, seed %d, one stream of %d checked by the oracles, events of up to %d KiB\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), s.seed, s.sample, maxEventSize>>10)
	fmt.Fprintln(s.out, "   time      sent   streams     chunks   matched  syntax    API    cut  over  reader   checked  disagree  heap MiB  from OS MiB")
	next := s.started.Add(s.interval)
	for s.sent < s.bytes && s.disagreements < 10 {
		s.one(s.make.stream())
		if now := time.Now(); now.After(next) {
			s.line()
			next = now.Add(s.interval)
		}
	}
	s.line()
	return s.summary()
}

// one sends one stream through each of the three ways.
func (s *soak) one(st stream) {
	pooled, tapped := make(chan outcome), make(chan outcome)
	cuts := [3]uint64{s.random.Uint64(), s.random.Uint64(), s.random.Uint64()}
	go func() {
		d := newDecoder(st, cuts[1])
		defer d.Close()
		pooled <- decodeAll(d, st, nil)
	}()
	go func() { tapped <- tapAll(st, cuts[2]) }()
	var check *oracle
	if !st.overLimit && s.random.IntN(s.sample) == 0 {
		check = newOracle(st)
	}
	s.decoder.Reset(st.reader(cuts[0]))
	one := decodeAll(s.decoder, st, check)
	for name, other := range map[string]outcome{"pooled Decoder": <-pooled, "Tap": <-tapped} {
		if other.digest != one.digest {
			s.disagree(st, fmt.Sprintf("%s: %v, one Decoder: %v", name, other, one))
		}
		if other.fault != "" {
			s.disagree(st, name+": "+other.fault)
		}
	}
	if one.fault != "" {
		s.disagree(st, "one Decoder: "+one.fault)
	}
	s.count(st, one, check)
}

func newDecoder(st stream, seed uint64) *chatstream.Decoder {
	return chatstream.NewDecoder(st.reader(seed), chatstream.WithMaxEventSize(maxEventSize))
}

func (s *soak) count(st stream, one outcome, check *oracle) {
	s.sent += int64(len(st.bytes))
	s.streams++
	for kind, n := range one.kinds {
		s.kinds[kind] += n
	}
	stats := s.decoder.Stats()
	s.chunks += stats.Chunks
	s.matched += stats.Matched
	if st.failing {
		s.failures++
	}
	if check != nil {
		s.checked++
		s.checkedBytes += int64(len(st.bytes))
		s.checkedChunks += check.chunks
		for _, fault := range check.faults {
			s.disagree(st, "oracle: "+fault)
		}
	}
}

// disagree reports a fault with what is needed to see it again.
func (s *soak) disagree(st stream, what string) {
	s.disagreements++
	fmt.Fprintf(s.out, "DISAGREEMENT in stream %d of seed %d: %s\n", s.streams, s.seed, what)
	if len(st.bytes) < 4<<10 {
		fmt.Fprintf(s.out, "the stream: %q\n", st.bytes)
	}
}

// line prints the figures so far.
func (s *soak) line() {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	elapsed := time.Since(s.started)
	if elapsed >= s.warmUp || s.sent >= s.bytes && len(s.heap) == 0 {
		s.heap = append(s.heap, m.HeapAlloc)
	}
	fmt.Fprintf(s.out, "%6ds %5.2f GiB %9d %10d %10d %7d %6d %6d %5d %7d %9d %9d %9.2f %12.2f\n", int(elapsed.Seconds()), gib(s.sent),
		s.streams, s.chunks, s.matched, s.kinds["syntax error"], s.kinds["API error"], s.kinds["unexpected EOF"], s.kinds["event too large"],
		s.failures, s.checked, s.disagreements, mib(m.HeapAlloc), mib(m.Sys-m.HeapReleased))
}

// summary says whether all was well.
func (s *soak) summary() bool {
	least, most := s.heap[0], s.heap[0]
	for _, h := range s.heap {
		least, most = min(least, h), max(most, h)
	}
	flat := most-least < 8<<20
	fmt.Fprintf(s.out, "%d bytes (%.2f GiB) of streams in %v, each through three ways: %.2f GiB decoded\n",
		s.sent, gib(s.sent), time.Since(s.started).Round(time.Second), 3*gib(s.sent))
	fmt.Fprintf(s.out, "results of the one Decoder: %v\n", s.kinds)
	fmt.Fprintf(s.out, "compared with the oracles: %d streams, %.1f MiB, %d chunks; %d disagreements\n",
		s.checked, mib(uint64(s.checkedBytes)), s.checkedChunks, s.disagreements)
	fmt.Fprintf(s.out, "heap after the warm-up: %d figures, %.2f to %.2f MiB, flat: %v\n", len(s.heap), mib(least), mib(most), flat)
	return flat && s.disagreements == 0
}

func gib(n int64) float64  { return float64(n) / (1 << 30) }
func mib(n uint64) float64 { return float64(n) / (1 << 20) }
