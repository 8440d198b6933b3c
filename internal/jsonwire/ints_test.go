package jsonwire_test

import (
	"encoding/json"
	"math/rand/v2"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed-08fc7208/chatstream/internal/jsonwire"
)

// afterList is as much as has to follow a list.
const afterList = `,"top_logprobs":[]}`

func TestParseInts(t *testing.T) {
	for text, want := range map[string][]int64{
		"[]":                       {},
		"[0]":                      {0},
		"[84,104,101]":             {84, 104, 101},
		"[84, 104, 101]":           {84, 104, 101},
		"[ 84,  104,101]":          {84, 104, 101},
		"[0,10,200,3000]":          {0, 10, 200, 3000},
		"[9999,1000,7]":            {9999, 1000, 7},
		"[1234, 1234]":             {1234, 1234},
		"[1,1234,12,123,3,4567,0]": {1, 1234, 12, 123, 3, 4567, 0},
	} {
		dst := make([]int64, 10)
		for _, from := range []string{"", "1", "[1,2],"} {
			n, end := jsonwire.ParseInts([]byte(from+text+afterList), len(from), dst)
			require.Equal(t, len(from+text), end, text)
			require.Equal(t, want, dst[:n], text)
			requireInts(t, []byte(from+text+afterList), len(from), 10)
		}
	}
}

func TestParseIntsRefuses(t *testing.T) {
	for _, text := range []string{
		"[", "[1", "[1,", "[1,]", "[,]", "[,1]", "[1,,2]", "[1 2]", "[1;2]", "[1}", "[1, ]",
		"[01]", "[00]", "[1,02]", "[1, 03]", "[1,0000001]",
		"[-1]", "[+1]", "[1.0]", "[1e1]", "[1,2.5]", "[1,null]", "[null]", "[\"1\"]", "[[1]]", "[{}]", "[a]", "[1,a]", "[1a]",
		"[/]", "[:]", "[1/]", "[1:]", "[\xb1]", "[1\xb1]", "[1,\xff2]", "[1\xac2]",
		// Not in its reach.
		"[12345]", "[1,12345]", "[1,1234567]", "[12345678]", "[1,123456789]", "[123456789012345678901234567890]", "[1,2,3,4,5,6,7,8,9,10,11]",
		"[1 ]", "[1 ,2]", "[\n1]", "[1,\t2]", "[ ]",
	} {
		_, end := jsonwire.ParseInts([]byte(text+afterList), 0, make([]int64, 10))
		require.Zero(t, end, text)
		requireInts(t, []byte(text+afterList), 0, 10)
		requireInts(t, []byte(text), 0, 10)
	}
}

// TestParseIntsLengths reads lists of each length, with each room after them and each room
// in dst.
func TestParseIntsLengths(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	for _, comma := range []string{",", ", "} {
		for length := range 20 {
			for range 5 {
				list := make([]string, length)
				for i := range list {
					list[i] = strconv.Itoa(int(r.Uint32() % 10_000 >> r.IntN(14)))
				}
				text := []byte("[" + strings.Join(list, comma) + "]" + strings.Repeat("]", 20))
				for after := range 20 {
					requireInts(t, text[:len(text)-after], 0, length)
				}
				for size := range length {
					_, end := jsonwire.ParseInts(text, 0, make([]int64, size))
					require.Zero(t, end, "%s in %d", text, size)
				}
			}
		}
	}
}

// TestParseIntsElements reads each element there is, and each byte after one.
func TestParseIntsElements(t *testing.T) {
	dst := make([]int64, 2)
	for v := range int64(10_000) {
		text := append(strconv.AppendInt([]byte("["), v, 10), ",7]"+afterList...)
		n, end := jsonwire.ParseInts(text, 0, dst)
		if n != 2 || end != len(text)-len(afterList) || dst[0] != v || dst[1] != 7 {
			t.Fatalf("%s: %d, %d, %d", text, n, end, dst)
		}
	}
	for c := range 256 {
		for _, text := range []string{"[" + string([]byte{byte(c)}), "[12" + string([]byte{byte(c)}), "[1,2345" + string([]byte{byte(c)})} {
			requireInts(t, []byte(text+afterList), 0, 10)
			requireInts(t, []byte(text+"7]"+afterList), 0, 10)
		}
	}
}

