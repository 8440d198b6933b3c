package chunkgen

import (
	"bytes"
	"os"
	"path/filepath"
)

// MaxPayload is the size above which the fuzz targets leave a payload aside: the slow oracles would take all their time.
const MaxPayload = 1 << 14

// Seeds gives the payloads that the fuzz targets begin with: the first ones of each stream in the folder testdata, the
// vectors of RFC 8259 where a text may stand, each member of the schema, and some of each generator.
func Seeds(testdata string) (payloads [][]byte, err error) {
	files, err := filepath.Glob(filepath.Join(testdata, "*.sse"))
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		stream, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		payloads = append(payloads, firstPayloads(stream, 4)...)
	}
	for _, v := range RFC8259() {
		payloads = append(payloads, []byte(`{"choices":[{"delta":{"content":`+v.Text()+`}}]}`))
	}
	for _, s := range Sites() {
		payloads = append(payloads, []byte(s.With(`"a"`)), []byte(s.With("[1]")))
	}
	for seed := range uint64(20) {
		payloads = append(payloads, NewGen(seed, seed%2 == 0).Payload())
	}
	return payloads, nil
}

// firstPayloads gives the first n payloads of a stream that are short.
func firstPayloads(stream []byte, n int) (list [][]byte) {
	for line := range bytes.Lines(stream) {
		payload, ok := bytes.CutPrefix(line, []byte("data:"))
		if ok && len(payload) < 4096 && len(list) < n {
			list = append(list, bytes.TrimSpace(payload))
		}
	}
	return list
}
