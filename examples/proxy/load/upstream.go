package main

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// upstream sends chunks for as long as the client reads, in the shape of OpenAI's.
// The content of each is the time at which it was sent.
type upstream struct{ every time.Duration }

// turn is how long upstream speaks to one way.
const turn = 500 * time.Millisecond

// hasTurn reports whether it is the turn of the given one of so many ways. The order
// is another one each time: what a way leaves behind, the next one has to bear.
func hasTurn(way, ways int, now time.Time) bool {
	turns := now.UnixNano() / int64(turn)
	order := rand.New(rand.NewPCG(uint64(turns)/uint64(ways), 0)).Perm(ways)
	return order[turns%int64(ways)] == way
}

// nextRound returns when all ways will have had a turn and the next round begins.
func nextRound(ways int, now time.Time) time.Time {
	round := int64(turn) * int64(ways)
	return time.Unix(0, (now.UnixNano()/round+1)*round)
}

// The chunk around its content.
const (
	chunkBegin = `data: {"id":"chatcmpl-B1FkQf3nEKuX4kPZ0c0mXJWmT9Zq7","object":"chat.completion.chunk","created":1767225600,"model":"gpt-4o-2024-08-06","service_tier":"default","system_fingerprint":"fp_c0ffee1234","choices":[{"index":0,"delta":{"content":"`
	chunkEnd   = `"},"logprobs":null,"finish_reason":null}],"usage":null,"obfuscation":"aB3dE5fG"}` + "\n\n"
)

func (u upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	way, _ := strconv.Atoi(r.FormValue("way"))
	ways, _ := strconv.Atoi(r.FormValue("ways"))
	flusher := http.NewResponseController(w)
	if flusher.Flush() != nil {
		return
	}
	if !wait(r, time.After(rand.N(u.every))) { // so that not all streams speak at once
		return
	}
	var chunk []byte
	for {
		now := time.Now()
		chunk = append(chunk[:0], chunkBegin...)
		chunk = strconv.AppendInt(chunk, now.UnixNano(), 10)
		chunk = append(chunk, chunkEnd...)
		if _, err := w.Write(chunk); err != nil || flusher.Flush() != nil {
			return
		}
		if !wait(r, time.After(time.Until(u.next(way, max(ways, 1), now)))) {
			return
		}
	}
}

// next returns when a stream that spoke last at a time speaks again: after a multiple
// of its time, when it is its way's turn. It sleeps until then: what ticks without
// speaking would be on all ways' account.
func (u upstream) next(way, ways int, last time.Time) time.Time {
	for next := last.Add(u.every); ; next = next.Add(u.every) {
		if hasTurn(way, ways, next) {
			return next
		}
	}
}

// wait reports whether the time came before the client was gone.
func wait(r *http.Request, c <-chan time.Time) bool {
	select {
	case <-c:
		return true
	case <-r.Context().Done():
		return false
	}
}
