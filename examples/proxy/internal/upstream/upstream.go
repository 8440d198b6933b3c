// Package upstream is a server to stand before that needs no model: it answers with
// streams from files, one event at a time.
package upstream

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/seed-08fc7208/chatstream"
)

// Server is an http.Handler with the paths of the OpenAI API that it needs. The
// model of a request names the stream; a model that is none gets the default.
type Server struct {
	pace    time.Duration
	streams map[string][][]byte // the events of each
	mux     http.ServeMux
}

// Default is the stream of requests for unknown models.
const Default = "openai-text"

// New returns a Server with the streams *.sse of a folder, that waits for pace
// before each event.
func New(folder string, pace time.Duration) (*Server, error) {
	files, err := filepath.Glob(filepath.Join(folder, "*.sse"))
	if err != nil {
		return nil, err
	}
	s := &Server{pace: pace, streams: map[string][][]byte{}}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		s.streams[strings.TrimSuffix(filepath.Base(file), ".sse")] = split(data)
	}
	if s.streams[Default] == nil {
		return nil, errors.New("no stream " + Default + ".sse in " + folder)
	}
	s.mux.HandleFunc("GET /v1/models", s.models)
	s.mux.HandleFunc("POST /v1/chat/completions", s.complete)
	return s, nil
}

// split cuts a stream into its events; they are all of its bytes.
func split(data []byte) [][]byte {
	s := chatstream.NewScanner(bytes.NewReader(data))
	var events [][]byte
	for more := true; more; {
		more = s.Scan()
		if raw := s.Event().Raw; len(raw) > 0 {
			events = append(events, bytes.Clone(raw))
		}
	}
	return events
}

// Names returns the names of the streams.
func (s *Server) Names() []string { return slices.Sorted(maps.Keys(s.streams)) }

func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// models lists the streams as the API lists models.
func (s *Server) models(w http.ResponseWriter, _ *http.Request) {
	type model struct {
		ID      string `json:"id"`
		Object  string `json:"object"`
		Created int64  `json:"created"`
		OwnedBy string `json:"owned_by"`
	}
	list := struct {
		Object string  `json:"object"`
		Data   []model `json:"data"`
	}{Object: "list"}
	for _, name := range s.Names() {
		list.Data = append(list.Data, model{ID: name, Object: "model", OwnedBy: "testdata"})
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(list)
}

// maxRequest is the longest request that is read, in bytes.
const maxRequest = 1 << 20

// complete answers with a stream, and stops when the client is gone.
func (s *Server) complete(w http.ResponseWriter, r *http.Request) {
	var request struct {
		Model  string
		Stream bool
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err == nil {
		err = json.Unmarshal(body, &request)
	}
	switch {
	case err != nil:
		fail(w, "the request is not JSON: "+err.Error())
		return
	case !request.Stream:
		fail(w, `only requests with "stream":true can be answered`)
		return
	}
	events := s.streams[request.Model]
	if events == nil {
		events = s.streams[Default]
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-cache")
	s.send(w, r, events)
}

// send writes the events, each at its time.
func (s *Server) send(w http.ResponseWriter, r *http.Request, events [][]byte) {
	flusher := http.NewResponseController(w)
	ticker := time.NewTicker(max(s.pace, 1))
	defer ticker.Stop()
	for _, event := range events {
		select {
		case <-ticker.C:
		case <-r.Context().Done():
			return
		}
		if _, err := w.Write(event); err != nil {
			return
		}
		if err := flusher.Flush(); err != nil {
			return
		}
	}
}

// fail answers with an error in the shape of the API.
func fail(w http.ResponseWriter, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusBadRequest)
	json.NewEncoder(w).Encode(map[string]any{
		"error": map[string]string{"message": message, "type": "invalid_request_error"},
	})
}