// anIntList matches the lists that ParseInts has to read.
var anIntList = regexp.MustCompile(`^\[(?:\]|(?: *(?:0|[1-9][0-9]{0,3}),)* *(?:0|[1-9][0-9]{0,3})\])`)

// requireInts compares what ParseInts makes of the list at i with encoding/json.
func requireInts(t *testing.T, b []byte, i, size int) {
	t.Helper()
	list := anIntList.Find(b[i:])
	var want []int64
	if list != nil {
		require.NoError(t, json.Unmarshal(list, &want))
	}
	for _, b := range few(b) {
		dst := make([]int64, size+1)
		dst[size] = -1
		n, end := jsonwire.ParseInts(b, i, dst[:size])
		require.EqualValues(t, -1, dst[size])
		if end == 0 {
			require.Zero(t, n)
			read := list != nil && len(want) <= size && (len(want) == 0 || len(b)-i-len(list) >= 9)
			require.False(t, read, "%q from %d was not read", b, i)
			continue
		}
		if end != i+len(list) || !slices.Equal(want, dst[:n]) {
			t.Fatalf("%q from %d: got %d, %d; want %d, %d", b, i, dst[:n], end, want, i+len(list))
		}
	}
}

// FuzzParseInts compares each list of a text.
func FuzzParseInts(f *testing.F) {
	for _, text := range []string{"[]", "[84,104,101]", "[84, 104, 101]", "[1,02]", "[1234,12345]", "[1,2,3,4,5,6,7,8,9,0,1,2]", "[[1],[2]]"} {
		f.Add([]byte(text+afterList), uint8(10))
	}
	f.Fuzz(func(t *testing.T, b []byte, size uint8) {
		for i, c := range b {
			if c == '[' {
				requireInts(t, b, i, int(size))
			}
		}
	})
}

// BenchmarkParseInts reads lists of token bytes, beside a way that reads them element by
// element. The metric is what an element costs.
func BenchmarkParseInts(b *testing.B) {
	const lists = 256
	r := rand.New(rand.NewPCG(1, 2))
	for _, comma := range []string{",", ", "} {
		var text []byte
		elements := 0
		for range lists {
			list := make([]string, 1+r.IntN(8))
			for i := range list {
				list[i] = strconv.Itoa(97 + r.IntN(26)) // a letter
			}
			list[0] = "32"
			elements += len(list)
			text = append(text, "["+strings.Join(list, comma)+"]"...)
		}
		text = append(text, afterList...)
		dst := make([]int64, elements)
		for name, read := range map[string]func([]byte, int, []int64) (int, int){"ParseInts": jsonwire.ParseInts, "Digits": intsByDigits} {
			b.Run(name+strings.Repeat("/spaces", len(comma)-1), func(b *testing.B) {
				for b.Loop() {
					i, total := 0, 0
					for range lists {
						var n int
						n, i = read(text, i, dst[total:])
						total += n
					}
					if total != elements {
						b.Fatal(total)
					}
				}
				perNumber(b, elements)
			})
		}
	}
}

func intsByDigits(b []byte, i int, dst []int64) (n, end int) {
	for i = jsonwire.SkipSpace(b, i+1); jsonwire.IsNumber(b, i) && n < len(dst); i = jsonwire.SkipSpace(b, i+1) {
		dst[n], end = jsonwire.Digits(b, i)
		n++
		if end == 0 {
			return 0, 0
		}
		if i = jsonwire.SkipSpace(b, end); i < len(b) && b[i] == ']' {
			return n, i + 1
		}
		if i == len(b) || b[i] != ',' {
			return 0, 0
		}
	}
	return 0, 0
}
