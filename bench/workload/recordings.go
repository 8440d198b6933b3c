package workload

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// RecordingsEnv names the folder of recorded streams (*.sse, at any depth).
const RecordingsEnv = "CHATSTREAM_CAPTURES"

// ErrNoRecordings says that there is no folder of recordings to be found.
var ErrNoRecordings = errors.New("no recordings here (set " + RecordingsEnv + " to a folder of .sse files); the generated mix stands in for them")

// Recordings reads the recorded streams, if this machine has any.
func Recordings() (*Workload, error) {
	for _, dir := range []string{
		os.Getenv(RecordingsEnv),
		filepath.Join("..", "shared", "captures"),
		filepath.Join("..", "..", "shared", "captures"),
		filepath.Join("..", "..", "..", "shared", "captures"),
	} {
		if dir == "" {
			continue
		}
		streams, err := readStreams(dir)
		if err != nil {
			return nil, err
		}
		if len(streams) > 0 {
			return newWorkload("recordings", "recorded streams of many providers, each from a fresh start", streams...), nil
		}
	}
	return nil, ErrNoRecordings
}

// readStreams reads every stream under dir, in the order of their names.
func readStreams(dir string) (streams [][]byte, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".sse") {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil {
			streams = append(streams, b)
		}
		return err
	})
	return streams, err
}
